/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/root/etc-file.h"

#include "libvirt-sandbox/init/root/devices.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/kernel/path.h"
#include "libvirt-sandbox/init/root/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* Files of /etc that differ from those of the root. */

#define LINKS_MAX 8

/* Makes the file in /dev, which is the sandbox's own, and removes its name there. */
bool
etc_file_mount(int target, const char *text, size_t length)
{
    static const char name[] = ".etc-file";
    int directory = devices_directory();
    int file = openat(directory, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    ssize_t written = file < 0 ? -1 : write(file, text, length);
    bool done = false;
    int mount, error;

    if (written >= 0 && (size_t)written < length) {
        errno = ENOSPC;
    } else if (written >= 0) {
        mount = filesystem_clone(directory, name, false, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
        done = mount >= 0 && filesystem_attach(mount, target) == 0;
    }
    error = errno;
    if (file >= 0) {
        close(file);
        unlinkat(directory, name, 0);
    }
    errno = error;
    return done;
}

static bool
split(const char *path, char directory[], const char **name)
{
    const char *slash = strrchr(path, '/');

    if (!slash || slash[1] == '\0') {
        return false;
    }
    snprintf(directory, PATH_SIZE, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    *name = slash + 1;
    return true;
}

/* Replaces @path by the target of the link that it is; false if it is not a link. */
static bool
follow(char path[PATH_SIZE])
{
    char directory[PATH_SIZE], target[PATH_SIZE], next[2 * PATH_SIZE];
    const char *name;
    ssize_t count;
    int fd;

    if (!split(path, directory, &name)) {
        return false;
    }
    fd = root_open(directory);
    if (fd < 0) {
        return false;
    }
    count = readlinkat(fd, name, target, sizeof(target) - 1);
    close(fd);
    if (count <= 0) {
        return false;
    }
    target[count] = '\0';
    snprintf(next, sizeof(next), "%s/%s", *target == '/' ? "" : directory, target);
    if (strlen(next) >= PATH_SIZE) {
        return false;
    }
    strcpy(path, next);
    return true;
}

/* Creates the target of a dangling link: often it leads into /run, which is empty here. */
int
etc_file_open(const char *file_path)
{
    char path[PATH_SIZE], directory[PATH_SIZE];
    const char *name;
    int target = root_open(file_path);
    int parent, file;

    if (target >= 0 || errno != ENOENT) {
        return target;
    }
    snprintf(path, sizeof(path), "%s", file_path);
    for (int i = 0; i < LINKS_MAX && follow(path); i++) {
    }
    if (!split(path, directory, &name)) {
        return -1;
    }
    parent = root_open_directory(directory);
    if (parent < 0) {
        return -1;
    }
    file = openat(parent, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (file >= 0) {
        close(file);
    }
    close(parent);
    return root_open(file_path);
}
