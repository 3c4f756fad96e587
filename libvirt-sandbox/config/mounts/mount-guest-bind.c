/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/mounts/mount-guest-bind.h"

/**
 * GVirSandboxConfigMountGuestBind:
 *
 * A directory of the sandbox that is to be seen at a second place in it.
 */

struct _GVirSandboxConfigMountGuestBind {
    GVirSandboxConfigMountFile parent_instance;
};

G_DEFINE_FINAL_TYPE(GVirSandboxConfigMountGuestBind, gvir_sandbox_config_mount_guest_bind,
                    GVIR_SANDBOX_TYPE_CONFIG_MOUNT_FILE)

static void
gvir_sandbox_config_mount_guest_bind_class_init(GVirSandboxConfigMountGuestBindClass *class)
{
}

static void
gvir_sandbox_config_mount_guest_bind_init(GVirSandboxConfigMountGuestBind *config)
{
}

/**
 * gvir_sandbox_config_mount_guest_bind_new:
 * @source: absolute path of a directory in the sandbox
 * @targetdir: absolute path of a directory in the sandbox
 *
 * Makes a description of such a mount.
 *
 * Returns: (transfer full): the new mount
 */
GVirSandboxConfigMountGuestBind *
gvir_sandbox_config_mount_guest_bind_new(const gchar *source, const gchar *targetdir)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONFIG_MOUNT_GUEST_BIND, "source", source, "target", targetdir, NULL);
}
