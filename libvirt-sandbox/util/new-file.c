/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/new-file-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_TRIED 100

struct _GVirSandboxNewFile {
    gchar *label;
    gchar *directory_path; /* only to see whether it still leads to the directory */
    int directory;
    gchar *name;
    gchar *temporary;
    int fd;
    GMutex lock; /* of the following, between the thread that completes it and the one that abandons it */
    gboolean complete;
    gboolean abandoned;
};

static gboolean
set_errno(const GVirSandboxNewFile *file, int saved_errno, GError **error)
{
    gvir_sandbox_error_set_errno(error, saved_errno, "%s", file->label);
    return FALSE;
}

static gboolean
refuse(const GVirSandboxNewFile *file, GVirSandboxError code, const gchar *why, GError **error)
{
    g_set_error(error, GVIR_SANDBOX_ERROR, code, "%s: %s", file->label, why);
    return FALSE;
}

static void
clear(gpointer data)
{
    GVirSandboxNewFile *file = data;

    if (file->fd >= 0)
        close(file->fd);
    if (file->directory >= 0)
        close(file->directory);
    g_mutex_clear(&file->lock);
    g_free(file->temporary);
    g_free(file->name);
    g_free(file->directory_path);
    g_free(file->label);
}

GVirSandboxNewFile *
gvir_sandbox_new_file_ref(GVirSandboxNewFile *file)
{
    return g_atomic_rc_box_acquire(file);
}

void
gvir_sandbox_new_file_unref(GVirSandboxNewFile *file)
{
    g_atomic_rc_box_release_full(file, clear);
}

const gchar *
gvir_sandbox_new_file_get_label(const GVirSandboxNewFile *file)
{
    return file->label;
}

/* -- Where it will be -- */

static void
split(GVirSandboxNewFile *file, const gchar *path)
{
    const gchar *slash = strrchr(path, '/');

    file->name = g_strdup(slash ? slash + 1 : path);
    if (!slash)
        file->directory_path = g_strdup(".");
    else
        file->directory_path = slash == path ? g_strdup("/") : g_strndup(path, slash - path);
}

static gboolean
check_place(const GVirSandboxNewFile *file, GError **error)
{
    struct stat status;

    if (!*file->name || g_str_equal(file->name, ".") || g_str_equal(file->name, ".."))
        return set_errno(file, EISDIR, error);
    if (faccessat(file->directory, ".", W_OK | X_OK, AT_EACCESS) < 0)
        return set_errno(file, errno, error);
    if (fstatat(file->directory, file->name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT || set_errno(file, errno, error);
    /* Whoever may write there could have made it, also before this run. */
    if (S_ISLNK(status.st_mode))
        return refuse(file, GVIR_SANDBOX_ERROR_INVALID,
                      _("there is a symbolic link, which is not followed; name the file that it leads to"), error);
    if (!S_ISREG(status.st_mode))
        return refuse(file, GVIR_SANDBOX_ERROR_INVALID,
                      _("there is something that is no file, and cannot be replaced by one"), error);
    return TRUE;
}

GVirSandboxNewFile *
gvir_sandbox_new_file_hold(const gchar *label, const gchar *path, GError **error)
{
    g_autoptr(GVirSandboxNewFile) file = g_atomic_rc_box_new0(GVirSandboxNewFile);

    g_mutex_init(&file->lock);
    file->fd = -1;
    file->label = g_strdup(label);
    split(file, path);
    file->directory = open(file->directory_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (file->directory < 0) {
        set_errno(file, errno, error);
        return NULL;
    }
    return check_place(file, error) ? g_steal_pointer(&file) : NULL;
}

/* -- Until it is there -- */

int
gvir_sandbox_new_file_open(GVirSandboxNewFile *file, GError **error)
{
    for (int i = 0; i < NAMES_TRIED; i++) {
        g_free(file->temporary);
        file->temporary = g_strdup_printf("%s.%08x", file->name, g_random_int());
        file->fd = openat(file->directory, file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (file->fd >= 0)
            return file->fd;
        if (errno != EEXIST)
            break;
    }
    set_errno(file, errno, error);
    return -1;
}

static gboolean
is_same(const struct stat *first, const struct stat *second)
{
    return first->st_dev == second->st_dev && first->st_ino == second->st_ino;
}

/* One that looks for the file by its path shall find it. */
static gboolean
directory_is_in_place(const GVirSandboxNewFile *file)
{
    struct stat held, found;

    return fstat(file->directory, &held) == 0 && stat(file->directory_path, &found) == 0 && is_same(&held, &found);
}

/* Who may write in the directory could have put another file under the temporary name. */
static gboolean
name_is_ours(const GVirSandboxNewFile *file)
{
    struct stat written, found;

    return fstat(file->fd, &written) == 0 && fstatat(file->directory, file->name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
           is_same(&written, &found);
}

static gboolean
take_name(GVirSandboxNewFile *file, GError **error)
{
    if (file->abandoned)
        return set_errno(file, ECANCELED, error);
    if (!directory_is_in_place(file))
        return refuse(file, GVIR_SANDBOX_ERROR_FAILED, _("its directory was removed, moved or replaced meanwhile"),
                      error);
    if (renameat(file->directory, file->temporary, file->directory, file->name) < 0)
        return set_errno(file, errno, error);
    file->complete = TRUE;
    return name_is_ours(file) || refuse(file, GVIR_SANDBOX_ERROR_FAILED, _("somebody replaced it meanwhile"), error);
}

/* The name survives a crash, too, or at least a disk that cannot keep it is noticed. */
static gboolean
sync_directory(const GVirSandboxNewFile *file, GError **error)
{
    int fd = openat(file->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL) ? 0 : errno;

    if (fd >= 0)
        close(fd);
    return failed == 0 || set_errno(file, failed, error);
}

gboolean
gvir_sandbox_new_file_complete(GVirSandboxNewFile *file, GError **error)
{
    gboolean named;

    if (fsync(file->fd) < 0)
        return set_errno(file, errno, error);
    g_mutex_lock(&file->lock);
    named = take_name(file, error);
    g_mutex_unlock(&file->lock);
    return named && sync_directory(file, error);
}

void
gvir_sandbox_new_file_abandon(GVirSandboxNewFile *file)
{
    g_mutex_lock(&file->lock);
    if (file->fd >= 0 && !file->complete && !file->abandoned)
        unlinkat(file->directory, file->temporary, 0);
    file->abandoned = TRUE;
    g_mutex_unlock(&file->lock);
}
