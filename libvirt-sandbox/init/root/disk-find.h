/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Where a block device is. */

#include <limits.h>
#include <stdbool.h>

/* Stores the path of a block device in the first root in @path; @source is its path, or in a machine its serial
 * number. */
bool disk_find(const char *source, char path[PATH_MAX]);
