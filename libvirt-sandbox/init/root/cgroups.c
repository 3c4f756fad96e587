/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The control group of a container, read-only, from which its programs learn how much memory they may have. In a
 * namespace of its own nothing above that group, nor beside it, can be named. The namespace belongs to the host's
 * users, so that the program can mount no control groups by it.
 */

/* Of what is counted in hierarchies of its own (version 1). */
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

/* Where libvirt cannot make a group for the container, it is in one with others. */
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

/* By each of its names. */
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
show_hierarchy(int place, const char *names)
{
    int mount = filesystem_new("cgroup", "cgroup", names, KERNEL_FILE_ATTRIBUTES | MOUNT_ATTR_RDONLY);
    int target;

    if (mount < 0) {
        note("no control group %s: %s", names, strerror(errno));
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
show_unified(int place)
{
    int mount = filesystem_new("cgroup2", "cgroup2", "", KERNEL_FILE_ATTRIBUTES | MOUNT_ATTR_RDONLY);
    int target = fcntl(place, F_DUPFD_CLOEXEC, 0);

    if (mount < 0) {
        note("no control group: %s", strerror(errno));
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

/* In the directory @place. Not every kernel has what this needs, and it protects from nothing. */
void
cgroups_show(int place)
{
    char text[4096], *rest = text, *line;
    const char *names, *path, *unified = NULL;
    bool any = false;

    if (!read_groups(text, sizeof(text)) || unshare(CLONE_NEWCGROUP) < 0) {
        note("no control groups: %s", strerror(errno));
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
                show_hierarchy(place, names);
            }
        }
    }
    if (!any && unified && is_of_container(unified)) {
        show_unified(place);
    }
}
