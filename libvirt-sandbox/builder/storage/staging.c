/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/storage/staging-private.h"
#include "libvirt-sandbox/guest/tree-copy.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opens the directory that the last part of @target goes to, and makes it if need be; *@name is that part,
 * empty for the whole. */
static int
open_parent(int top, gchar **parts, const GVirSandboxStorageServer *server, const gchar **name)
{
    int directory = fcntl(top, F_DUPFD_CLOEXEC, 0);

    *name = "";
    for (guint i = 0; parts[i] && directory >= 0; i++) {
        int next;

        if (!*parts[i] || g_str_equal(parts[i], "."))
            continue;
        if (**name) {
            if (mkdirat(directory, *name, 0755) == 0 && server->uid != 0 &&
                fchownat(directory, *name, server->uid, server->gid, AT_SYMLINK_NOFOLLOW) < 0)
                errno = 0;
            next = openat(directory, *name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            close(directory);
            directory = next;
        }
        *name = parts[i];
    }
    return directory;
}

/* What is included for the mount's own directory is put into it. */
static gboolean
copy_content(struct tree_copy *copy, const gchar *source, int to)
{
    int from = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean copied = from >= 0 && tree_copy_entries(copy, from, to);
    int saved_errno = errno;

    if (from >= 0)
        close(from);
    errno = saved_errno;
    return copied;
}

static gboolean
set_copy_error(const struct tree_copy *copy, const gchar *source, int saved_errno, GError **error)
{
    g_autofree gchar *path = g_strconcat(source, copy->failed, NULL);
    g_autofree gchar *shown = gvir_sandbox_text_show(path);

    if (saved_errno == EOPNOTSUPP)
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("include %s: neither a file, a directory, a symbolic link nor a pipe"), shown);
    else
        gvir_sandbox_error_set_errno(error, saved_errno, _("include %s"), shown);
    return FALSE;
}

static gboolean
stage(int top, const gchar *target, const gchar *source, const GVirSandboxStorageServer *server, GError **error)
{
    struct tree_copy copy = { .set_owner = server->uid != 0, .uid = server->uid, .gid = server->gid };
    g_auto(GStrv) parts = g_strsplit(target, "/", -1);
    const gchar *name;
    int parent = open_parent(top, parts, server, &name);
    gboolean copied;
    int saved_errno;

    if (parent < 0)
        copied = FALSE;
    else if (*name)
        copied = tree_copy(&copy, AT_FDCWD, source, true, parent, name);
    else
        copied = copy_content(&copy, source, parent);
    saved_errno = errno;
    if (parent >= 0)
        close(parent);
    return copied || set_copy_error(&copy, source, saved_errno, error);
}

gboolean
gvir_sandbox_staging_fill(const gchar *directory, GHashTable *includes, const GVirSandboxStorageServer *server,
                          GError **error)
{
    /* A parent before what goes into it, so that the order of a table says nothing. */
    g_autoptr(GList) targets = g_list_sort(g_hash_table_get_keys(includes), (GCompareFunc)g_strcmp0);
    int top = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean filled = TRUE;

    if (top < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", directory);
        return FALSE;
    }
    for (GList *link = targets; link && filled; link = link->next)
        filled = stage(top, link->data, g_hash_table_lookup(includes, link->data), server, error);
    close(top);
    return filled;
}
