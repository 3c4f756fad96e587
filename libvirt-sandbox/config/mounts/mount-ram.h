/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/config/mounts/mount.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG_MOUNT_RAM (gvir_sandbox_config_mount_ram_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxConfigMountRam, gvir_sandbox_config_mount_ram, GVIR_SANDBOX, CONFIG_MOUNT_RAM,
                     GVirSandboxConfigMount)

GVirSandboxConfigMountRam *gvir_sandbox_config_mount_ram_new(const gchar *targetdir, guint64 usage);

void gvir_sandbox_config_mount_ram_set_usage(GVirSandboxConfigMountRam *config, guint64 usage);
guint64 gvir_sandbox_config_mount_ram_get_usage(GVirSandboxConfigMountRam *config);

G_END_DECLS
