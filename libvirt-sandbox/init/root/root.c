/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/root/root.h"

#include "libvirt-sandbox/guest/manifest.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/kernel/modules.h"
#include "libvirt-sandbox/init/root/closed.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/root/images.h"
#include "libvirt-sandbox/init/root/overlay.h"
#include "libvirt-sandbox/init/kernel/path.h"
#include "libvirt-sandbox/init/kernel/room.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/users.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define NEW_ROOT "/sysroot"

static int root_fd = -1;
/* Whether writes of the program to its root go to the host. */
static bool root_is_written;
/* Mount points that are made in this file system belong to the program's user. */
static struct {
    bool is_set;
    dev_t device;
    uid_t uid;
    gid_t gid;
} owned;

int
root_open(const char *path)
{
    return filesystem_open_in_root(root_fd, path, O_PATH, 0);
}

static uint64_t
mount_id(int fd)
{
    struct statx status;

    return statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) < 0 ? 0 : status.stx_mnt_id;
}

/* Whether @fd is the root itself, and not the same directory in another mount. */
static bool
is_root(int fd)
{
    struct stat status, root;

    return fstat(fd, &status) == 0 && fstat(root_fd, &root) == 0 && status.st_dev == root.st_dev &&
           status.st_ino == root.st_ino && mount_id(fd) == mount_id(root_fd);
}

/* Opens the deepest existing directory of @path, which does not end in a slash. */
static int
open_nearest(const char *path)
{
    char *copy = strdup(path);
    char *slash;
    int fd;

    if (!copy) {
        return -1;
    }
    while ((fd = root_open(*copy ? copy : "/")) < 0 && errno == ENOENT && (slash = strrchr(copy, '/'))) {
        *slash = '\0';
    }
    free(copy);
    return fd;
}

int
root_make_room(const char *path)
{
    int nearest = root_open(path);
    struct statvfs status;
    int room;

    if (nearest >= 0) {
        close(nearest);
        return 0;
    }
    if (errno != ENOENT) {
        return -1;
    }
    nearest = open_nearest(path);
    if (nearest < 0) {
        return -1;
    }
    if (fstatvfs(nearest, &status) < 0) {
        int error = errno;

        close(nearest);
        errno = error;
        return -1;
    }
    if (!(status.f_flag & ST_RDONLY)) {
        close(nearest);
        return 0;
    }
    room = room_make(nearest);
    if (room >= 0 && is_root(nearest)) {
        root_fd = room;
    }
    close(nearest);
    return room < 0 ? -1 : 0;
}

void
root_set_owner_on(dev_t device, uid_t uid, gid_t gid)
{
    owned.device = device;
    owned.uid = uid;
    owned.gid = gid;
    owned.is_set = true;
}

static bool
set_owner(int directory, const char *name)
{
    struct stat status;

    if (!owned.is_set || fstat(directory, &status) < 0 || status.st_dev != owned.device) {
        return true;
    }
    return fchownat(directory, name, owned.uid, owned.gid, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Makes the last part of @path. */
static int
make_last(char *path, bool directory)
{
    char *slash = strrchr(path, '/');
    int parent, result;

    *slash = '\0';
    parent = root_open(slash == path ? "/" : path);
    *slash = '/';
    if (parent < 0) {
        return -1;
    }
    if (directory) {
        result = mkdirat(parent, slash + 1, 0755);
    } else {
        result = openat(parent, slash + 1, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (result >= 0) {
            close(result);
        }
    }
    if (result >= 0 && !set_owner(parent, slash + 1)) {
        result = -1;
    }
    close(parent);
    return result < 0 ? -1 : 0;
}

/* Makes all that is missing of @path, whose last part is a directory or a file. */
static int
make_all(char *path, bool directory)
{
    for (char *end = path; *end; *end = '/') {
        int fd;

        end += 1 + strcspn(end + 1, "/");
        if (*end == '\0') {
            return make_last(path, directory);
        }
        *end = '\0';
        fd = root_open(path);
        if (fd >= 0) {
            close(fd);
        } else if (errno != ENOENT || make_last(path, true) < 0) {
            return -1;
        }
    }
    return 0;
}

int
root_open_target(const char *path, bool directory)
{
    int fd = root_open(path);
    char *copy;

    if (fd >= 0 || errno != ENOENT) {
        return fd;
    }
    if (root_make_room(path) < 0) {
        return -1;
    }
    copy = strdup(path);
    fd = copy && make_all(copy, directory) == 0 ? root_open(path) : -1;
    free(copy);
    return fd;
}

int
root_open_directory(const char *path)
{
    return root_open_target(path, true);
}

bool
root_leads_to(const char *path, int mount)
{
    int fd = root_open(path);
    uint64_t id = fd < 0 ? 0 : mount_id(fd);

    if (fd >= 0) {
        close(fd);
    }
    return id != 0 && id == mount_id(mount);
}

/* Opens the directory with that path, and does not follow a link to another place. */
static int
open_without_links(const char *path)
{
    int fd = filesystem_open_in_root(root_fd, path, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);

    if (fd >= 0 || errno != ENOENT) {
        return fd;
    }
    if (root_make_room(path) < 0 || (mkdirat(root_fd, path + 1, 0755) < 0 && errno != EEXIST)) {
        return -1;
    }
    return filesystem_open_in_root(root_fd, path, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
}

/* A process that may write to the root's directory can exchange its entries at any moment. Then the mount, with all
 * that protects it, is at another place than @path, and the program is not started. */
void
root_attach(int mount, const char *path)
{
    uint64_t id = mount_id(mount);
    int place = open_without_links(path);

    if (place < 0 && errno == ELOOP) {
        fail(GUEST_STAGE_MOUNTS, 0, "mount %s: it is a symbolic link in the root", path);
    }
    if (place < 0 || filesystem_attach(mount, place) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount %s", path);
    }
    place = open_without_links(path);
    if (place < 0 || id == 0 || mount_id(place) != id) {
        fail(GUEST_STAGE_MOUNTS, 0, "mount %s: the root was changed meanwhile", path);
    }
    close(place);
}

static uint64_t
root_attributes(const struct settings *settings)
{
    uint64_t attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;

    return settings->privileged ? attributes : attributes | MOUNT_ATTR_NOSUID;
}

/* A file system that is mounted on a file stays read-only, because an overlay needs a directory. */
static bool
is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Mounts @lower through an overlay as @target of the root; -1 if it is to be shown without one. */
static int
open_overlay(const struct settings *settings, const char *lower, const char *target)
{
    int mount;

    if (settings->overlay) {
        return overlay_new(settings, lower, target, root_attributes(settings));
    }
    if (settings->machine) {
        return -1;
    }
    mount = overlay_new_read_only(lower, root_attributes(settings));
    if (mount < 0) {
        log_debug("no overlay of %s, whose own inodes are in reach: %s", target, strerror(errno));
    }
    return mount;
}

/* Replaces @source in the first root by a mount with mapped users; a layer or a mount is then taken from there. Files
 * whose owners cannot be mapped belong to users of the host who do not exist in the container. */
static void
show_source(const struct settings *settings, int source, const char *below)
{
    int mount = users_map_mount(filesystem_clone(source, "", false, root_attributes(settings)));

    if (mount < 0 && (errno == EINVAL || errno == EPERM)) {
        mount = filesystem_clone(source, "", false, root_attributes(settings));
    }
    if (mount < 0 || filesystem_attach(mount, source) < 0) {
        fail(GUEST_STAGE_ROOT, errno, "users of %s", below);
    }
}

/* libvirt has looked up the path again, and whoever can write to a directory above could make it find something else.
 * So the device and inode are compared. */
static bool
has_identity(const struct stat *status, const char *identity)
{
    char found[64];

    snprintf(found, sizeof(found), GUEST_SUBMOUNT_IDENTITY, major(status->st_dev), minor(status->st_dev),
             (unsigned long long)status->st_ino);
    return *identity == '\0' || strcmp(found, identity) == 0;
}

/* Why @source cannot be put on @target, or NULL. */
static const char *
find_difference(int source, int target, const char *identity)
{
    struct stat shown, covered;

    if (target < 0) {
        return "its mount point is gone";
    }
    if (fstat(source, &shown) < 0 || fstat(target, &covered) < 0) {
        return strerror(errno);
    }
    if (!has_identity(&shown, identity)) {
        return "the host has another there by now";
    }
    return S_ISDIR(shown.st_mode) == S_ISDIR(covered.st_mode) ? NULL : "its mount point is no more what it was";
}

static int
open_mount_point(const char *below)
{
    int target = filesystem_open_in_root(root_fd, below, O_PATH, RESOLVE_NO_SYMLINKS);

    if (target < 0 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
        fail(GUEST_STAGE_ROOT, errno, "file system on %s", below);
    }
    return target;
}

static int
open_submount(const struct settings *settings, const char *source, const char *below)
{
    int mount = is_directory(source) ? open_overlay(settings, source, below) : -1;

    return mount >= 0 ? mount : filesystem_clone(AT_FDCWD, source, false, root_attributes(settings));
}

/* A file system that the host changes meanwhile is left out, so that nobody who may change it can prevent a container
 * from starting. */
static void
bind_submount(const struct settings *settings, const struct guest_directive *directive)
{
    const char *below = directive->fields[0], *place = directive->fields[1];
    int source = open(place, O_PATH | O_CLOEXEC);
    int target = open_mount_point(below);
    const char *change;
    int mount;

    if (source < 0) {
        fail(GUEST_STAGE_ROOT, errno, "file system of %s", below);
    }
    change = find_difference(source, target, directive->fields[2]);
    if (change) {
        log_debug("left out the file system on %s: %s", below, change);
        close(source);
        close(target);
        return;
    }
    show_source(settings, source, below);
    mount = open_submount(settings, place, below);
    if (mount < 0) {
        fail(GUEST_STAGE_ROOT, errno, "file system of %s", below);
    }
    if (filesystem_attach(mount, target) < 0) {
        if (errno != ENOENT) {
            fail(GUEST_STAGE_ROOT, errno, "file system on %s", below);
        }
        log_debug("left out the file system on %s: its mount point was removed", below);
    }
}

static int
compare_depth(const void *a, const void *b)
{
    const struct guest_directive *const *first = a, *const *second = b;

    return path_depth((*first)->fields[0]) - path_depth((*second)->fields[0]);
}

/* Mounts the file systems that the host has below its root before the sandbox's own, so that they do not cover those.
 */
static void
bind_submounts(const struct settings *settings)
{
    const struct guest_manifest *manifest = &settings->manifest;
    const struct guest_directive **submounts = calloc(manifest->count, sizeof(*submounts));
    const struct guest_directive *submount = NULL;
    size_t count = 0;

    if (!submounts) {
        fail(GUEST_STAGE_ROOT, ENOMEM, "root");
    }
    while ((submount = guest_manifest_next(manifest, GUEST_WORD_SUBMOUNT, submount))) {
        submounts[count++] = submount;
    }
    qsort(submounts, count, sizeof(*submounts), compare_depth);
    for (size_t i = 0; i < count; i++) {
        bind_submount(settings, submounts[i]);
    }
    free(submounts);
}

/* Opens the root as a mount, and returns the directory of the first root to attach it to. */
static int
open_source(const struct settings *settings, const struct guest_directive *root, const char **place)
{
    uint64_t attributes = root_attributes(settings);

    if (root_is_written) {
        attributes &= ~(uint64_t)MOUNT_ATTR_RDONLY;
    }
    if (strcmp(root->fields[0], "bind") == 0) {
        /* Attaches it to itself, because the first root may be read-only. */
        *place = root->fields[1];
        return users_map_mount(filesystem_clone(AT_FDCWD, *place, false, attributes));
    }
    *place = NEW_ROOT;
    mkdir(NEW_ROOT, 0755);
    if (strcmp(root->fields[0], "image") == 0) {
        return users_map_mount(image_open(settings, "/", root->fields[1], root_is_written, attributes));
    }
    return filesystem_new(root->fields[0], root->fields[1], root->fields[2], attributes);
}

/* A root that is writable without an overlay is shown as it is. So is an image, because nobody else has its inodes. */
static void
cover_root(const struct settings *settings, const char *place)
{
    bool as_it_is = root_is_written || strcmp(place, NEW_ROOT) == 0;
    int mount = settings->overlay || !as_it_is ? open_overlay(settings, place, "/") : -1;
    int target;

    if (mount < 0) {
        return;
    }
    target = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (target < 0 || filesystem_attach(mount, target) < 0) {
        fail(GUEST_STAGE_ROOT, errno, "overlay on %s", place);
    }
}

void
root_mount(const struct settings *settings)
{
    const struct guest_directive *root = guest_manifest_find(&settings->manifest, GUEST_WORD_ROOT);
    const char *place;
    int mount, target;

    root_is_written = strcmp(root->fields[3], "rw") == 0;
    mount = open_source(settings, root, &place);
    if (mount < 0) {
        fail(GUEST_STAGE_ROOT, errno, "root %s %s", root->fields[0], root->fields[1]);
    }
    target = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (target < 0 || filesystem_attach(mount, target) < 0) {
        fail(GUEST_STAGE_ROOT, errno, "root on %s", place);
    }
    cover_root(settings, place);
    root_fd = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0) {
        fail(GUEST_STAGE_ROOT, errno, "root on %s", place);
    }
    log_debug("root is %s %s", root->fields[0], root->fields[1]);
    if (settings->machine && !settings->overlay && !root_is_written) {
        closed_cover_all(settings, root_fd);
    }
    bind_submounts(settings);
}

/* Writes the root back to the host when the program has ended, as it is done for mounts. */
void
root_write_back(void)
{
    int fd = root_is_written ? open("/", O_RDONLY | O_CLOEXEC) : -1;

    if (root_is_written && (fd < 0 || syncfs(fd) < 0)) {
        fail(GUEST_STAGE_MOUNTS, errno, "write back /");
    }
    if (fd >= 0) {
        close(fd);
    }
}

/* After this, no path leads to the first root. */
void
root_enter(const struct settings *settings)
{
    bool done;

    if (fchdir(root_fd) < 0) {
        fail(GUEST_STAGE_ROOT, errno, "root");
    }
    if (settings->machine) {
        /* The first root of a machine can't be unmounted, so it is covered. */
        first_root_clear(settings);
        done = mount(".", "/", NULL, MS_MOVE, NULL) == 0 && chroot(".") == 0;
    } else {
        done = syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0;
    }
    if (!done || chdir("/") < 0) {
        fail(GUEST_STAGE_ROOT, errno, "change of the root");
    }
}
