/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gconfig/libvirt-gconfig.h>
#include <libvirt-sandbox/config/mounts/mount-file.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG_MOUNT_HOST_IMAGE (gvir_sandbox_config_mount_host_image_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxConfigMountHostImage, gvir_sandbox_config_mount_host_image, GVIR_SANDBOX,
                     CONFIG_MOUNT_HOST_IMAGE, GVirSandboxConfigMountFile)

GVirSandboxConfigMountHostImage *gvir_sandbox_config_mount_host_image_new(const gchar *source, const gchar *targetdir,
                                                                          GVirConfigDomainDiskFormat format);

GVirConfigDomainDiskFormat gvir_sandbox_config_mount_host_image_get_format(GVirSandboxConfigMountHostImage *config);

G_END_DECLS
