/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gconfig/libvirt-gconfig.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG_DISK (gvir_sandbox_config_disk_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxConfigDisk, gvir_sandbox_config_disk, GVIR_SANDBOX, CONFIG_DISK, GObject)

GVirConfigDomainDiskType gvir_sandbox_config_disk_get_disk_type(GVirSandboxConfigDisk *config);
const gchar *gvir_sandbox_config_disk_get_tag(GVirSandboxConfigDisk *config);
const gchar *gvir_sandbox_config_disk_get_source(GVirSandboxConfigDisk *config);
GVirConfigDomainDiskFormat gvir_sandbox_config_disk_get_format(GVirSandboxConfigDisk *config);

G_END_DECLS
