/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/mounts/mount-host-bind.h"

#include "libvirt-sandbox/config/mounts/mount-private.h"

/**
 * GVirSandboxConfigMountHostBind:
 *
 * A directory of the host that is to be seen in the sandbox.
 */

struct _GVirSandboxConfigMountHostBind {
    GVirSandboxConfigMountFile parent_instance;
};

G_DEFINE_FINAL_TYPE(GVirSandboxConfigMountHostBind, gvir_sandbox_config_mount_host_bind,
                    GVIR_SANDBOX_TYPE_CONFIG_MOUNT_FILE)

static gboolean
host_bind_is_temporary(GVirSandboxConfigMount *mount)
{
    const gchar *source = gvir_sandbox_config_mount_file_get_source(GVIR_SANDBOX_CONFIG_MOUNT_FILE(mount));

    return !source || !*source;
}

/* Without a source it is a new temporary directory, so only what is there is checked. */
static gboolean
host_bind_check(GVirSandboxConfigMount *mount, GError **error)
{
    gpointer file_class = gvir_sandbox_config_mount_host_bind_parent_class;

    if (host_bind_is_temporary(mount))
        file_class = g_type_class_peek_parent(file_class);
    return gvir_sandbox_config_mount_class_get_hooks(file_class)->check(mount, error);
}

static void
gvir_sandbox_config_mount_host_bind_class_init(GVirSandboxConfigMountHostBindClass *class)
{
    GVirSandboxConfigMountHooks *hooks = gvir_sandbox_config_mount_class_get_hooks(class);

    hooks->check = host_bind_check;
    hooks->is_temporary = host_bind_is_temporary;
}

static void
gvir_sandbox_config_mount_host_bind_init(GVirSandboxConfigMountHostBind *config)
{
}

/**
 * gvir_sandbox_config_mount_host_bind_new:
 * @source: (nullable): absolute path of a directory on the host; empty or %NULL for a new temporary one
 * @targetdir: absolute path of a directory in the sandbox
 *
 * Makes a description of such a mount.
 *
 * Returns: (transfer full): the new mount
 */
GVirSandboxConfigMountHostBind *
gvir_sandbox_config_mount_host_bind_new(const gchar *source, const gchar *targetdir)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONFIG_MOUNT_HOST_BIND, "source", source, "target", targetdir, NULL);
}
