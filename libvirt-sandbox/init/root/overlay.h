/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What makes the root writable without writing to it, and keeps a container away from the host's inodes. */

#include <stddef.h>
#include <stdint.h>

struct settings;

struct overlay_layer {
    const char *target; /* of the program's root, without a slash at the start */
    int lower;
    int upper;
};

int overlay_new(const struct settings *settings, const char *lower, const char *target, uint64_t attributes);
int overlay_new_read_only(const char *lower, uint64_t attributes);
size_t overlay_layers(const struct overlay_layer **first);
