/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/kernel/cgroups.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/kernel/kernel-files.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The control group of a container, read-only, where its programs read how much memory they may have. It is shown
 * from a cgroup namespace of its own, in which the groups above and beside it have no names. That namespace
 * belongs to the host's users, so the program cannot mount control groups.
 */

/* The controllers to show of version 1, which has a hierarchy for each. */
static const char *const controllers[] = { "cpu", "cpuacct", "cpuset", "memory", "pids" };

/* The text of /proc/self/cgroup: "NUMBER:CONTROLLERS:PATH", a line for each hierarchy. */
static bool
read_groups(char *text, size_t size)
{
    int fd = openat(kernel_files(), "self/cgroup", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);

    if (fd >= 0) {
        close(fd);
    }
    text[length > 0 ? length : 0] = '\0';
    return length > 0;
}

static bool
split(char *line, const char **names, const char **path)
{
    (void)strsep(&line, ":");
    *names = strsep(&line, ":");
    *path = line;
    return line != NULL;
}

/* If libvirt cannot make a group for the container, it shares one with other processes. */
static bool
is_of_container(const char *path)
{
    return strstr(path, "lxc-") || strstr(path, "lxc\\x2d");
}

static bool
is_shown(const char *name)
{
    for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++) {
        if (strcmp(controllers[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* A hierarchy of several controllers has a link for each of them. */
static void
link_names(int place, const char *names)
{
    char copy[256], *rest = copy, *name;

    snprintf(copy, sizeof(copy), "%s", names);
    while ((name = strsep(&rest, ","))) {
        if (strcmp(name, names) != 0 && symlinkat(names, place, name) < 0) {
            fail(GUEST_STAGE_MOUNTS, errno, "control group %s", name);
        }
    }
}

static void
mount_hierarchy(int place, const char *names)
{
    int mount = filesystem_new("cgroup", "cgroup", names, KERNEL_FILE_ATTRIBUTES | MOUNT_ATTR_RDONLY);
    int target;

    if (mount < 0) {
        log_debug("no control group %s: %s", names, strerror(errno));
        return;
    }
    if (mkdirat(place, names, 0755) < 0 ||
        (target = openat(place, names, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0 ||
        filesystem_attach(mount, target) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "control group %s", names);
    }
    link_names(place, names);
}

static void
mount_unified(int place)
{
    int mount = filesystem_new("cgroup2", "cgroup2", "", KERNEL_FILE_ATTRIBUTES | MOUNT_ATTR_RDONLY);
    int target = fcntl(place, F_DUPFD_CLOEXEC, 0);

    if (mount < 0) {
        log_debug("no control group: %s", strerror(errno));
        close(target);
    } else if (target < 0 || filesystem_attach(mount, target) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "control group");
    }
}

static bool
has_shown(const char *names)
{
    char copy[256], *rest = copy, *name;

    snprintf(copy, sizeof(copy), "%s", names);
    while ((name = strsep(&rest, ","))) {
        if (is_shown(name)) {
            return true;
        }
    }
    return false;
}

/* Mounts them in the directory @place. Without them the container still works and is as well protected, so a kernel
 * that lacks what this needs causes no failure. */
void
cgroups_mount(int place)
{
    char text[4096], *rest = text, *line;
    const char *names, *path, *unified = NULL;
    bool any = false;

    if (!read_groups(text, sizeof(text)) || unshare(CLONE_NEWCGROUP) < 0) {
        log_debug("no control groups: %s", strerror(errno));
        return;
    }
    while ((line = strsep(&rest, "\n"))) {
        if (!split(line, &names, &path)) {
            continue;
        }
        if (*names == '\0') {
            unified = path;
        } else if (has_shown(names)) {
            any = true;
            if (is_of_container(path)) {
                mount_hierarchy(place, names);
            }
        }
    }
    if (!any && unified && is_of_container(unified)) {
        mount_unified(place);
    }
}
