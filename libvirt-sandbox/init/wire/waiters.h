/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Who waits for input. */

#include <stdbool.h>

/*
 * Whether a process of the program waits for what is written to @fd, a pipe or the master of its terminal; true if that
 * cannot be known.
 */
bool somebody_waits_for(int fd);
