/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/config/mounts/mount.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG_MOUNT_FILE (gvir_sandbox_config_mount_file_get_type())
G_DECLARE_DERIVABLE_TYPE(GVirSandboxConfigMountFile, gvir_sandbox_config_mount_file, GVIR_SANDBOX, CONFIG_MOUNT_FILE,
                         GVirSandboxConfigMount)

/**
 * GVirSandboxConfigMountFileClass:
 * @parent_class: the parent class
 *
 * The class of #GVirSandboxConfigMountFile.
 */
struct _GVirSandboxConfigMountFileClass {
    GVirSandboxConfigMountClass parent_class;

    gpointer padding[8];
};

void gvir_sandbox_config_mount_file_set_source(GVirSandboxConfigMountFile *config, const gchar *source);
const gchar *gvir_sandbox_config_mount_file_get_source(GVirSandboxConfigMountFile *config);

G_END_DECLS
