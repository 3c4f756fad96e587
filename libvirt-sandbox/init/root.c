/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEW_ROOT "/sysroot"

static int root_fd = -1;

int
root_open(const char *path)
{
    struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };

    return (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
}

/* Makes the last directory of @path. */
static int
make_directory(char *path)
{
    char *slash = strrchr(path, '/');
    int parent, result;

    *slash = '\0';
    parent = root_open(slash == path ? "/" : path);
    *slash = '/';
    if (parent < 0) {
        return -1;
    }
    result = mkdirat(parent, slash + 1, 0755);
    close(parent);
    return result;
}

int
root_open_directory(const char *path)
{
    char *copy;
    int fd = root_open(path);

    if (fd >= 0 || errno != ENOENT || path[0] != '/') {
        return fd;
    }
    copy = strdup(path);
    if (!copy) {
        return -1;
    }
    for (size_t length = strlen(copy); length > 1 && copy[length - 1] == '/'; length--) {
        copy[length - 1] = '\0';
    }
    for (char *end = copy; *end; *end = '/') {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        if (*end == '\0') {
            break;
        }
        *end = '\0';
        fd = root_open(copy);
        if (fd >= 0) {
            close(fd);
        } else if (errno != ENOENT || make_directory(copy) < 0) {
            free(copy);
            return -1;
        }
    }
    fd = make_directory(copy) < 0 ? -1 : root_open(copy);
    free(copy);
    return fd;
}

int
path_depth(const char *path)
{
    int depth = 0;

    while (*(path += strspn(path, "/"))) {
        path += strcspn(path, "/");
        depth++;
    }
    return depth;
}

static uint64_t
root_attributes(const struct settings *settings)
{
    uint64_t attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;

    return settings->privileged ? attributes : attributes | MOUNT_ATTR_NOSUID;
}

/* What is mounted on a single file stays read-only: an overlay has directories. */
static bool
is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static void
bind_below(const struct settings *settings, const struct guest_directive *directive)
{
    int mount, target;

    if (settings->overlay && is_directory(directive->fields[1])) {
        mount = overlay_new(settings, directive->fields[1], directive->fields[0],
                            root_attributes(settings));
    } else {
        mount = filesystem_clone(AT_FDCWD, directive->fields[1], false, root_attributes(settings));
    }
    if (mount < 0) {
        fail(GUEST_STAGE_ROOT, errno, "file system of %s", directive->fields[0]);
    }
    target = root_open(directive->fields[0]);
    if (target < 0 || filesystem_attach(mount, target) < 0) {
        fail(GUEST_STAGE_ROOT, errno, "file system on %s", directive->fields[0]);
    }
}

static int
compare_depth(const void *a, const void *b)
{
    const struct guest_directive *const *first = a, *const *second = b;

    return path_depth((*first)->fields[0]) - path_depth((*second)->fields[0]);
}

/* The file systems that the host has below its root: with it, and not on top of what is ours. */
static void
bind_all_below(const struct settings *settings)
{
    const struct guest_manifest *manifest = &settings->manifest;
    const struct guest_directive **submounts = calloc(manifest->count, sizeof(*submounts));
    size_t count = 0;

    if (!submounts) {
        fail(GUEST_STAGE_ROOT, ENOMEM, "root");
    }
    for (size_t i = 0; i < manifest->count; i++) {
        if (strcmp(manifest->directives[i].name, "submount") == 0) {
            submounts[count++] = &manifest->directives[i];
        }
    }
    qsort(submounts, count, sizeof(*submounts), compare_depth);
    for (size_t i = 0; i < count; i++) {
        bind_below(settings, submounts[i]);
    }
    free(submounts);
}

void
root_mount(const struct settings *settings)
{
    const struct guest_directive *root = guest_manifest_find(&settings->manifest, "root");
    const char *place = NEW_ROOT;
    int mount, target;

    if (!root) {
        fail(GUEST_STAGE_MANIFEST, 0, "manifest: no root");
    }
    if (strcmp(root->fields[0], "bind") == 0) {
        /* Onto itself: the first root need not be writable. */
        place = root->fields[1];
        mount = filesystem_clone(AT_FDCWD, place, false, root_attributes(settings));
    } else {
        mkdir(NEW_ROOT, 0755);
        mount = filesystem_new(root->fields[0], root->fields[1], root->fields[2],
                               root_attributes(settings));
    }
    if (mount < 0) {
        fail(GUEST_STAGE_ROOT, errno, "root %s %s", root->fields[0], root->fields[1]);
    }
    target = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (target < 0 || filesystem_attach(mount, target) < 0) {
        fail(GUEST_STAGE_ROOT, errno, "root on %s", place);
    }
    if (settings->overlay) {
        mount = overlay_new(settings, place, "/", root_attributes(settings));
        target = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (target < 0 || filesystem_attach(mount, target) < 0) {
            fail(GUEST_STAGE_ROOT, errno, "overlay on %s", place);
        }
    }
    root_fd = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0) {
        fail(GUEST_STAGE_ROOT, errno, "root on %s", place);
    }
    note("root is %s %s", root->fields[0], root->fields[1]);
    bind_all_below(settings);
}

/* From here on the first root can't be reached by any path. */
void
root_enter(const struct settings *settings)
{
    bool done;

    if (fchdir(root_fd) < 0) {
        fail(GUEST_STAGE_ROOT, errno, "root");
    }
    if (settings->machine) {
        /* The first root of a machine can't be unmounted, so it is covered. */
        first_root_clear();
        done = mount(".", "/", NULL, MS_MOVE, NULL) == 0 && chroot(".") == 0;
    } else {
        done = syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0;
    }
    if (!done || chdir("/") < 0) {
        fail(GUEST_STAGE_ROOT, errno, "change of the root");
    }
}
