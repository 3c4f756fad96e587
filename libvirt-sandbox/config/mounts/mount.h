/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG_MOUNT (gvir_sandbox_config_mount_get_type())
G_DECLARE_DERIVABLE_TYPE(GVirSandboxConfigMount, gvir_sandbox_config_mount, GVIR_SANDBOX, CONFIG_MOUNT, GObject)

/**
 * GVirSandboxConfigMountClass:
 * @parent_class: the parent class
 *
 * The class of #GVirSandboxConfigMount.
 */
struct _GVirSandboxConfigMountClass {
    GObjectClass parent_class;

    /*< private >*/
    gpointer padding[12];
};

const gchar *gvir_sandbox_config_mount_get_target(GVirSandboxConfigMount *config);

void gvir_sandbox_config_mount_set_read_only(GVirSandboxConfigMount *config, gboolean read_only);
gboolean gvir_sandbox_config_mount_get_read_only(GVirSandboxConfigMount *config);

void gvir_sandbox_config_mount_add_include(GVirSandboxConfigMount *config, const gchar *srcpath, const gchar *dstpath);
GHashTable *gvir_sandbox_config_mount_get_includes(GVirSandboxConfigMount *config);

G_END_DECLS
