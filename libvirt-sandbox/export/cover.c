/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/export/cover.h"

#include "libvirt-sandbox/export/answer.h"
#include "libvirt-sandbox/export/keep.h"
#include "libvirt-sandbox/export/mount-table.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * What is not to be seen is covered: a directory with an empty one, everything else with a file that nobody
 * may read, neither of which can be written. All of them are on one file system, by whose number what is
 * covered already is known.
 */

#define ATTEMPTS 5

static int covers = -1;
static dev_t covers_device;

void
cover_prepare(const gchar *base)
{
    g_autofree gchar *place = g_build_filename(base, "covers", NULL);
    struct stat status;

    if (mkdir(place, 0700) < 0 || mount("covers", place, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") < 0 ||
        (covers = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 || fstat(covers, &status) < 0)
        export_fail("covers: %s", g_strerror(errno));
    covers_device = status.st_dev;
}

/* Another each time: a guest takes two directories of the same number for one. */
static int
new_cover(gboolean directory, GPtrArray *kept)
{
    struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
    static guint number;
    g_autofree gchar *name = g_strdup_printf("%u", number++);
    int file = -1, cover;

    if (directory ? mkdirat(covers, name, 0555) < 0
                  : (file = openat(covers, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0)) < 0)
        return -1;
    if (file >= 0)
        close(file);
    if (kept && kept->len > 0 && !keep_make_places(covers, name, kept))
        return -1;
    cover = open_tree(covers, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (cover >= 0 && mount_setattr(cover, "", AT_EMPTY_PATH, &read_only, sizeof(read_only)) < 0) {
        close(cover);
        cover = -1;
    }
    return cover;
}

static int
open_in(int tree, const gchar *path, guint64 resolve)
{
    struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = resolve };

    path += strspn(path, "/");
    return (int)syscall(SYS_openat2, tree, *path ? path : ".", &how, sizeof(how));
}

static gboolean
attach(int target, gboolean directory, GPtrArray *kept)
{
    int cover = new_cover(directory, kept);
    int result = cover < 0 ? -1 : move_mount(cover, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    gboolean attached = result == 0 && (!kept || keep_attach(cover, kept));

    if (cover >= 0)
        close(cover);
    return attached;
}

/* @kept: NULL for nothing. */
static void
cover(int target, const gchar *path, GPtrArray *kept)
{
    struct stat status;

    if (fstat(target, &status) < 0 ||
        (status.st_dev != covers_device && !attach(target, S_ISDIR(status.st_mode), kept)))
        export_fail("cover %s: %s", path, g_strerror(errno));
}

static void
go_up(gchar **path)
{
    gchar *parent = g_path_get_dirname(*path);

    g_free(*path);
    *path = parent;
}

/* What is closed to us is closed to QEMU; but it may be opened one day, so what is covered is that which
 * closes it, and @path becomes its path. */
static int
open_nearest(int tree, gchar **path, guint64 resolve)
{
    int target = open_in(tree, *path, resolve);

    while (target < 0 && errno == EACCES && !g_str_equal(*path, "/")) {
        go_up(path);
        target = open_in(tree, *path, resolve);
    }
    return target;
}

static gboolean
is_cover(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && status.st_dev == covers_device;
}

/* Whether the way to @path ends at a cover. */
static gboolean
is_below_cover(int tree, const gchar *path)
{
    g_autofree gchar *nearest = g_strdup(path);
    gboolean covered;
    int target;

    while ((target = open_in(tree, nearest, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS)) < 0 && errno == ENOENT &&
           !g_str_equal(nearest, "/"))
        go_up(&nearest);
    covered = target >= 0 && is_cover(target);
    if (target >= 0)
        close(target);
    return covered;
}

/* FALSE if somebody moves it about. */
static gboolean
cover_mount(int tree, GPtrArray *table, const ExportMount *mount, const gchar *path)
{
    g_autofree gchar *nearest = g_strdup(path);
    gboolean found;
    int target;

    if (mount_table_is_hidden(table, mount))
        return TRUE;
    target = open_nearest(tree, &nearest, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    if (target < 0)
        return errno == ENOENT && is_below_cover(tree, path);
    found = mount_number(target) == mount->id || !g_str_equal(nearest, path);
    if (found)
        cover(target, nearest, NULL);
    close(target);
    return found;
}

/* Upwards, so that each is reached before what it is in is covered. */
static gboolean
try_mounts(int tree, const gchar *place)
{
    GPtrArray *table = mount_table_read();

    for (guint i = table->len; i > 0; i--) {
        const ExportMount *mount = g_ptr_array_index(table, i - 1);
        const gchar *path = path_rest(mount->path, place);

        if (path && *path && !mount->wanted && !cover_mount(tree, table, mount, path))
            return FALSE;
    }
    return TRUE;
}

static void
cover_mounts(int tree, const gchar *place)
{
    for (guint i = 0; i < ATTEMPTS; i++) {
        if (try_mounts(tree, place))
            return;
    }
    export_fail("what is mounted below %s is moved about", place);
}

static gboolean
is_same(int a, int b)
{
    struct stat first, second;

    return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* The same directory or file where its file system is mounted once more in the tree. */
static void
cover_elsewhere(int tree, const gchar *place, GPtrArray *table, const ExportMount *mount, int target)
{
    g_autofree gchar *name = g_strdup_printf("/proc/self/fd/%d", target);
    g_autofree gchar *path = g_file_read_link(name, NULL);
    const gchar *rest = path ? path_rest(path, mount->path) : NULL;
    const gchar *root = g_str_equal(mount->root, "/") ? "" : mount->root;
    g_autofree gchar *inside = rest ? g_strconcat(root, rest, NULL) : NULL;

    for (guint i = 0; inside && i < table->len; i++) {
        const ExportMount *other = g_ptr_array_index(table, i);
        const gchar *below = path_rest(other->path, place);
        const gchar *seen = path_rest(inside, other->root);
        g_autofree gchar *there = below && seen ? g_strconcat(below, seen, NULL) : NULL;
        int found = -1;

        if (there && other != mount && g_str_equal(other->device, mount->device))
            found = open_in(tree, there, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
        if (found >= 0 && is_same(found, target))
            cover(found, there, NULL);
        if (found >= 0)
            close(found);
    }
}

/* As a program that has the tree as its root would find it. What is not there needs no cover. */
static void
cover_path(int tree, const gchar *place, GPtrArray *table, const ExportCover *asked)
{
    g_autofree gchar *nearest = g_strdup(asked->path);
    int target = open_nearest(tree, &nearest, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    gboolean whole = g_str_equal(nearest, asked->path);
    const ExportMount *mount;
    GPtrArray *kept;

    if (target < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
        return;
    if (target < 0)
        export_fail("cover %s: %s", asked->path, g_strerror(errno));
    kept = keep_take(target, whole ? asked->kept : NULL);
    mount = mount_table_find(table, mount_number(target));
    if (mount)
        cover_elsewhere(tree, place, table, mount, target);
    cover(target, nearest, kept);
    close(target);
    g_ptr_array_unref(kept);
}

void
cover_tree(const ExportTree *tree, const gchar *path)
{
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    GPtrArray *table;

    if (fd < 0)
        export_fail("%s: %s", tree->source, g_strerror(errno));
    cover_mounts(fd, path);
    table = mount_table_read();
    for (guint i = 0; i < tree->covers->len; i++)
        cover_path(fd, path, table, g_ptr_array_index(tree->covers, i));
    close(fd);
}
