/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/overlay/overlay-image-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MKFS "mkfs.ext4"
#define NAME "layers.img"
#define MIB (G_GUINT64_CONSTANT(1) << 20)
#define SIZE_LEAST (16 * MIB)
/* As which mkfs has the image open. */
#define IMAGE_DESCRIPTOR 3
#define IMAGE_PATH "/proc/self/fd/3"
/* Beyond it the file system's own tables take long to make. */
#define SIZE_MOST (1024 * 1024 * MIB)

/* Administrators' programs are not in everybody's PATH, and the system's own comes before what is there. */
static gchar *
find_mkfs(GError **error)
{
    static const gchar *const directories[] = { "/usr/sbin", "/sbin" };
    gchar *path = NULL;

    for (guint i = 0; !path && i < G_N_ELEMENTS(directories); i++) {
        g_autofree gchar *candidate = g_build_filename(directories[i], MKFS, NULL);

        if (g_file_test(candidate, G_FILE_TEST_IS_EXECUTABLE))
            path = g_steal_pointer(&candidate);
    }
    if (!path)
        path = g_find_program_in_path(MKFS);
    if (!path) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("a machine needs %s for it; install e2fsprogs, or let the overlay be without a directory"), MKFS);
        gvir_sandbox_error_set_remedy(error, "overlay-dir");
    }
    return path;
}

/* All that is free now, so that the guest is told when it is full, and not only the host. */
static guint64
find_size(int directory, GError **error)
{
    struct statvfs status;
    guint64 size;

    if (fstatvfs(directory, &status) < 0) {
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
    int fd = mkfs ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    gboolean good = fd >= 0 && find_size(fd, error) > 0;

    if (mkfs && fd < 0)
        gvir_sandbox_error_set_errno(error, errno, _("free space"));
    if (fd >= 0)
        close(fd);
    return good;
}

/*
 * Nobody needs it after a crash, so there is no journal. Its tables are holes, which are zeros. The program is
 * given the open file, which it finds by the name of that.
 */
static gboolean
make_file_system(int fd, GError **error)
{
    g_autofree gchar *mkfs = find_mkfs(error);
    const gchar *arguments[] = {
        mkfs,
        "-q",
        "-F",
        "-b",
        "4096",
        "-m",
        "0",
        "-O",
        "^has_journal,^resize_inode",
        "-E",
        "nodiscard,lazy_itable_init=1,root_owner=0:0",
        IMAGE_PATH,
        NULL,
    };
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_autoptr(GSubprocess) process = NULL;
    g_autofree gchar *message = NULL;

    g_subprocess_launcher_take_fd(launcher, fcntl(fd, F_DUPFD_CLOEXEC, 0), IMAGE_DESCRIPTOR);
    process = mkfs ? g_subprocess_launcher_spawnv(launcher, arguments, error) : NULL;
    if (!process || !g_subprocess_communicate_utf8(process, NULL, NULL, NULL, &message, error))
        return FALSE;
    if (g_subprocess_get_successful(process))
        return TRUE;
    g_strstrip(message)[strcspn(message, "\n")] = '\0';
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_FAILED, "%s: %s", mkfs, message);
    return FALSE;
}

/* It is given away when its file system is made. */
static gboolean
make_file(int fd, guint uid, guint gid, guint64 size, GError **error)
{
    if (ftruncate(fd, (off_t)size) < 0) {
        gvir_sandbox_error_set_errno(error, errno, NAME);
        return FALSE;
    }
    if (!make_file_system(fd, error))
        return FALSE;
    if (uid == 0 || fchown(fd, uid, gid) == 0)
        return TRUE;
    gvir_sandbox_error_set_errno(error, errno, NAME);
    return FALSE;
}

const gchar *
gvir_sandbox_overlay_image_make(int directory, guint uid, guint gid, GError **error)
{
    guint64 size = find_size(directory, error);
    int fd = size == 0 ? -1 : openat(directory, NAME, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    gboolean made;

    if (size > 0 && fd < 0)
        gvir_sandbox_error_set_errno(error, errno, NAME);
    made = fd >= 0 && make_file(fd, uid, gid, size, error);
    if (fd >= 0)
        close(fd);
    return made ? NAME : NULL;
}
