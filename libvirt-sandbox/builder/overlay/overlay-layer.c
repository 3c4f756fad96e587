/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/overlay/overlay-layer-private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

/* An overlay without an upper layer wants two lower ones, and neither may be in the other. */
#define OTHER_LAYER "/sys/kernel"

/* Those of nearly all mounts, for which nothing need be tried. */
static gboolean
is_known(int layer)
{
    struct statfs status;

    return fstatfs(layer, &status) < 0 || status.f_type == EXT4_SUPER_MAGIC || status.f_type == XFS_SUPER_MAGIC ||
           status.f_type == BTRFS_SUPER_MAGIC || status.f_type == TMPFS_MAGIC || status.f_type == SQUASHFS_MAGIC;
}

static gboolean
is_directory(int layer)
{
    struct stat status;

    return fstat(layer, &status) == 0 && S_ISDIR(status.st_mode);
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
gvir_sandbox_overlay_layer_is_possible(int layer)
{
    gboolean is_tried = is_directory(layer) && !is_known(layer);
    int other = is_tried ? open(OTHER_LAYER, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    gboolean possible = other < 0 || !is_refused(layer, other);

    if (other >= 0)
        close(other);
    return possible;
}
