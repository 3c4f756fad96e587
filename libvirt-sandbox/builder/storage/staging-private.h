/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/storage/storage-private.h"

/* Copies @includes, from the path below @directory to the path on the host, to where @server can read
 * them. */
gboolean gvir_sandbox_staging_fill(const gchar *directory, GHashTable *includes, const GVirSandboxStorageServer *server,
                                   GError **error);
