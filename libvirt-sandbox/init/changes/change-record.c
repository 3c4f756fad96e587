/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/changes/change-record.h"

#include "libvirt-sandbox/init/users.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <search.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#define XATTR_NAMES_MAX 65536
#define XATTR_VALUE_MAX 65536
#define OVERLAY_PREFIX "trusted.overlay."

struct hard_link {
    struct file_key key;
    char *path;
};

char change_path[GUEST_CHANGE_PATH_MAX + 257];

static void *hard_links; /* a tree of tsearch() */
static int out;
static bool with_data;
static uint8_t record[GUEST_CHANGE_LENGTH_SIZE + GUEST_CHANGE_BODY_MAX];
static struct guest_change_writer writer = { .data = record, .size = sizeof(record) };

void
change_open(int pipe, bool data)
{
    out = pipe;
    with_data = data;
}

/* The file_key must be the first field of what is searched. */
int
compare_file_keys(const void *a, const void *b)
{
    const struct file_key *first = a, *second = b;

    if (first->device != second->device) {
        return first->device < second->device ? -1 : 1;
    }
    return first->inode < second->inode ? -1 : first->inode > second->inode;
}

/* Sending */

static void
write_all(const uint8_t *data, size_t length)
{
    while (length > 0) {
        ssize_t count = write(out, data, length);

        /* The host has closed the stream. */
        if (count < 0 && errno != EINTR) {
            _exit(1);
        }
        if (count > 0) {
            data += count;
            length -= (size_t)count;
        }
    }
}

static void
send_record(void)
{
    size_t length = guest_change_finish(&writer);

    if (length == 0) {
        change_fail(0, "/%s: has too many attributes", change_path);
    }
    write_all(record, length);
}

noreturn void
change_fail(int error, const char *format, ...)
{
    char text[GUEST_CHANGE_PATH_MAX + 1024];
    struct guest_change failed = { .kind = GUEST_CHANGE_FAILED, .link = text };
    va_list arguments;
    size_t length;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text) - 256, format, arguments);
    va_end(arguments);
    length = strlen(text);
    if (error) {
        snprintf(text + length, sizeof(text) - length, ": %s", strerror(error));
    }
    failed.link_length = strlen(text);
    guest_change_begin(&writer, &failed);
    send_record();
    _exit(1);
}

void
change_report_path(enum guest_change_kind kind)
{
    struct guest_change change = { .kind = kind, .path = change_path, .path_length = strlen(change_path) };

    guest_change_begin(&writer, &change);
    send_record();
}

/* What there is to tell of a file */

/* A layer is in init's memory, or in a directory of the host that is deleted later: its files have the kernel's user
 * numbers, and the record needs the numbers inside. */

/* Translates the users and groups of an access control list. */
static void
translate_access_list(uint8_t *value, size_t length)
{
    struct posix_acl_xattr_entry entry;

    for (size_t at = sizeof(struct posix_acl_xattr_header); at + sizeof(entry) <= length; at += sizeof(entry)) {
        memcpy(&entry, value + at, sizeof(entry));
        if (le16toh(entry.e_tag) == ACL_USER || le16toh(entry.e_tag) == ACL_GROUP) {
            entry.e_id = htole32(users_inside(le32toh(entry.e_id)));
            memcpy(value + at, &entry, sizeof(entry));
        }
    }
}

/* Translates file capabilities that hold in a user namespace of one user: inside, that user is user 0 anyway. */
static size_t
translate_capabilities(uint8_t *value, size_t length)
{
    struct vfs_ns_cap_data data;
    uint32_t version;

    if (length != XATTR_CAPS_SZ_3) {
        return length;
    }
    memcpy(&data, value, sizeof(data));
    version = le32toh(data.magic_etc);
    if ((version & VFS_CAP_REVISION_MASK) != VFS_CAP_REVISION_3 || users_inside(le32toh(data.rootid)) != 0) {
        return length;
    }
    data.magic_etc = htole32((version & ~VFS_CAP_REVISION_MASK) | VFS_CAP_REVISION_2);
    memcpy(value, &data, XATTR_CAPS_SZ_2);
    return XATTR_CAPS_SZ_2;
}

static void
add_xattr(const char *name, const char *attribute)
{
    static uint8_t value[XATTR_VALUE_MAX];
    ssize_t count = lgetxattr(name, attribute, value, sizeof(value));
    size_t length = (size_t)count;

    if (count < 0) {
        change_fail(errno, "/%s: attribute %s", change_path, attribute);
    }
    if (strcmp(attribute, "security.capability") == 0) {
        length = translate_capabilities(value, length);
    } else if (strncmp(attribute, "system.posix_acl_", strlen("system.posix_acl_")) == 0) {
        translate_access_list(value, length);
    }
    guest_change_add_xattr(&writer, attribute, value, length);
}

/* Adds the extended attributes of @name in the current directory, without those of the overlay itself. */
static void
add_xattrs(const char *name)
{
    static char names[XATTR_NAMES_MAX];
    ssize_t length = llistxattr(name, names, sizeof(names));
    unsigned count = 0;

    if (length < 0 && errno != EOPNOTSUPP) {
        change_fail(errno, "/%s: attributes", change_path);
    }
    for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1) {
        if (strncmp(names + at, OVERLAY_PREFIX, strlen(OVERLAY_PREFIX)) == 0) {
            continue;
        }
        if (++count > GUEST_CHANGE_XATTRS_MAX) {
            change_fail(0, "/%s: has too many attributes", change_path);
        }
        add_xattr(name, names + at);
    }
}

/* The last extent that fits in the record reaches to the end of the file, with the holes in it. */
static void
add_extents(int file, off_t size)
{
    off_t start, end = 0;

    for (unsigned count = 1; end < size; count++) {
        start = lseek(file, end, SEEK_DATA);
        if (start < 0 && errno == ENXIO) {
            return;
        }
        end = start < 0 ? -1 : lseek(file, start, SEEK_HOLE);
        if (end < 0) {
            change_fail(errno, "/%s", change_path);
        }
        if (count == GUEST_CHANGE_EXTENTS_MAX || end > size) {
            end = size;
        }
        guest_change_add_extent(&writer, (uint64_t)start, (uint64_t)(end - start));
    }
}

static void
send_data(int file, const struct guest_change *change)
{
    uint64_t offset, length;
    size_t position = 0;

    while (guest_change_next_extent(change, &position, &offset, &length)) {
        off_t at = (off_t)offset;

        while (length > 0) {
            ssize_t count = sendfile(out, file, &at, length < (1u << 30) ? length : 1u << 30);

            /* The record has announced these bytes, so no reason can follow: the host sees that the stream ends early.
             */
            if (count == 0 || (count < 0 && errno != EINTR)) {
                _exit(1);
            }
            length -= count > 0 ? (uint64_t)count : 0;
        }
    }
}

static const char *
first_path(const struct stat *status)
{
    struct file_key key = { status->st_dev, status->st_ino };
    struct hard_link **found = tfind(&key, &hard_links, compare_file_keys);
    struct hard_link *link;

    if (found) {
        return (*found)->path;
    }
    link = malloc(sizeof(*link));
    if (!link) {
        change_fail(ENOMEM, "/%s", change_path);
    }
    *link = (struct hard_link){ key, strdup(change_path) };
    if (!link->path || !tsearch(link, &hard_links, compare_file_keys)) {
        change_fail(ENOMEM, "/%s", change_path);
    }
    return NULL;
}

void
change_report(const char *name, const struct stat *status, bool existed)
{
    char target[GUEST_CHANGE_PATH_MAX + 1];
    struct guest_change change = {
        .kind = existed ? GUEST_CHANGE_CHANGED : GUEST_CHANGE_ADDED,
        .mode = status->st_mode,
        .uid = users_inside(status->st_uid),
        .gid = users_inside(status->st_gid),
        .seconds = status->st_mtim.tv_sec,
        .nanoseconds = (uint32_t)status->st_mtim.tv_nsec,
        .path = *change_path ? change_path : ".",
        .path_length = *change_path ? strlen(change_path) : 1,
    };
    bool is_device = S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode);
    const char *first = !S_ISDIR(status->st_mode) && status->st_nlink > 1 ? first_path(status) : NULL;
    bool has_data = S_ISREG(status->st_mode) && !first && with_data;
    int file = -1;

    change.major = is_device ? major(status->st_rdev) : 0;
    change.minor = is_device ? minor(status->st_rdev) : 0;
    if (first) {
        change.hard_link = true;
        change.link = first;
        change.link_length = strlen(first);
    } else if (S_ISLNK(status->st_mode)) {
        ssize_t length = readlink(name, target, sizeof(target));

        if (length <= 0 || length > GUEST_CHANGE_PATH_MAX) {
            change_fail(length < 0 ? errno : ENAMETOOLONG, "/%s", change_path);
        }
        change.link = target;
        change.link_length = (size_t)length;
    }
    if (has_data) {
        change.size = (uint64_t)status->st_size;
        file = open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (file < 0 || change.size > GUEST_CHANGE_SIZE_MAX) {
            change_fail(file < 0 ? errno : EFBIG, "/%s", change_path);
        }
    }
    guest_change_begin(&writer, &change);
    if (with_data && !first) {
        add_xattrs(name);
    }
    if (has_data) {
        size_t used;
        const char *reason;

        add_extents(file, status->st_size);
        send_record();
        if (guest_change_decode(record, writer.length, &change, &used, &reason) == GUEST_CHANGE_COMPLETE) {
            send_data(file, &change);
        }
        close(file);
    } else {
        send_record();
    }
}
