/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/overlay-layer-private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <unistd.h>

/* An overlay without an upper layer wants two lower ones, and neither may be in the other. */
#define OTHER_LAYER "/sys/kernel"

/* Those of nearly all mounts, for which nothing need be tried. */
static gboolean
is_known(const gchar *path)
{
    struct statfs status;

    return statfs(path, &status) < 0 || status.f_type == EXT4_SUPER_MAGIC || status.f_type == XFS_SUPER_MAGIC ||
           status.f_type == BTRFS_SUPER_MAGIC || status.f_type == TMPFS_MAGIC ||
           status.f_type == SQUASHFS_MAGIC;
}

static gboolean
is_refused(int layer, int other)
{
    g_autofree gchar *layers = g_strdup_printf("/proc/self/fd/%d:/proc/self/fd/%d", layer, other);
    int context = fsopen("overlay", FSOPEN_CLOEXEC);
    gboolean refused;

    if (context < 0)
        return errno == ENODEV;
    refused = fsconfig(context, FSCONFIG_SET_STRING, "lowerdir", layers, 0) < 0 ||
              fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0;
    close(context);
    return refused;
}

gboolean
gvir_sandbox_overlay_layer_is_possible(const gchar *path)
{
    int layer = is_known(path) ? -1 : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int other = layer < 0 ? -1 : open(OTHER_LAYER, O_PATH | O_DIRECTORY | O_CLOEXEC);
    gboolean possible = other < 0 || !is_refused(layer, other);

    if (other >= 0)
        close(other);
    if (layer >= 0)
        close(layer);
    return possible;
}
