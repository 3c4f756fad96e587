/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/kernel/filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RENAME_TRIES 1000

/* Closes @fd and keeps errno. */
static int
close_failed(int fd)
{
    int error = errno;

    close(fd);
    errno = error;
    return -1;
}

static int
set_option(int context, char *option)
{
    char *value = strchr(option, '=');

    if (!value) {
        return fsconfig(context, FSCONFIG_SET_FLAG, option, NULL, 0);
    }
    *value++ = '\0';
    return fsconfig(context, FSCONFIG_SET_STRING, option, value, 0);
}

/* Opens @path below the directory, without following links, as an O_PATH descriptor. */
int
filesystem_open(int directory, const char *path)
{
    struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };

    return (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
}

/* "key=value,flag,…" */
static int
set_options(int context, const char *options)
{
    char *copy = strdup(options);
    char *rest = copy;
    char *option;
    int result = copy ? 0 : -1;

    while (result == 0 && (option = strsep(&rest, ","))) {
        if (*option) {
            result = set_option(context, option);
        }
    }
    free(copy);
    return result;
}

/* Makes a new mount of a file system, attached nowhere yet. */
int
filesystem_new(const char *type, const char *source, const char *options, uint64_t attributes)
{
    int context = fsopen(type, FSOPEN_CLOEXEC);
    int mount;

    if (context < 0) {
        return -1;
    }
    if (fsconfig(context, FSCONFIG_SET_STRING, "source", source, 0) < 0 || set_options(context, options) < 0 ||
        fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) {
        return close_failed(context);
    }
    mount = fsmount(context, FSMOUNT_CLOEXEC, (unsigned)attributes);
    if (mount < 0) {
        return close_failed(context);
    }
    close(context);
    return mount;
}

/* Makes a bind mount of @path below @directory, attached nowhere yet. It has these attributes and those of the mount
 * that it is taken from. */
int
filesystem_clone(int directory, const char *path, bool recursive, uint64_t attributes)
{
    struct mount_attr change = { .attr_set = attributes };
    unsigned subtree = recursive ? AT_RECURSIVE : 0;
    int mount = open_tree(directory, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | subtree);

    if (mount < 0) {
        return -1;
    }
    if (mount_setattr(mount, "", AT_EMPTY_PATH | subtree, &change, sizeof(change)) < 0) {
        return close_failed(mount);
    }
    return mount;
}

/* Attaches @mount to @target, and closes both. */
int
filesystem_attach(int mount, int target)
{
    int result = move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    int error = errno;

    close(mount);
    close(target);
    errno = error;
    return result;
}

/* EAGAIN: the kernel does not follow a ".." while something is renamed, anywhere on the host. */
int
filesystem_open_in_root(int root, const char *path, uint64_t flags, uint64_t resolve)
{
    struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = resolve | RESOLVE_IN_ROOT };
    int fd = -1;

    for (int tries = 0; tries < RENAME_TRIES; tries++) {
        fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
        if (fd >= 0 || errno != EAGAIN) {
            break;
        }
    }
    return fd;
}

bool
filesystem_copy_attributes(int from, int to)
{
    struct stat status;
    struct timespec times[2];

    if (fstat(from, &status) < 0) {
        return false;
    }
    times[0] = status.st_atim;
    times[1] = status.st_mtim;
    return fchown(to, status.st_uid, status.st_gid) == 0 && fchmod(to, status.st_mode & 07777) == 0 &&
           futimens(to, times) == 0;
}
