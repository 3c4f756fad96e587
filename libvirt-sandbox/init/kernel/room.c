/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/kernel/room.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Room for mount points in a read-only directory: the directory is covered by one in memory that has the same
 * entries, each a bind mount of the old one. New entries can then be made. The host sees nothing of it.
 */

struct room {
    int mount;
    struct room *next;
};

static struct room *rooms;

static int
copy_link(int link, int new, const char *name)
{
    char target[PATH_MAX + 1];
    ssize_t length = readlinkat(link, "", target, sizeof(target) - 1);

    if (length < 0) {
        return -1;
    }
    target[length] = '\0';
    return symlinkat(target, new, name);
}

static int
make_place(int new, const char *name, bool directory)
{
    int fd;

    if (directory) {
        return mkdirat(new, name, 0755);
    }
    fd = openat(new, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd >= 0) {
        close(fd);
    }
    return fd < 0 ? -1 : 0;
}

/* Binds @entry, with all mounts below it. */
static int
bind_entry(int entry, int new, const char *name, bool directory)
{
    int mount = filesystem_clone(entry, "", true, 0);
    int place;

    if (mount < 0) {
        return -1;
    }
    if (make_place(new, name, directory) < 0 || (place = openat(new, name, O_PATH | O_NOFOLLOW | O_CLOEXEC)) < 0) {
        close(mount);
        return -1;
    }
    return filesystem_attach(mount, place);
}

static int
copy_entry(int old, int new, const char *name)
{
    int entry = openat(old, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;
    int result, error;

    if (entry < 0) {
        return -1;
    }
    if (fstat(entry, &status) < 0) {
        result = -1;
    } else if (S_ISLNK(status.st_mode)) {
        result = copy_link(entry, new, name);
    } else {
        result = bind_entry(entry, new, name, S_ISDIR(status.st_mode));
    }
    error = errno;
    close(entry);
    errno = error;
    return result;
}

static int
copy_entries(int old, int new)
{
    int fd = openat(old, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    int result = directory ? 0 : -1;
    int error = errno;

    while (result == 0 && (errno = 0, entry = readdir(directory))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        /* ENOENT: the host may have removed the entry meanwhile. */
        if (copy_entry(old, new, entry->d_name) < 0 && errno != ENOENT) {
            result = -1;
        }
        error = errno;
    }
    if (result == 0 && errno != 0) {
        result = -1;
        error = errno;
    }
    if (directory) {
        closedir(directory);
    } else if (fd >= 0) {
        close(fd);
    }
    errno = error;
    return result;
}

static int
new_cover(int directory)
{
    char options[128];
    struct stat status;

    if (fstat(directory, &status) < 0) {
        return -1;
    }
    snprintf(options, sizeof(options), "mode=%o,uid=%u,gid=%u", status.st_mode & 07777, status.st_uid, status.st_gid);
    return filesystem_new("tmpfs", "room", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

/* Returns the cover, as a descriptor that stays owned by this file; -1 and errno on failure. */
int
room_make(int directory)
{
    struct room *room = calloc(1, sizeof(*room));
    int place, attached;

    if (!room) {
        return -1;
    }
    room->mount = new_cover(directory);
    attached = room->mount < 0 ? -1 : fcntl(room->mount, F_DUPFD_CLOEXEC, 0);
    place = fcntl(directory, F_DUPFD_CLOEXEC, 0);
    if (attached < 0 || place < 0 || filesystem_attach(attached, place) < 0 ||
        copy_entries(directory, room->mount) < 0) {
        return -1;
    }
    room->next = rooms;
    rooms = room;
    return room->mount;
}

/* To be called when all mount points are made. Makes the covers as read-only as what they cover. */
void
room_finish(void)
{
    struct mount_attr change = { .attr_set = MOUNT_ATTR_RDONLY };

    for (const struct room *room = rooms; room; room = room->next) {
        if (mount_setattr(room->mount, "", AT_EMPTY_PATH, &change, sizeof(change)) < 0) {
            fail(GUEST_STAGE_MOUNTS, errno, "mount points");
        }
    }
}
