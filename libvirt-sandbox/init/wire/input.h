/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The program's standard input, and the keys of its terminal. A stream that is not open takes nothing. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pollfd;

void input_open(unsigned stream, int fd, bool terminal);
void input_grant(unsigned stream);
/* False if the host had no credit for so much. */
bool input_receive(unsigned stream, const uint8_t *data, size_t length);
/* Splices bytes from @socket: how many, 0 if that is not possible now, -1 if there are none. */
ssize_t input_splice(unsigned stream, int socket, size_t length);
void input_end(unsigned stream);
void input_close(unsigned stream);
void input_poll(unsigned stream, struct pollfd *poll);
void input_polled(unsigned stream, const struct pollfd *poll);
void input_queue(unsigned stream);
/* After how many milliseconds to check the input in any case; -1: never. */
int input_timeout(unsigned stream);

/* The host asks to be told when the program waits for input of which there is none. */
void input_ask(unsigned stream);
