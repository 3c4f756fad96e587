/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The life of the program, and the conversation with the host about it. */

struct settings;

void session_send_hello(void);
void session_run(const struct settings *settings);
