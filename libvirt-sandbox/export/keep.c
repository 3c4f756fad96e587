/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/export/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * What of a covered directory is to be seen all the same: its mount is taken from there first, and put on a
 * directory of the cover. A symbolic link is made anew; no link is followed.
 */

typedef struct {
    const gchar *path;
    int mount; /* -1: it is a link */
    mode_t type;
    gchar *link; /* where it leads */
} Kept;

static void
kept_free(gpointer data)
{
    Kept *kept = data;

    if (kept->mount >= 0)
        close(kept->mount);
    g_free(kept->link);
    g_free(kept);
}

static int
open_below(int directory, const gchar *path)
{
    struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
                            .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };

    return (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
}

/* FALSE if it is gone, or nothing that can be kept. */
static gboolean
take(Kept *kept, int found)
{
    gchar target[PATH_MAX];
    struct stat status;
    ssize_t length;

    if (fstat(found, &status) < 0)
        return FALSE;
    kept->type = status.st_mode & S_IFMT;
    if (kept->type == S_IFLNK) {
        length = readlinkat(found, "", target, sizeof(target));
        kept->link = length > 0 && length < (ssize_t)sizeof(target) ? g_strndup(target, (gsize)length) : NULL;
        return kept->link != NULL;
    }
    kept->mount = open_tree(found, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
    return kept->mount >= 0;
}

GPtrArray *
keep_take(int target, GPtrArray *paths)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(kept_free);

    for (guint i = 0; paths && i < paths->len; i++) {
        int found = open_below(target, g_ptr_array_index(paths, i));
        Kept *kept = g_new0(Kept, 1);

        kept->path = g_ptr_array_index(paths, i);
        kept->mount = -1;
        if (found >= 0 && take(kept, found))
            g_ptr_array_add(all, kept);
        else
            kept_free(kept);
        if (found >= 0)
            close(found);
    }
    return all;
}

static gboolean
make_place(int directory, const Kept *kept, const gchar *name)
{
    int file;

    if (kept->link)
        return symlinkat(kept->link, directory, name) == 0;
    if (kept->type == S_IFDIR)
        return mkdirat(directory, name, 0555) == 0;
    file = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
    if (file >= 0)
        close(file);
    return file >= 0;
}

/* Nobody but us can write there. */
static gboolean
make_place_and_parents(int top, const Kept *kept)
{
    g_auto(GStrv) names = g_strsplit(kept->path, "/", -1);
    int directory = fcntl(top, F_DUPFD_CLOEXEC, 0);
    guint i = 0;
    gboolean made;

    for (; directory >= 0 && names[i] && names[i + 1]; i++) {
        int next = -1;

        if (mkdirat(directory, names[i], 0555) == 0 || errno == EEXIST)
            next = openat(directory, names[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(directory);
        directory = next;
    }
    made = directory >= 0 && names[i] && (make_place(directory, kept, names[i]) || errno == EEXIST);
    if (directory >= 0)
        close(directory);
    return made;
}

gboolean
keep_make_places(int covers, const gchar *name, GPtrArray *kept)
{
    int top = openat(covers, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    gboolean made = top >= 0;

    for (guint i = 0; made && i < kept->len; i++)
        made = make_place_and_parents(top, g_ptr_array_index(kept, i));
    if (top >= 0)
        close(top);
    return made;
}

gboolean
keep_attach(int cover, GPtrArray *all)
{
    for (guint i = 0; i < all->len; i++) {
        const Kept *kept = g_ptr_array_index(all, i);
        int place, result;

        if (kept->mount < 0)
            continue;
        place = open_below(cover, kept->path);
        result =
            place < 0 ? -1 : move_mount(kept->mount, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
        if (place >= 0)
            close(place);
        if (result < 0)
            return FALSE;
    }
    return TRUE;
}
