/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Whom QEMU runs as, where that is somebody else than us. */
typedef struct {
    guint uid;
    guint gid;
} GVirSandboxClosedReader;

/*
 * Directories of the root @root that @reader, or NULL for ourselves, may not search, each as a path that
 * begins at
 * @root with a slash: those that programs which install something use. No link is followed, and no more is
 * looked at than a start can wait for; the guest asks again what it finds closed.
 */
GPtrArray *gvir_sandbox_closed_directories_find(const gchar *root, const GVirSandboxClosedReader *reader);
