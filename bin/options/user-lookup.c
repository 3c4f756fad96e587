/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/options/user-lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define USERS_PATH "etc/passwd"
/* As many bytes of users as are read; 100,000 users have half of it. */
#define USERS_SIZE_MAX (16 << 20)

static gboolean
fail(GError **error, const gchar *name, const gchar *why)
{
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, "switchto %s: %s", name, why);
    return FALSE;
}

/* Opens @path as it is meant below @root: no symbolic link leads out of there. */
static int
open_in_root(const gchar *root, const gchar *path)
{
    struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
    int directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = directory < 0 ? -1 : (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
    int saved_errno = errno;

    if (directory >= 0)
        close(directory);
    errno = saved_errno;
    return fd;
}

/* Opens for reading what @path_fd is, which must be a file: opening a device or a FIFO would already do
 * something to it. Closes @path_fd. */
static int
reopen_file(int path_fd, gchar **reason)
{
    g_autofree gchar *path = g_strdup_printf("/proc/self/fd/%d", path_fd);
    struct stat status;
    int fd = -1;

    if (fstat(path_fd, &status) == 0 && !S_ISREG(status.st_mode))
        *reason = g_strdup(_("not a regular file"));
    else if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) < 0)
        *reason = g_strdup(g_strerror(errno));
    close(path_fd);
    return fd;
}

/* All that is in @fd, which somebody else may make longer at any time; closes it. */
static GByteArray *
read_users(int fd, gchar **reason)
{
    g_autoptr(GByteArray) users = g_byte_array_new();
    guint8 piece[65536];
    gssize count = 1;

    while (count > 0 && users->len <= USERS_SIZE_MAX) {
        count = read(fd, piece, sizeof piece);
        if (count > 0)
            g_byte_array_append(users, piece, (guint)count);
        else if (count < 0)
            *reason = g_strdup(g_strerror(errno));
    }
    close(fd);
    if (users->len > USERS_SIZE_MAX)
        *reason = g_strdup_printf(_("longer than %d MiB"), USERS_SIZE_MAX >> 20);
    return *reason ? NULL : g_steal_pointer(&users);
}

static struct passwd *
find_entry(const GByteArray *users, const gchar *name)
{
    FILE *file = users->len > 0 ? fmemopen(users->data, users->len, "r") : NULL;
    struct passwd *entry = NULL;

    while (file && (entry = fgetpwent(file)) && !g_str_equal(entry->pw_name, name))
        ;
    if (file)
        fclose(file);
    return entry;
}

/* The root may be anybody's: what it has in place of the file is looked at before it is opened. */
static struct passwd *
find_user(const gchar *root, const gchar *name, gchar **reason)
{
    g_autofree gchar *problem = NULL;
    g_autoptr(GByteArray) users = NULL;
    struct passwd *entry;
    int fd = open_in_root(root, USERS_PATH);

    if (fd < 0)
        problem = g_strdup(g_strerror(errno));
    else if ((fd = reopen_file(fd, &problem)) >= 0)
        users = read_users(fd, &problem);
    if (!users) {
        *reason = g_strdup_printf("%s/" USERS_PATH ": %s", root, problem);
        return NULL;
    }
    entry = find_entry(users, name);
    if (!entry)
        *reason = g_strdup_printf(_("no such user in %s"), root);
    return entry;
}

/* The host's directory that the program will see as its root, or NULL where that is in an image. */
static gchar *
find_root(GVirSandboxConfig *config)
{
    g_autofree gchar *root = g_strdup(gvir_sandbox_config_get_root(config));
    GList *mounts = gvir_sandbox_config_get_mounts(config);

    for (GList *link = mounts; link; link = link->next) {
        const gchar *target = gvir_sandbox_config_mount_get_target(link->data);

        if (target[strspn(target, "/.")] != '\0')
            continue;
        g_clear_pointer(&root, g_free);
        if (GVIR_SANDBOX_IS_CONFIG_MOUNT_HOST_BIND(link->data))
            root = g_strdup(gvir_sandbox_config_mount_file_get_source(link->data));
    }
    g_list_free_full(mounts, g_object_unref);
    return g_steal_pointer(&root);
}

gboolean
user_lookup_apply(GVirSandboxConfig *config, const gchar *name, GError **error)
{
    g_autofree gchar *root = find_root(config);
    g_autofree gchar *reason = NULL;
    struct passwd *entry;

    if (!root)
        return fail(error, name, _("the root is not a directory in which users can be looked up"));
    entry = g_str_equal(root, "/") ? getpwnam(name) : find_user(root, name, &reason);
    if (!entry)
        return fail(error, name, reason ? reason : _("no such user"));
    gvir_sandbox_config_set_userid(config, entry->pw_uid);
    gvir_sandbox_config_set_groupid(config, entry->pw_gid);
    gvir_sandbox_config_set_username(config, entry->pw_name);
    gvir_sandbox_config_set_homedir(config, g_path_is_absolute(entry->pw_dir) ? entry->pw_dir : "/");
    gvir_sandbox_config_set_privileged(config, FALSE);
    return TRUE;
}
