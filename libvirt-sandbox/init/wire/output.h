/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The program's standard output and error, and other streams to the host. */

#include <stdbool.h>
#include <stdint.h>

struct pollfd;

void output_open(unsigned stream, int fd);
void output_credit(unsigned stream, uint32_t bytes);
void output_close(unsigned stream);
void output_poll(unsigned stream, struct pollfd *poll);
void output_polled(unsigned stream, const struct pollfd *poll);
void output_queue(unsigned stream);
bool output_is_done(unsigned stream);
