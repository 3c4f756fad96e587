/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* /etc/resolv.conf: what the root has there is true on the host, and not in here. */

#define RESOLV_CONF "/etc/resolv.conf"
#define LINKS_MAX 8

static char text[4096];
static size_t length;

void
resolver_add(const char *keyword, const char *value)
{
    int count = snprintf(text + length, sizeof(text) - length, "%s %s\n", keyword, value);

    if (count < 0 || (size_t)count >= sizeof(text) - length) {
        fail(GUEST_STAGE_NETWORK, EOVERFLOW, "%s: %s %s", RESOLV_CONF, keyword, value);
    }
    length += (size_t)count;
}

/* A file with the text is made in /dev, which is ours in every sandbox, and keeps no name there. */
static bool
mount_file(int target)
{
    static const char name[] = ".resolv.conf";
    int directory = devices_directory();
    int file = openat(directory, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    bool done = false;
    int mount, error;

    if (file >= 0 && write(file, text, length) == (ssize_t)length) {
        mount = filesystem_clone(directory, name, false,
                                 MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
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

/* What @path means if it is a link, in place; false if it is none. */
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

/* The file that programs will open. A link often leads into /run, which is empty here. */
static int
open_target(void)
{
    char path[PATH_SIZE] = RESOLV_CONF;
    char directory[PATH_SIZE];
    const char *name;
    int target = root_open(path);
    int parent, file;

    if (target >= 0 || errno != ENOENT) {
        return target;
    }
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
    return root_open(RESOLV_CONF);
}

void
resolver_mount(void)
{
    int target = open_target();

    if (target < 0) {
        note("no %s: the root has none", RESOLV_CONF);
        return;
    }
    if (length == 0) {
        length = (size_t)snprintf(text, sizeof(text), "# There is no name server in this sandbox.\n");
    }
    if (!mount_file(target)) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount %s", RESOLV_CONF);
    }
}
