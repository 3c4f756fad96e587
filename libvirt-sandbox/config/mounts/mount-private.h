/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/format/keyfile-private.h"
#include "libvirt-sandbox/config/mounts/mount.h"

/* What the classes of mounts do in their own way; a class calls those of its parent. */
typedef struct {
    gboolean (*parse)(GVirSandboxConfigMount *mount, const gchar *source, gchar **options, GError **error);
    gboolean (*load)(GVirSandboxConfigMount *mount, GVirSandboxKeyfile *file, const gchar *group, GError **error);
    void (*save)(GVirSandboxConfigMount *mount, GKeyFile *file, const gchar *group);
    gboolean (*check)(GVirSandboxConfigMount *mount, GError **error);
    gboolean (*is_temporary)(GVirSandboxConfigMount *mount);
} GVirSandboxConfigMountHooks;

/* They are in the private part of @class, which is one of mounts, so that the public structure does not show them. */
GVirSandboxConfigMountHooks *gvir_sandbox_config_mount_class_get_hooks(gpointer class);

void gvir_sandbox_config_mount_save(GVirSandboxConfigMount *mount, GKeyFile *file, const gchar *group);

/* Messages name the key that is wrong. */
gboolean gvir_sandbox_config_mount_check(GVirSandboxConfigMount *mount, GError **error);

/* Whether what is included is copied to a place that ends with the sandbox. */
gboolean gvir_sandbox_config_mount_is_temporary(GVirSandboxConfigMount *mount);
