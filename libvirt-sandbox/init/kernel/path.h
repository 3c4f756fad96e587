/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Paths as texts. */

#include <stdbool.h>

/* The longest path that is read into a buffer of its own, with its null byte. */
#define PATH_SIZE 4096

/* How many names the path has. */
int path_depth(const char *path);
/* Whether two absolute paths differ in nothing but slashes. */
bool path_is_same(const char *a, const char *b);
