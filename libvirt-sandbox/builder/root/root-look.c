/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/root/root-look-private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
open_below(int directory, const gchar *path, guint64 flags, guint64 resolve)
{
    struct open_how how = { .flags = flags | O_PATH | O_CLOEXEC, .resolve = resolve };

    path += strspn(path, "/");
    return (int)syscall(SYS_openat2, directory, *path ? path : ".", &how, sizeof(how));
}

static void
close_keeping_errno(int fd)
{
    int saved_errno = errno;

    if (fd >= 0)
        close(fd);
    errno = saved_errno;
}

static int
open_in(const gchar *root, const gchar *path, guint64 flags)
{
    int directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = directory < 0 ? -1 : open_below(directory, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);

    close_keeping_errno(directory);
    return fd;
}

gboolean
gvir_sandbox_root_may_have(const gchar *root, const gchar *path)
{
    int fd = root ? open_in(root, path, O_NOFOLLOW) : -1;
    gboolean missing = root && fd < 0 && (errno == ENOENT || errno == ENOTDIR);

    close_keeping_errno(fd);
    return !missing;
}

gboolean
gvir_sandbox_root_has_below(const gchar *root, const gchar *base, const gchar *path)
{
    int directory = root ? open_in(root, base, O_DIRECTORY) : -1;
    int fd = directory < 0 ? -1 : open_below(directory, path, O_NOFOLLOW, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

    close_keeping_errno(directory);
    close_keeping_errno(fd);
    return fd >= 0;
}

static gchar *
name_of(int fd)
{
    g_autofree gchar *link = g_strdup_printf("/proc/self/fd/%d", fd);

    return g_file_read_link(link, NULL);
}

/* Where @fd, which it closes, is below @root. */
static gchar *
path_in(const gchar *root, int fd)
{
    int directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    g_autofree gchar *base = directory < 0 ? NULL : name_of(directory);
    g_autofree gchar *path = name_of(fd);
    gsize length = base && !g_str_equal(base, "/") ? strlen(base) : 0;
    gboolean below = base && path && strncmp(path, base, length) == 0 && (path[length] == '/' || !path[length]);

    close_keeping_errno(directory);
    close_keeping_errno(fd);
    return below ? g_strdup(path + length) : NULL;
}

gchar *
gvir_sandbox_root_resolve(const gchar *root, const gchar *path)
{
    g_autofree gchar *nearest = g_strdup(path);
    g_autofree gchar *found = NULL;
    int fd = root ? open_in(root, nearest, 0) : -1;

    while (root && fd < 0 && errno == ENOENT && strrchr(nearest, '/') != nearest) {
        *strrchr(nearest, '/') = '\0';
        fd = open_in(root, nearest, 0);
    }
    found = fd < 0 ? NULL : path_in(root, fd);
    return found ? g_strconcat(found, path + strlen(nearest), NULL) : g_strdup(path);
}
