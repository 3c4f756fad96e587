/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/root/disks.h"

#include "libvirt-sandbox/guest/manifest.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/root/devices.h"
#include "libvirt-sandbox/init/root/disk-find.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/users.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define BY_TAG "disk/by-tag"

/* The program's disks, held open to write back at the end what the program wrote. */
static int *held;
static size_t held_count;

static noreturn void
fail_disk(const char *tag)
{
    fail(GUEST_STAGE_MOUNTS, errno, "disk %s", tag);
}

static void
hold_open(const char *path, const char *tag)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        fail_disk(tag);
    }
    held[held_count++] = fd;
}

/* A container may not create device nodes, so it binds the one that libvirt created. */
static void
bind_node(int directory, const char *path, const char *tag)
{
    int fd = openat(directory, tag, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    int mount, target;

    if (fd < 0) {
        fail_disk(tag);
    }
    close(fd);
    mount = filesystem_clone(AT_FDCWD, path, false, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    target = openat(directory, tag, O_PATH | O_CLOEXEC);
    if (mount < 0 || target < 0 || filesystem_attach(mount, target) < 0) {
        fail_disk(tag);
    }
}

static void
make_node(const struct settings *settings, int directory, const char *tag, const char *source)
{
    char path[PATH_MAX];
    struct stat status;

    if (!disk_find(source, path) || stat(path, &status) < 0) {
        fail_disk(tag);
    }
    hold_open(path, tag);
    if (settings->machine) {
        if (mknodat(directory, tag, S_IFBLK | 0660, status.st_rdev) < 0) {
            fail_disk(tag);
        }
    } else {
        bind_node(directory, path, tag);
    }
    if (fchownat(directory, tag, users_outside(settings->uid), users_outside(settings->gid), 0) < 0 ||
        fchmodat(directory, tag, 0660, 0) < 0) {
        fail_disk(tag);
    }
    log_debug("disk %s is %s", tag, path);
}

static int
open_by_tag(void)
{
    int devices = devices_directory();
    int directory = -1;

    if (mkdirat(devices, "disk", 0755) == 0 && mkdirat(devices, BY_TAG, 0755) == 0) {
        directory = openat(devices, BY_TAG, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (directory < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "/dev/" BY_TAG);
    }
    return directory;
}

/* Creates the program's disks. Disks of mounts have no node in the program's /dev, except for a privileged program in a
 * machine, which has all nodes. */
void
disks_make(const struct settings *settings)
{
    const struct guest_manifest *manifest = &settings->manifest;
    const struct guest_directive *disk = NULL;
    int directory;

    if (!guest_manifest_find(manifest, GUEST_WORD_DISK)) {
        return;
    }
    held = calloc(manifest->count, sizeof(*held));
    if (!held) {
        fail(GUEST_STAGE_MOUNTS, ENOMEM, "disks");
    }
    directory = open_by_tag();
    while ((disk = guest_manifest_next(manifest, GUEST_WORD_DISK, disk))) {
        make_node(settings, directory, disk->fields[0], disk->fields[1]);
    }
    close(directory);
}

void
disks_write_back(void)
{
    for (size_t i = 0; i < held_count; i++) {
        if (fsync(held[i]) < 0) {
            fail(GUEST_STAGE_MOUNTS, errno, "write back disk");
        }
        close(held[i]);
    }
    held_count = 0;
}
