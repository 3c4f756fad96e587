/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Files of /etc that differ from those of the root. */

#include <stdbool.h>
#include <stddef.h>

/* The file that programs will open, as an O_PATH descriptor; -1 and errno. */
int etc_file_open(const char *path);
/* Mounts a file with @text on @target, which it closes; false and errno. */
bool etc_file_mount(int target, const char *text, size_t length);
