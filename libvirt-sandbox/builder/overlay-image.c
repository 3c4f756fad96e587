/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/overlay-image-private.h"
#include "libvirt-sandbox/error-private.h"
#include "libvirt-sandbox/i18n-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MKFS "mkfs.ext4"
#define NAME "layers.img"
#define MIB (G_GUINT64_CONSTANT(1) << 20)
#define SIZE_LEAST (16 * MIB)
/* Beyond it the file system's own tables take long to make. */
#define SIZE_MOST (1024 * 1024 * MIB)

/* Administrators' programs are not in everybody's PATH. */
static gchar *
find_mkfs(GError **error)
{
    static const gchar *const directories[] = { "/usr/sbin", "/sbin" };
    gchar *path = g_find_program_in_path(MKFS);

    for (guint i = 0; !path && i < G_N_ELEMENTS(directories); i++) {
        g_autofree gchar *candidate = g_build_filename(directories[i], MKFS, NULL);

        if (g_file_test(candidate, G_FILE_TEST_IS_EXECUTABLE))
            path = g_steal_pointer(&candidate);
    }
    if (!path)
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("a machine needs %s for it; install e2fsprogs, or use --overlay without a directory"),
                    MKFS);
    return path;
}

/* All that is free now, so that the guest is told when it is full, and not only the host. */
static guint64
find_size(const gchar *directory, GError **error)
{
    struct statvfs status;
    guint64 size;

    if (statvfs(directory, &status) < 0) {
        gvir_sandbox_error_set_errno(error, errno, _("free space"));
        return 0;
    }
    size = (guint64)status.f_bavail * status.f_frsize / MIB * MIB;
    if (size >= SIZE_LEAST)
        return MIN(size, SIZE_MOST);
    gvir_sandbox_error_set_errno(error, ENOSPC, _("a machine needs 16 MiB for it"));
    return 0;
}

gboolean
gvir_sandbox_overlay_image_check(const gchar *directory, GError **error)
{
    g_autofree gchar *mkfs = find_mkfs(error);

    return mkfs && find_size(directory, error) > 0;
}

static gboolean
make_file(const gchar *path, guint uid, guint gid, guint64 size, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    gboolean made = fd >= 0 && ftruncate(fd, (off_t)size) == 0 && (uid == 0 || fchown(fd, uid, gid) == 0);
    int saved_errno = errno;

    if (fd >= 0)
        close(fd);
    if (!made)
        gvir_sandbox_error_set_errno(error, saved_errno, NAME);
    return made;
}

/* Nobody needs it after a crash, so there is no journal. Its tables are holes, which are zeros. */
static gboolean
make_file_system(const gchar *path, GError **error)
{
    g_autofree gchar *mkfs = find_mkfs(error);
    const gchar *arguments[] = {
        mkfs, "-q", "-F", "-b", "4096", "-m", "0", "-O", "^has_journal,^resize_inode",
        "-E", "nodiscard,lazy_itable_init=1,root_owner=0:0", path, NULL,
    };
    g_autofree gchar *message = NULL;
    gint status;

    if (!mkfs || !g_spawn_sync(NULL, (gchar **)arguments, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                               &message, &status, error))
        return FALSE;
    if (g_spawn_check_wait_status(status, NULL))
        return TRUE;
    g_strstrip(message)[strcspn(message, "\n")] = '\0';
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_FAILED, "%s: %s", mkfs, message);
    return FALSE;
}

gchar *
gvir_sandbox_overlay_image_make(const gchar *directory, guint uid, guint gid, GError **error)
{
    g_autofree gchar *path = g_build_filename(directory, NAME, NULL);
    guint64 size = find_size(directory, error);

    if (size == 0 || !make_file(path, uid, gid, size, error) || !make_file_system(path, error))
        return NULL;
    return g_steal_pointer(&path);
}
