/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/export/answer.h"
#include "libvirt-sandbox/export/cover.h"
#include "libvirt-sandbox/export/namespace.h"
#include "libvirt-sandbox/export/request.h"
#include "libvirt-sandbox/guest/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Makes the trees that QEMU shows a machine, each a copy of mounts of the host in which is covered what is
 * not the machine's to see, and holds them: they are in the root of this process, in a directory of the name
 * that the request says, and QEMU comes to them by /proc/PID/root. Standard input is a socket to who asked:
 * first comes the request, and its end ends this process. The answer is "ok", or why not, a line.
 */

/* Each is covered by the new file system for the time in which the trees are made. */
static const gchar *const bases[] = { "/tmp", "/sys", NULL };

/* All of them before anything is mounted over one. */
static void
copy_mounts(const ExportRequest *request)
{
    for (guint i = 0; i < request->trees->len; i++) {
        ExportTree *tree = g_ptr_array_index(request->trees, i);

        struct stat status;

        tree->mount = open_tree(AT_FDCWD, tree->source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
        if (tree->mount < 0 || fstat(tree->mount, &status) < 0)
            export_fail("%s: %s", tree->source, g_strerror(errno));
        tree->is_file = S_ISREG(status.st_mode);
        if (!tree->is_file && !S_ISDIR(status.st_mode))
            export_fail("%s: neither a directory nor a file", tree->source);
    }
}

static const gchar *
make_base(void)
{
    const gchar *const *base = bases;

    while (*base && mount("export", *base, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0711") < 0)
        base++;
    if (!*base)
        export_refuse("file system for the trees: %s", g_strerror(errno));
    return *base;
}

/* Nothing in it does anything to the host; QEMU reads and writes files only. */
static void
limit(const ExportTree *tree)
{
    struct mount_attr attributes = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };

    if (tree->read_only)
        attributes.attr_set |= MOUNT_ATTR_RDONLY;
    if (mount_setattr(tree->mount, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof(attributes)) < 0)
        export_fail("%s: %s", tree->source, g_strerror(errno));
}

/* A file is shown as the only one of a directory, in which nothing else can be made. */
static void
make_file_tree(const ExportTree *tree, const gchar *path)
{
    struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };
    g_autofree gchar *file = g_build_filename(path, GUEST_FILE_NAME, NULL);
    int fd = -1, around = -1;

    if (mkdir(path, 0755) < 0 || (fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0 ||
        (around = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)) < 0 ||
        mount_setattr(around, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) < 0 ||
        move_mount(around, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
        move_mount(tree->mount, "", AT_FDCWD, file, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        export_fail("%s: %s", tree->source, g_strerror(errno));
    close(fd);
    close(around);
}

static void
make_tree(const ExportTree *tree, const gchar *directory)
{
    g_autofree gchar *path = g_build_filename(directory, tree->name, NULL);

    limit(tree);
    if (tree->is_file) {
        make_file_tree(tree, path);
        return;
    }
    if (mkdir(path, 0755) < 0 || move_mount(tree->mount, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        export_fail("%s: %s", tree->source, g_strerror(errno));
    cover_tree(tree, path);
}

static void
make_trees(const ExportRequest *request, const gchar *base)
{
    g_autofree gchar *directory = g_build_filename(base, request->directory, NULL);

    if (mkdir(directory, 0755) < 0)
        export_fail("%s: %s", directory, g_strerror(errno));
    cover_prepare(base);
    for (guint i = 0; i < request->trees->len; i++)
        make_tree(g_ptr_array_index(request->trees, i), directory);
}

static void
hold(void)
{
    static const gchar answer[] = "ok\n";
    gchar byte;
    ssize_t count = write(STDIN_FILENO, answer, strlen(answer));

    while (count > 0 || (count < 0 && errno == EINTR))
        count = read(STDIN_FILENO, &byte, 1);
}

int
main(void)
{
    const ExportRequest *request = request_read(STDIN_FILENO);
    const gchar *base;

    umask(0);
    namespace_enter();
    copy_mounts(request);
    base = make_base();
    make_trees(request, base);
    namespace_change_root(base);
    namespace_lock(request);
    hold();
    return 0;
}
