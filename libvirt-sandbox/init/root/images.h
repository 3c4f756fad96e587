/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* File systems on block devices. */

#include <stdbool.h>
#include <stdint.h>

struct settings;

/* A mount of the file system on the disk @source, attached nowhere yet; -1 and errno if there is no such disk. */
int image_open(const struct settings *settings, const char *target, const char *source, bool writable,
               uint64_t attributes);
