/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* System calls for sockets that the filter of a container leaves to init. */

#include <stdbool.h>

struct pollfd;
struct settings;

/* In the child: applies the filter, and sends its listener to @socket. */
bool socket_calls_filter(const struct settings *settings, int socket);
/* Receives the listener from the other end, which it closes. */
void socket_calls_receive(int socket);
void socket_calls_poll(struct pollfd *poll);
void socket_calls_polled(const struct settings *settings, const struct pollfd *poll);
