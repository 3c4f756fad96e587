/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What of a machine's root QEMU's user may not read, as the program sees it. */

#include "libvirt-sandbox/init/changes/changes.h"

/* Of a directory in an upper layer: what is below it in the lower one is not seen. */
#define OVERLAY_OPAQUE "trusted.overlay.opaque"

/* Before it is mounted: directories that are closed are in its upper layer, empty, and files of passwords
 * that are closed are there without any. */
void closed_prepare_layer(const struct settings *settings, int lower, int upper);
/* In a root that is only read: empty ones cover them. */
void closed_cover_all(const struct settings *settings, int root);

/* For who tells what changed. Whether the directory at that path of an upper layer hides what is really there. */
bool closed_is_shown_empty(const char *path, const struct stat *status);
/* Whether the file at that path of the root, without a slash at the start, has come from what was made up. */
bool closed_is_made_up(const char *path);
