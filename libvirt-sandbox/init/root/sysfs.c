/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/root/sysfs.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/kernel/cgroups.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/root/hide.h"
#include "libvirt-sandbox/init/kernel/kernel-files.h"
#include "libvirt-sandbox/init/root/root.h"
#include "libvirt-sandbox/init/root/stage.h"
#include "libvirt-sandbox/init/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The program's /sys: a directory in memory that contains, read-only, only those of the kernel's files that
 * programs need. Some of the others have an effect when they are read. docs/kernel-files.md explains why each is
 * shown.
 */

static const char *const shown[] = {
    "class/net",           "devices/system/cpu",   "devices/system/node", "devices/virtual/net",
    "kernel/address_bits", "kernel/cpu_byteorder", "kernel/mm/hugepages", "kernel/mm/transparent_hugepage",
};

/* More, because in a machine the hardware is the sandbox's own. */
static const char *const shown_in_machine[] = {
    "block",
    "bus",
    "class",
    "dev",
    "devices",
    "kernel/address_bits",
    "kernel/cpu_byteorder",
    "kernel/mm/hugepages",
    "kernel/mm/transparent_hugepage",
};

/* Hidden in a directory that is shown: files that create a device when they are read, or that reveal the work of
 * others. */
static const char *const hidden[] = {
    "class/zram-control",
    "devices/virtual/powercap",
};

static int
make_directory(int parent, const char *name)
{
    if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST) {
        return -1;
    }
    return openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int
make_last(int parent, const char *name, bool directory)
{
    int fd;

    if (directory) {
        return make_directory(parent, name);
    }
    fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    if (fd >= 0) {
        close(fd);
    }
    return fd < 0 ? -1 : openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

/* Makes the mount point for @path, a directory or a file, and the directories above it. */
static int
make_place(int sys, const char *path, bool directory)
{
    int parent = fcntl(sys, F_DUPFD_CLOEXEC, 0);
    char name[64];
    size_t length;
    int next;

    while (parent >= 0 && path[length = strcspn(path, "/")]) {
        snprintf(name, sizeof(name), "%.*s", (int)length, path);
        next = make_directory(parent, name);
        close(parent);
        parent = next;
        path += length + 1;
    }
    if (parent < 0) {
        return -1;
    }
    next = make_last(parent, path, directory);
    close(parent);
    return next;
}

static void
show_path(int source, int sys, const char *path)
{
    int original = filesystem_open(source, path);
    struct stat status;
    int mount, place;

    /* A kernel may lack some of them. */
    if (original < 0 && errno == ENOENT) {
        return;
    }
    if (original < 0 || fstat(original, &status) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount /sys/%s", path);
    }
    mount = filesystem_clone(original, "", false, KERNEL_FILE_ATTRIBUTES | MOUNT_ATTR_RDONLY);
    place = make_place(sys, path, S_ISDIR(status.st_mode));
    if (mount < 0 || place < 0 || filesystem_attach(mount, place) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount /sys/%s", path);
    }
    close(original);
}

static void
show_all(const struct settings *settings, int source, int sys)
{
    const char *const *paths = settings->machine ? shown_in_machine : shown;
    size_t count =
        settings->machine ? sizeof(shown_in_machine) / sizeof(shown_in_machine[0]) : sizeof(shown) / sizeof(shown[0]);

    for (size_t i = 0; i < count; i++) {
        show_path(source, sys, paths[i]);
    }
}

static void
hide_listed(int sys)
{
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        int target = filesystem_open(sys, hidden[i]);

        if (target < 0 && errno != ENOENT) {
            fail(GUEST_STAGE_MOUNTS, errno, "hide /sys/%s", hidden[i]);
        }
        if (target >= 0) {
            hide_descriptor(target, hidden[i]);
        }
    }
}

static void
show_control_groups(int sys)
{
    int place = make_place(sys, "fs/cgroup", true);

    if (place < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount /sys/fs/cgroup");
    }
    cgroups_mount(place);
    close(place);
}

/* Mounts the complete sysfs beside it, until the chosen parts are taken from it. */
static int
mount_chosen(const struct settings *settings, int source)
{
    struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
    int sys = filesystem_new("tmpfs", "sys", "mode=0755,size=64k", KERNEL_FILE_ATTRIBUTES);

    if (sys < 0 || stage_attach(source, "sysfs") < 0 || stage_attach(sys, "sys") < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount /sys");
    }
    show_all(settings, source, sys);
    hide_listed(sys);
    if (!settings->machine) {
        show_control_groups(sys);
    }
    if (stage_detach("sysfs") < 0 || mount_setattr(sys, "", AT_EMPTY_PATH, &read_only, sizeof(read_only)) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount /sys");
    }
    close(source);
    return sys;
}

void
sysfs_mount(const struct settings *settings)
{
    int sys = filesystem_new("sysfs", "sysfs", "", KERNEL_FILE_ATTRIBUTES | MOUNT_ATTR_RDONLY);

    if (sys < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount /sys");
    }
    if (kernel_files_are_protected(settings)) {
        sys = mount_chosen(settings, sys);
    }
    root_attach(sys, "/sys");
}
