/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A service's output, on its way to the guest's console. A console that nobody reads never blocks the program: then
 * only the newest part of the output is kept. */

struct pollfd;

/* @fd: the source of the output; not blocking. */
void console_open(int fd);
void console_poll(struct pollfd *from, struct pollfd *to);
/* Forwards as much as is possible without waiting. */
void console_forward(void);
/* After the last writer is gone: gives the rest of the output a moment to arrive. */
void console_flush(void);
