/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/storage/storage-private.h"

/* How a machine knows the directories that QEMU shows it: by a tag of the root, and by tags of the binds and includes
 * of a storage by their numbers. */
#define GVIR_SANDBOX_MACHINE_ROOT_TAG "root"
gchar *gvir_sandbox_machine_export_bind_tag(guint number);
gchar *gvir_sandbox_machine_export_include_tag(guint number);
gboolean gvir_sandbox_machine_export_bind_is_read_only(const GVirSandboxStorageBind *bind);
