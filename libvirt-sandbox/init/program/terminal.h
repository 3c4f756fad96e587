/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The program's terminal. If it controls a session, that is the one of process 1. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settings;

#define TERMINAL_GROUP 5

struct terminal {
    int master;
    int slave;
};

void terminal_open(struct terminal *terminal, const struct settings *settings);
void terminal_resize(int master, uint16_t rows, uint16_t columns);
void terminal_hang_up(int master);
/* The characters that mean the end of input to a reader of the terminal; none in raw mode. */
size_t terminal_end_of_input(int master, bool in_line, uint8_t characters[2]);
