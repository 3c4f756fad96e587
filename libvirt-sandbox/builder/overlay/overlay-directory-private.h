/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/storage/storage-private.h"

/*
 * The layers of an overlay in a directory of the host, where they are not in memory: in a new directory
 * in it, which goes with the state directory. One sandbox of a user at a time has the directory; no other
 * user can exchange it, nor the program write in it.
 */
typedef struct {
    gchar *path;    /* the new directory */
    int descriptor; /* of it, locked */
} GVirSandboxOverlayDirectory;

/* Says what can be known wrong before anything is made; nothing without an overlay in a directory. */
gboolean gvir_sandbox_overlay_directory_check(GVirSandboxConfig *config, GError **error);
/* Whether the kernel can have layers there itself. */
gboolean gvir_sandbox_overlay_directory_check_layers(GVirSandboxConfig *config, GError **error);
/* Whether a file system for them can be made there. */
gboolean gvir_sandbox_overlay_directory_check_image(GVirSandboxConfig *config, GError **error);

/* For who serves files to the guest; NULL without an error if the overlay is not in a directory. */
GVirSandboxOverlayDirectory *gvir_sandbox_overlay_directory_new(GVirSandboxConfig *config, const gchar *statedir,
                                                                const GVirSandboxStorageServer *server, GError **error);
void gvir_sandbox_overlay_directory_free(GVirSandboxOverlayDirectory *directory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxOverlayDirectory, gvir_sandbox_overlay_directory_free)

/* Adds a file with a new file system in it, for as much as there is room for, to the images of @storage. */
gboolean gvir_sandbox_overlay_directory_add_image(const GVirSandboxOverlayDirectory *directory,
                                                  const GVirSandboxStorageServer *server, GVirSandboxStorage *storage,
                                                  GError **error);
