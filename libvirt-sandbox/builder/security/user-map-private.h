/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/storage/storage-private.h"
#include "libvirt-sandbox/guest/manifest.h"

/*
 * The users of a container are none of the host's: its init shows the host's files with the owners that they have,
 * and to the kernel these are other users. Not every kernel and file system can do that, and a sandbox has it for
 * its root and all mounts that were asked for, or not at all. What the host has mounted below the root is there by
 * chance: where that cannot be mapped, its files are shown as those of users that the container does not have.
 */

/* Why the users of a container that shows the files at @paths and in @images would be the host's own; NULL where
 * they would not. @images: of #GVirSandboxStorageImage. */
gchar *gvir_sandbox_user_map_find_obstacle(GVirSandboxConfig *config, const gchar *const *paths,
                                           const GPtrArray *images);

/* The same for all that @config names. */
gchar *gvir_sandbox_user_map_find_obstacle_in_config(GVirSandboxConfig *config);

/* Which of the file systems below its root these are, "PATH, PATH…" as seen from there; NULL: none. */
gchar *gvir_sandbox_user_map_find_unmapped(GVirSandboxConfig *config);

/* Writes a map that is another for each sandbox, as far as there are enough. */
void gvir_sandbox_user_map_append(struct guest_manifest_text *text);
