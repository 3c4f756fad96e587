/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/export/export-private.h"

/* The paths in the tree of the root, whose directory is @root, that a machine is not to see. */
GPtrArray *gvir_sandbox_export_covers_of_root(const GVirSandboxExportRequest *request, const gchar *root);
/* The same for a directory that is mounted. */
GPtrArray *gvir_sandbox_export_covers_of_bind(const GVirSandboxExportRequest *request,
                                              const GVirSandboxStorageBind *bind);
