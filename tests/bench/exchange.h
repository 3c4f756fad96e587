/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Bytes sent to something that sends them back, timed: the same measurement for a command's pipes and for a
 * machine's bare channel. What comes back wrong ends the program.
 */

#include <stdbool.h>
#include <stddef.h>

/* What is written and read at once: the payload of a frame. */
#define EXCHANGE_CHUNK 65536

/* One byte there and back, until when the other side may be starting. */
void exchange_wait(int out, int in);
/* Seconds from the first of @size bytes sent to the last one back. */
double exchange_stream(int out, int in, size_t size);
/* The median of microseconds that one byte takes there and back, @count times. */
double exchange_bytes(int out, int in, size_t count);

/* "stream MIB" or "bytes COUNT", as the command lines have it: prints the figure. False if it is neither. */
bool exchange_run(int out, int in, const char *kind, const char *amount);
