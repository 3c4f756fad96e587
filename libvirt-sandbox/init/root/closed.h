/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Directories of a machine's root that QEMU's user may not read, as the program sees them. */

#include <stdbool.h>

struct settings;
struct stat;

/* Marks a directory in an upper layer: the content of the lower one is not seen. */
#define OVERLAY_OPAQUE "trusted.overlay.opaque"

/* To be called before the overlay is mounted. Puts closed directories, empty, into its upper layer, and files of
 * passwords that are closed, without any password. */
void closed_prepare_layer(const struct settings *settings, int lower, int upper);
/* To be called when the overlay is mounted. When the kernel first looks up a directory that is in both layers, it marks
 * the one in the upper layer, which changes its time. Makes that happen before the program starts, so that a directory
 * which the program only looks into is not reported as changed. */
void closed_finish_layer(int overlay);
/* In a read-only root, covers closed directories with empty ones. */
void closed_cover_all(const struct settings *settings, int root);

/* For the report of changes: whether the directory at @path of an upper layer was made by closed_prepare_layer(). */
bool closed_is_shown_empty(const char *path, const struct stat *status);
/* For the report of changes: whether the file at @path of the root, without a slash at the start, is a made-up file of
 * passwords or a copy of one. */
bool closed_is_made_up(const char *path);
