/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Messages on the guest's console. */

/* Makes sure that descriptors 0 to 2 are open. */
void log_open(void);
void log_enable_debug(void);
/* Prints a line if the sandbox was started with debugging. */
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints a line in any case. */
void log_message(const char *format, ...) __attribute__((format(printf, 1, 2)));
