/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What changed in an overlay, as the guest's init reports it at the end of the program: records, one after the
 * other, in the stream GUEST_STREAM_CHANGES. Compiled into both sides. No GLib here.
 *
 * A record is a length u32 and a body of that length, little endian. The bytes in the extents of a regular file
 * follow it. The last record is GUEST_CHANGE_END; if the guest cannot go on, it is GUEST_CHANGE_FAILED, with the
 * reason.
 *
 * The body: kind u8, hard link u8 (0 or 1), mode u32, uid u32, gid u32, device major u32, minor u32, seconds u64,
 * nanoseconds u32, size u64, the lengths of path, link, xattrs and extents u32 each; then these four.
 *
 * A field that a kind does not need is 0 or empty: DELETED and OPAQUE have only a path, FAILED only a link, END
 * nothing; a hard link has no size, xattrs or extents; only a device has device numbers.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum guest_change_kind {
    GUEST_CHANGE_ADDED = 'A',   /* there was nothing at the path */
    GUEST_CHANGE_CHANGED = 'C', /* there was something else at the path */
    GUEST_CHANGE_DELETED = 'D',
    GUEST_CHANGE_OPAQUE = 'O', /* of this directory's content only what is reported after it is left */
    GUEST_CHANGE_END = 'E',
    GUEST_CHANGE_FAILED = 'F', /* link: why */
};

#define GUEST_CHANGE_LENGTH_SIZE 4
#define GUEST_CHANGE_FIXED_SIZE 58
#define GUEST_CHANGE_BODY_MAX (512u * 1024)
#define GUEST_CHANGE_PATH_MAX 4095
#define GUEST_CHANGE_EXTENTS_MAX 4096
#define GUEST_CHANGE_XATTRS_MAX 1024
/* Programs that read layers can handle files up to this size. */
#define GUEST_CHANGE_SIZE_MAX (UINT64_C(1) << 40)

struct guest_change {
    enum guest_change_kind kind;
    bool hard_link; /* link is the path of the same file */
    uint32_t mode;  /* with the type, as stat() gives it */
    uint32_t uid, gid;
    uint32_t major, minor; /* of a device */
    int64_t seconds;
    uint32_t nanoseconds;
    uint64_t size;    /* of a regular file */
    const char *path; /* relative to the root, not terminated; "." is the root itself */
    size_t path_length;
    const char *link; /* of a symbolic link its target, not terminated */
    size_t link_length;
    const uint8_t *xattrs;
    size_t xattrs_length;
    const uint8_t *extents; /* where a regular file has data; the rest is zero */
    size_t extents_length;
};

/* A record that is being written, in a buffer of the caller's. */
struct guest_change_writer {
    uint8_t *data;
    size_t size;
    size_t length;
    bool full;
};

void guest_change_begin(struct guest_change_writer *writer, const struct guest_change *change);
/* Add all xattrs first, then all extents. */
void guest_change_add_xattr(struct guest_change_writer *writer, const char *name, const void *value, size_t length);
void guest_change_add_extent(struct guest_change_writer *writer, uint64_t offset, uint64_t length);
/* The size of the record, or 0 if it is too long. */
size_t guest_change_finish(struct guest_change_writer *writer);

enum guest_change_result {
    GUEST_CHANGE_COMPLETE,   /* *change is valid, points into the buffer, and *used bytes belong to it */
    GUEST_CHANGE_INCOMPLETE, /* more bytes are needed */
    GUEST_CHANGE_BROKEN,     /* *reason says why */
};

/* Decodes the first record of @buffer, and checks everything that can be checked without others. */
enum guest_change_result guest_change_decode(const uint8_t *buffer, size_t length, struct guest_change *change,
                                             size_t *used, const char **reason);

/* The next attribute or extent of a decoded record, from *@position on, which starts at 0; false after the last. */
bool guest_change_next_xattr(const struct guest_change *change, size_t *position, const char **name,
                             const uint8_t **value, size_t *length);
bool guest_change_next_extent(const struct guest_change *change, size_t *position, uint64_t *offset, uint64_t *length);
size_t guest_change_extent_count(const struct guest_change *change);
/* How many bytes of the file's content follow the record. */
uint64_t guest_change_data_length(const struct guest_change *change);
