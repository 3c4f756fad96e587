/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/root/images.h"

#include "libvirt-sandbox/guest/superblock.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/kernel/modules.h"
#include "libvirt-sandbox/init/root/disk-find.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static const char *
find_type(const char *target, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const char *type;

    if (fd < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount %s: image", target);
    }
    type = guest_superblock_type(fd);
    close(fd);
    if (!type) {
        fail(GUEST_STAGE_MOUNTS, 0,
             "mount %s: the image holds no file system that is known: none "
             "of " GUEST_SUPERBLOCK_TYPES,
             target);
    }
    return type;
}

/* Options that a type of file system needs to be used like others. */
static void
add_options(const struct settings *settings, const char *type, char *options, size_t size)
{
    size_t length = strlen(options);

    if (strcmp(type, "vfat") == 0) {
        /* vfat has no owners: all files belong to the program's user. */
        snprintf(options + length, size - length, "uid=%u,gid=%u,umask=0022,utf8=1", settings->uid, settings->gid);
    } else if (strcmp(type, "xfs") == 0) {
        /* Allows another sandbox to use the same image. */
        snprintf(options + length, size - length, "nouuid");
    }
}

int
image_open(const struct settings *settings, const char *target, const char *source, bool writable, uint64_t attributes)
{
    char path[PATH_MAX], options[128];
    const char *type;
    int mount;

    if (!disk_find(source, path)) {
        return -1;
    }
    type = find_type(target, path);
    modules_load_for_filesystem(settings, type);
    snprintf(options, sizeof(options), "%s,", writable ? "rw" : "ro");
    add_options(settings, type, options, sizeof(options));
    mount = filesystem_new(type, path, options, attributes);
    if (mount < 0 && errno == EROFS) {
        fail(GUEST_STAGE_MOUNTS, 0,
             "mount %s: the %s file system was in use when its machine ended and must be put right "
             "first: mount it once with rw",
             target, type);
    }
    if (mount < 0 && errno == ENODEV) {
        fail(GUEST_STAGE_MOUNTS, 0, "mount %s: the kernel has no %s file system", target, type);
    }
    if (mount < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount %s: %s file system", target, type);
    }
    return mount;
}
