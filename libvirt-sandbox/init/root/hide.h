/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Files and directories that the program must not see. */

#include <stdbool.h>

struct settings;

/* Covers @target, which it closes; @path is its name in messages. False if it is hidden already. */
bool hide_descriptor(int target, const char *path);
void hide_all(const struct settings *settings);
