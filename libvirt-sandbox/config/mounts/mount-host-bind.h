/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/config/mounts/mount-file.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG_MOUNT_HOST_BIND (gvir_sandbox_config_mount_host_bind_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxConfigMountHostBind, gvir_sandbox_config_mount_host_bind, GVIR_SANDBOX,
                     CONFIG_MOUNT_HOST_BIND, GVirSandboxConfigMountFile)

GVirSandboxConfigMountHostBind *gvir_sandbox_config_mount_host_bind_new(const gchar *source, const gchar *targetdir);

G_END_DECLS
