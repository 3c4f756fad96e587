/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/boot-cache-entry-private.h"

#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/file-write-private.h"
#include "libvirt-sandbox/util/trusted-directory-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Written last: a line "LENGTH NAME" for each file. */
#define COMPLETE "complete"
#define COMPLETE_SIZE_MAX 4096

/* -1 with errno. */
static int
open_directory(const gchar *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static gboolean
list_files(const gchar *path, int directory, GString *list, GError **error)
{
    g_autoptr(GDir) files = g_dir_open(path, 0, NULL);
    const gchar *name;

    while (files && (name = g_dir_read_name(files))) {
        struct stat status;

        if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0 || fchmodat(directory, name, 0644, 0) < 0) {
            gvir_sandbox_error_set_errno(error, errno, "%s/%s", path, name);
            return FALSE;
        }
        g_string_append_printf(list, "%" G_GUINT64_FORMAT " %s\n", (guint64)status.st_size, name);
    }
    return TRUE;
}

gboolean
gvir_sandbox_boot_cache_complete(const gchar *path, GError **error)
{
    g_autoptr(GString) list = g_string_new(NULL);
    g_autofree gchar *complete = g_build_filename(path, COMPLETE, NULL);
    int directory = open_directory(path);
    gboolean written;

    if (directory < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", path);
        return FALSE;
    }
    written = list_files(path, directory, list, error) &&
              gvir_sandbox_file_write(complete, 0644, list->str, list->len, error);
    fchmod(directory, 0755);
    close(directory);
    return written;
}

static gboolean
is_as_written_down(int directory, const gchar *line)
{
    struct stat status;
    gchar *name;
    guint64 length = g_ascii_strtoull(line, &name, 10);

    return name != line && name[0] == ' ' && name[1] != '\0' && !strchr(name + 1, '/') &&
           fstatat(directory, name + 1, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
           (guint64)status.st_size == length;
}

static gboolean
holds_what_was_written_down(int directory)
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

gboolean
gvir_sandbox_boot_cache_is_whole(const gchar *path)
{
    int directory = open_directory(path);
    struct stat status;
    gboolean whole;

    if (directory < 0)
        return FALSE;
    whole = fstat(directory, &status) == 0 && gvir_sandbox_trusted_file_check(&status, path, NULL) &&
            holds_what_was_written_down(directory);
    /* Tells when it was used last. */
    if (whole)
        futimens(directory, NULL);
    close(directory);
    return whole;
}

void
gvir_sandbox_boot_cache_empty(const gchar *path)
{
    int fd = open_directory(path);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    while (directory && (entry = readdir(directory)))
        unlinkat(fd, entry->d_name, 0);
    if (directory)
        closedir(directory);
    else if (fd >= 0)
        close(fd);
}

void
gvir_sandbox_boot_cache_remove(const gchar *path)
{
    gvir_sandbox_boot_cache_empty(path);
    g_remove(path);
}
