/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot-cache-entry-private.h"

#include "libvirt-sandbox/builder/file-write-private.h"
#include "libvirt-sandbox/error-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Written last: a line "LENGTH NAME" for each file. */
#define COMPLETE "complete"
#define COMPLETE_SIZE_MAX 4096

static gboolean
is_still_there(const gchar *path, int fd)
{
    struct stat opened, there;

    return fstat(fd, &opened) == 0 && stat(path, &there) == 0 && opened.st_ino == there.st_ino &&
           opened.st_dev == there.st_dev;
}

int
gvir_sandbox_boot_cache_lock(const gchar *path, gboolean exclusive)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int saved_errno;

    if (fd < 0)
        return -1;
    if (TEMP_FAILURE_RETRY(flock(fd, exclusive ? LOCK_EX | LOCK_NB : LOCK_SH)) == 0) {
        /* It may have been renamed or removed before it was locked. */
        if (is_still_there(path, fd))
            return fd;
        errno = ENOENT;
    }
    saved_errno = errno;
    close(fd);
    errno = saved_errno;
    return -1;
}

void
gvir_sandbox_boot_cache_share(int lock)
{
    TEMP_FAILURE_RETRY(flock(lock, LOCK_SH));
}

static gboolean
list_files(const gchar *path, int directory, GString *list, GError **error)
{
    g_autoptr(GDir) files = g_dir_open(path, 0, NULL);
    const gchar *name;

    while (files && (name = g_dir_read_name(files))) {
        struct stat status;

        if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
            fchmodat(directory, name, 0644, 0) < 0) {
            gvir_sandbox_error_set_errno(error, errno, "%s/%s", path, name);
            return FALSE;
        }
        g_string_append_printf(list, "%" G_GUINT64_FORMAT " %s\n", (guint64)status.st_size, name);
    }
    return TRUE;
}

gboolean
gvir_sandbox_boot_cache_complete(const gchar *path, int directory, GError **error)
{
    g_autoptr(GString) list = g_string_new(NULL);
    g_autofree gchar *complete = g_build_filename(path, COMPLETE, NULL);

    if (!list_files(path, directory, list, error) ||
        !gvir_sandbox_file_write(complete, 0644, list->str, list->len, error))
        return FALSE;
    fchmod(directory, 0755);
    return TRUE;
}

static gboolean
is_as_written_down(int directory, const gchar *line)
{
    struct stat status;
    gchar *name;
    guint64 length = g_ascii_strtoull(line, &name, 10);

    return name != line && name[0] == ' ' && name[1] != '\0' && !strchr(name + 1, '/') &&
           fstatat(directory, name + 1, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(status.st_mode) && (guint64)status.st_size == length;
}

gboolean
gvir_sandbox_boot_cache_is_whole(int directory)
{
    gchar text[COMPLETE_SIZE_MAX];
    int fd = openat(directory, COMPLETE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    gssize length = fd < 0 ? -1 : TEMP_FAILURE_RETRY(read(fd, text, sizeof(text) - 1));
    gboolean whole = length > 0 && text[length - 1] == '\n';
    gchar *rest = text;
    gchar *line;

    if (fd >= 0)
        close(fd);
    if (!whole)
        return FALSE;
    text[length] = '\0';
    while (whole && (line = strsep(&rest, "\n")) && rest)
        whole = is_as_written_down(directory, line);
    return whole;
}

void
gvir_sandbox_boot_cache_empty(const gchar *path)
{
    g_autoptr(GDir) files = g_dir_open(path, 0, NULL);
    const gchar *name;

    while (files && (name = g_dir_read_name(files))) {
        g_autofree gchar *file = g_build_filename(path, name, NULL);

        g_unlink(file);
    }
}

void
gvir_sandbox_boot_cache_remove(const gchar *path)
{
    gvir_sandbox_boot_cache_empty(path);
    g_rmdir(path);
}
