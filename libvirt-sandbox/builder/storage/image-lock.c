/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/storage/image-lock-private.h"
#include "libvirt-sandbox/util/file-lock-private.h"
#include "libvirt-sandbox/util/text-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/*
 * As in QEMU's block/file-posix.c: for everything that one who has the image open may do, he holds a shared
 * lock on one byte from 100 on, and for everything that he suffers nobody else to do, one on a byte from
 * 200 on.
 */
#define MAY_BASE 100
#define ALONE_BASE 200

enum {
    MAY_READ = 1 << 0,
    MAY_WRITE = 1 << 1,
    MAY_RESIZE = 1 << 3,
    PERMISSIONS_END = 4,
};

static gboolean
lock_all(int fd, guint may, guint alone)
{
    for (guint i = 0; i < PERMISSIONS_END; i++) {
        if (((may & 1u << i) && !gvir_sandbox_file_lock(fd, F_RDLCK, MAY_BASE + i)) ||
            ((alone & 1u << i) && !gvir_sandbox_file_lock(fd, F_RDLCK, ALONE_BASE + i)))
            return FALSE;
    }
    return TRUE;
}

/* After our own locks are set, so that of two at the same time at least one sees the other. */
static gboolean
is_free(int fd, guint may, guint alone)
{
    for (guint i = 0; i < PERMISSIONS_END; i++) {
        if (((may & 1u << i) && gvir_sandbox_file_lock_of_others(fd, ALONE_BASE + i) != F_UNLCK) ||
            ((alone & 1u << i) && gvir_sandbox_file_lock_of_others(fd, MAY_BASE + i) != F_UNLCK))
            return FALSE;
    }
    return TRUE;
}

gboolean
gvir_sandbox_image_lock(const gchar *path, gboolean read_only, int *fd, GError **error)
{
    const guint may = read_only ? MAY_READ : MAY_READ | MAY_WRITE;
    const guint alone = MAY_WRITE | MAY_RESIZE;
    g_autofree gchar *shown = gvir_sandbox_text_show(path);
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    gboolean locked;

    if (opened < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", shown);
        return FALSE;
    }
    locked = (!fd || lock_all(opened, may, alone)) && is_free(opened, may, alone);
    if (!locked)
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_BUSY,
                    read_only ? _("%s: another sandbox or virtual machine writes to this image")
                              : _("%s: another sandbox or virtual machine uses this image; "
                                  "only what is mounted ro by all can be shared"),
                    shown);
    if (locked && fd)
        *fd = opened;
    else
        close(opened);
    return locked;
}
