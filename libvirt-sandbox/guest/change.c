/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/guest/change.h"

#include <string.h>
#include <sys/stat.h>

#define EXTENT_SIZE 16
#define OVERLAY_PREFIX "trusted.overlay."

static uint32_t
get_u32(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint64_t
get_u64(const uint8_t *bytes)
{
    return get_u32(bytes) | (uint64_t)get_u32(bytes + 4) << 32;
}

/* Writing */

static void
put_bytes(struct guest_change_writer *writer, const void *bytes, size_t length)
{
    if (writer->full || length > writer->size - writer->length) {
        writer->full = true;
        return;
    }
    if (length > 0) {
        memcpy(writer->data + writer->length, bytes, length);
    }
    writer->length += length;
}

static void
encode_u32(uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        bytes[i] = value >> (8 * i) & 0xff;
    }
}

static void
put_u32(struct guest_change_writer *writer, uint32_t value)
{
    uint8_t bytes[4];

    encode_u32(bytes, value);
    put_bytes(writer, bytes, sizeof(bytes));
}

static void
put_u64(struct guest_change_writer *writer, uint64_t value)
{
    put_u32(writer, value & 0xffffffff);
    put_u32(writer, value >> 32);
}

/* Where the fixed part has the lengths of xattrs and extents, which are written last. */
#define XATTRS_LENGTH_AT (GUEST_CHANGE_LENGTH_SIZE + GUEST_CHANGE_FIXED_SIZE - 8)
#define EXTENTS_LENGTH_AT (GUEST_CHANGE_LENGTH_SIZE + GUEST_CHANGE_FIXED_SIZE - 4)

void
guest_change_begin(struct guest_change_writer *writer, const struct guest_change *change)
{
    const uint8_t start[] = { (uint8_t)change->kind, change->hard_link };

    writer->length = 0;
    writer->full = false;
    put_u32(writer, 0);
    put_bytes(writer, start, sizeof(start));
    put_u32(writer, change->mode);
    put_u32(writer, change->uid);
    put_u32(writer, change->gid);
    put_u32(writer, change->major);
    put_u32(writer, change->minor);
    put_u64(writer, (uint64_t)change->seconds);
    put_u32(writer, change->nanoseconds);
    put_u64(writer, change->size);
    put_u32(writer, (uint32_t)change->path_length);
    put_u32(writer, (uint32_t)change->link_length);
    put_u32(writer, 0);
    put_u32(writer, 0);
    put_bytes(writer, change->path, change->path_length);
    put_bytes(writer, change->link, change->link_length);
}

static void
grow_length(struct guest_change_writer *writer, size_t at, size_t start)
{
    if (!writer->full) {
        encode_u32(writer->data + at, get_u32(writer->data + at) + (uint32_t)(writer->length - start));
    }
}

/* Name and value, each after its length. */
void
guest_change_add_xattr(struct guest_change_writer *writer, const char *name, const void *value, size_t length)
{
    size_t start = writer->length;

    put_u32(writer, (uint32_t)strlen(name) + 1);
    put_bytes(writer, name, strlen(name) + 1);
    put_u32(writer, (uint32_t)length);
    put_bytes(writer, value, length);
    grow_length(writer, XATTRS_LENGTH_AT, start);
}

void
guest_change_add_extent(struct guest_change_writer *writer, uint64_t offset, uint64_t length)
{
    size_t start = writer->length;

    put_u64(writer, offset);
    put_u64(writer, length);
    grow_length(writer, EXTENTS_LENGTH_AT, start);
}

size_t
guest_change_finish(struct guest_change_writer *writer)
{
    if (writer->full || writer->length - GUEST_CHANGE_LENGTH_SIZE > GUEST_CHANGE_BODY_MAX) {
        return 0;
    }
    encode_u32(writer->data, (uint32_t)(writer->length - GUEST_CHANGE_LENGTH_SIZE));
    return writer->length;
}

/* Reading */

/* Whether the path is relative, and each part a name: not empty, "." or "..". */
static bool
path_is_sound(const char *path, size_t length)
{
    const char *end = path + length;

    if (length == 0 || length > GUEST_CHANGE_PATH_MAX || memchr(path, '\0', length)) {
        return false;
    }
    for (;;) {
        const char *slash = memchr(path, '/', (size_t)(end - path));
        size_t part = (size_t)((slash ? slash : end) - path);

        if (part == 0 || part > 255 || (part == 1 && path[0] == '.') ||
            (part == 2 && path[0] == '.' && path[1] == '.')) {
            return false;
        }
        if (!slash) {
            return true;
        }
        path = slash + 1;
    }
}

static const char *
check_xattrs(const struct guest_change *change)
{
    const uint8_t *at = change->xattrs;
    size_t left = change->xattrs_length;

    for (unsigned count = 1; left > 0; count++) {
        size_t name_length, value_length;

        if (count > GUEST_CHANGE_XATTRS_MAX) {
            return "file has too many attributes";
        }
        name_length = left >= 4 ? get_u32(at) : 0;
        if (name_length < 2 || name_length > 256 || left - 4 < name_length + 4 ||
            memchr(at + 4, '\0', name_length) != at + 4 + name_length - 1) {
            return "attribute has a broken name";
        }
        if (strncmp((const char *)at + 4, OVERLAY_PREFIX, strlen(OVERLAY_PREFIX)) == 0) {
            return "attribute is the overlay's own";
        }
        value_length = get_u32(at + 4 + name_length);
        at += 8 + name_length;
        left -= 8 + name_length;
        if (value_length > left) {
            return "attribute has a broken value";
        }
        at += value_length;
        left -= value_length;
    }
    return NULL;
}

static const char *
check_extents(const struct guest_change *change)
{
    uint64_t end = 0;

    if (change->extents_length % EXTENT_SIZE != 0 || change->extents_length / EXTENT_SIZE > GUEST_CHANGE_EXTENTS_MAX) {
        return "extents are broken";
    }
    for (size_t at = 0; at < change->extents_length; at += EXTENT_SIZE) {
        uint64_t offset = get_u64(change->extents + at);
        uint64_t length = get_u64(change->extents + at + 8);

        if (length == 0 || offset < end || offset > change->size || length > change->size - offset) {
            return "extents do not fit the file";
        }
        end = offset + length;
    }
    return NULL;
}

static const char *
check_type(const struct guest_change *change)
{
    bool is_link = S_ISLNK(change->mode) || change->hard_link;

    if (change->mode & ~(uint32_t)(S_IFMT | 07777) || change->nanoseconds >= 1000000000) {
        return "mode or time is out of range";
    }
    if ((change->major || change->minor) && !S_ISCHR(change->mode) && !S_ISBLK(change->mode)) {
        return "device number of what is no device";
    }
    if (!S_ISREG(change->mode) && change->extents_length > 0) {
        return "data of what is no file";
    }
    if (change->size > (S_ISREG(change->mode) ? GUEST_CHANGE_SIZE_MAX : 0)) {
        return "size is out of range";
    }
    if (is_link != (change->link_length > 0) || change->link_length > GUEST_CHANGE_PATH_MAX ||
        (change->link_length > 0 && memchr(change->link, '\0', change->link_length))) {
        return "link is broken";
    }
    if (change->hard_link && (!path_is_sound(change->link, change->link_length) || S_ISDIR(change->mode) ||
                              change->size > 0 || change->extents_length > 0 || change->xattrs_length > 0)) {
        return "hard link is broken";
    }
    switch (change->mode & S_IFMT) {
    case S_IFREG:
    case S_IFDIR:
    case S_IFLNK:
    case S_IFIFO:
    case S_IFBLK:
        return NULL;
    case S_IFCHR:
        /* An overlay marks a deleted file by such a device. */
        return change->major || change->minor ? NULL : "device is none";
    default:
        return "file is of an unknown type";
    }
}

/* Whether a record describes a file. Records of other kinds have neither attributes nor data. */
static bool
tells_of_file(const struct guest_change *change)
{
    return change->hard_link || change->mode || change->uid || change->gid || change->major || change->minor ||
           change->seconds || change->nanoseconds || change->size || change->xattrs_length > 0 ||
           change->extents_length > 0;
}

static const char *
check_file(const struct guest_change *change)
{
    bool is_root = change->path_length == 1 && change->path[0] == '.';
    const char *reason;

    if (!path_is_sound(change->path, change->path_length) && !(is_root && S_ISDIR(change->mode))) {
        return "path is broken";
    }
    reason = check_type(change);
    reason = reason ? reason : check_xattrs(change);
    return reason ? reason : check_extents(change);
}

static const char *
check_change(const struct guest_change *change)
{
    switch (change->kind) {
    case GUEST_CHANGE_END:
        return change->path_length || change->link_length || tells_of_file(change) ? "end is none" : NULL;
    case GUEST_CHANGE_FAILED:
        return change->path_length || tells_of_file(change) ? "failure is none" : NULL;
    case GUEST_CHANGE_DELETED:
    case GUEST_CHANGE_OPAQUE:
        if (!path_is_sound(change->path, change->path_length)) {
            return "path is broken";
        }
        return change->link_length || tells_of_file(change) ? "deletion is none" : NULL;
    case GUEST_CHANGE_ADDED:
    case GUEST_CHANGE_CHANGED:
        return check_file(change);
    default:
        return "change is of an unknown kind";
    }
}

/* Points the four parts of variable length into @rest, which they must fill. */
static bool
split(struct guest_change *change, const uint8_t *lengths, const uint8_t *rest, size_t length)
{
    const uint8_t *parts[4];
    size_t sizes[4];

    for (int i = 0; i < 4; i++) {
        sizes[i] = get_u32(lengths + 4 * i);
        if (sizes[i] > length) {
            return false;
        }
        parts[i] = rest;
        rest += sizes[i];
        length -= sizes[i];
    }
    change->path = (const char *)parts[0];
    change->path_length = sizes[0];
    change->link = (const char *)parts[1];
    change->link_length = sizes[1];
    change->xattrs = parts[2];
    change->xattrs_length = sizes[2];
    change->extents = parts[3];
    change->extents_length = sizes[3];
    return length == 0;
}

enum guest_change_result
guest_change_decode(const uint8_t *buffer, size_t length, struct guest_change *change, size_t *used,
                    const char **reason)
{
    const uint8_t *body = buffer + GUEST_CHANGE_LENGTH_SIZE;
    uint32_t body_length;

    *used = 0;
    *reason = NULL;
    if (length < GUEST_CHANGE_LENGTH_SIZE) {
        return GUEST_CHANGE_INCOMPLETE;
    }
    body_length = get_u32(buffer);
    if (body_length < GUEST_CHANGE_FIXED_SIZE || body_length > GUEST_CHANGE_BODY_MAX) {
        *reason = "record has an impossible length";
        return GUEST_CHANGE_BROKEN;
    }
    if (length - GUEST_CHANGE_LENGTH_SIZE < body_length) {
        return GUEST_CHANGE_INCOMPLETE;
    }

    change->kind = body[0];
    change->hard_link = body[1] != 0;
    change->mode = get_u32(body + 2);
    change->uid = get_u32(body + 6);
    change->gid = get_u32(body + 10);
    change->major = get_u32(body + 14);
    change->minor = get_u32(body + 18);
    change->seconds = (int64_t)get_u64(body + 22);
    change->nanoseconds = get_u32(body + 30);
    change->size = get_u64(body + 34);
    if (!split(change, body + 42, body + GUEST_CHANGE_FIXED_SIZE, body_length - GUEST_CHANGE_FIXED_SIZE)) {
        *reason = "record has broken lengths";
    } else if (body[1] > 1) {
        *reason = "record has a broken flag";
    } else {
        *reason = check_change(change);
    }
    *used = GUEST_CHANGE_LENGTH_SIZE + body_length;
    return *reason ? GUEST_CHANGE_BROKEN : GUEST_CHANGE_COMPLETE;
}

bool
guest_change_next_xattr(const struct guest_change *change, size_t *position, const char **name, const uint8_t **value,
                        size_t *length)
{
    const uint8_t *at = change->xattrs + *position;
    size_t name_length;

    if (*position >= change->xattrs_length) {
        return false;
    }
    name_length = get_u32(at);
    *name = (const char *)at + 4;
    *length = get_u32(at + 4 + name_length);
    *value = at + 8 + name_length;
    *position += 8 + name_length + *length;
    return true;
}

bool
guest_change_next_extent(const struct guest_change *change, size_t *position, uint64_t *offset, uint64_t *length)
{
    if (*position >= change->extents_length || change->extents_length - *position < EXTENT_SIZE) {
        return false;
    }
    *offset = get_u64(change->extents + *position);
    *length = get_u64(change->extents + *position + 8);
    *position += EXTENT_SIZE;
    return true;
}

size_t
guest_change_extent_count(const struct guest_change *change)
{
    return change->extents_length / EXTENT_SIZE;
}

uint64_t
guest_change_data_length(const struct guest_change *change)
{
    uint64_t total = 0, offset, length;
    size_t position = 0;

    while (guest_change_next_extent(change, &position, &offset, &length)) {
        total += length;
    }
    return total;
}
