/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "libvirt-sandbox/guest/change.h"

/*
 * What changed in the overlays, read from their upper layers when the program and all that it started
 * are dead: a child of ours writes it into a pipe, and it goes to the host as output goes.
 */

#define DESCRIPTORS_MAX 8192
#define XATTR_NAMES_MAX 65536
#define XATTR_VALUE_MAX 65536
#define OPAQUE "trusted.overlay.opaque"
#define OVERLAY_PREFIX "trusted.overlay."

/* What we made for mounts, as it was when the program started: that is no change. */
struct prepared {
    dev_t device;
    ino_t inode;
    struct timespec changed;
};

struct hard_link {
    dev_t device;
    ino_t inode;
    char *path;
};

/* A directory on the way down. It is told when it has changed itself, or something in it has. */
struct level {
    struct level *parent;
    const struct overlay_layer *layer;
    int upper;
    size_t path_length;
    struct stat status;
    bool existed; /* in the lower layer */
    bool opaque;  /* nothing of the lower layer shows in it */
    bool told;
};

static void *prepared; /* trees of tsearch() */
static void *hard_links;
static int out;
static bool with_data;
static char path[GUEST_CHANGE_PATH_MAX + 257];
static uint8_t record[GUEST_CHANGE_LENGTH_SIZE + GUEST_CHANGE_BODY_MAX];
static struct guest_change_writer writer = { .data = record, .size = sizeof(record) };

static int
compare_files(const void *a, const void *b)
{
    const struct prepared *first = a, *second = b;

    if (first->device != second->device) {
        return first->device < second->device ? -1 : 1;
    }
    return first->inode < second->inode ? -1 : first->inode > second->inode;
}

/* Sending */

static noreturn void stop(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
write_all(const uint8_t *data, size_t length)
{
    while (length > 0) {
        ssize_t count = write(out, data, length);

        /* The host wants no more. */
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
        stop(0, "/%s: has too many attributes", path);
    }
    write_all(record, length);
}

/* The reason, in place of all that was to come. */
static noreturn void
stop(int error, const char *format, ...)
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

static void
send_simple(enum guest_change_kind kind)
{
    struct guest_change change = { .kind = kind, .path = path, .path_length = strlen(path) };

    guest_change_begin(&writer, &change);
    send_record();
}

/* What there is to tell of a file */

/* As the lower layer has it, where no symbolic link of it may lead elsewhere. */
static bool
exists_below(const struct overlay_layer *layer, bool *directory)
{
    struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
                            .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH };
    size_t prefix = strlen(layer->target);
    const char *inside = path + prefix + (prefix > 0 && path[prefix] == '/');
    int fd = (int)syscall(SYS_openat2, layer->lower, *inside ? inside : ".", &how, sizeof(how));
    struct stat status;

    *directory = false;
    if (fd < 0) {
        return false;
    }
    if (fstat(fd, &status) == 0) {
        *directory = S_ISDIR(status.st_mode);
    }
    close(fd);
    return true;
}

static bool
is_opaque(int directory)
{
    char value[2];

    return fgetxattr(directory, OPAQUE, value, sizeof(value)) == 1 && value[0] == 'y';
}

static void
add_xattr(const char *name, const char *attribute)
{
    static uint8_t value[XATTR_VALUE_MAX];
    ssize_t length = lgetxattr(name, attribute, value, sizeof(value));

    if (length < 0) {
        stop(errno, "/%s: attribute %s", path, attribute);
    }
    guest_change_add_xattr(&writer, attribute, value, (size_t)length);
}

/* Of @name in the current directory; the overlay's own are none of the program's. */
static void
add_xattrs(const char *name)
{
    static char names[XATTR_NAMES_MAX];
    ssize_t length = llistxattr(name, names, sizeof(names));

    if (length < 0 && errno != EOPNOTSUPP) {
        stop(errno, "/%s: attributes", path);
    }
    for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1) {
        if (strncmp(names + at, OVERLAY_PREFIX, strlen(OVERLAY_PREFIX)) != 0) {
            add_xattr(name, names + at);
        }
    }
}

/* The last extent that a record holds goes to the end, with the holes in it. */
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
            stop(errno, "/%s", path);
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

            /* What was announced cannot be taken back: the host sees an early end. */
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
    struct hard_link key = { .device = status->st_dev, .inode = status->st_ino };
    struct hard_link **found = tfind(&key, &hard_links, compare_files);
    struct hard_link *link;

    if (found) {
        return (*found)->path;
    }
    link = malloc(sizeof(*link));
    if (!link || !(key.path = strdup(path))) {
        stop(ENOMEM, "/%s", path);
    }
    *link = key;
    if (!tsearch(link, &hard_links, compare_files)) {
        stop(ENOMEM, "/%s", path);
    }
    return NULL;
}

static void
send_file(const char *name, const struct stat *status, bool existed)
{
    char target[GUEST_CHANGE_PATH_MAX + 1];
    struct guest_change change = {
        .kind = existed ? GUEST_CHANGE_CHANGED : GUEST_CHANGE_ADDED,
        .mode = status->st_mode,
        .uid = status->st_uid,
        .gid = status->st_gid,
        .seconds = status->st_mtim.tv_sec,
        .nanoseconds = (uint32_t)status->st_mtim.tv_nsec,
        .path = *path ? path : ".",
        .path_length = *path ? strlen(path) : 1,
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
            stop(length < 0 ? errno : ENAMETOOLONG, "/%s", path);
        }
        change.link = target;
        change.link_length = (size_t)length;
    }
    if (has_data) {
        change.size = (uint64_t)status->st_size;
        file = open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (file < 0 || change.size > GUEST_CHANGE_SIZE_MAX) {
            stop(file < 0 ? errno : EFBIG, "/%s", path);
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

/* The way down */

/* What is above a directory comes before it. */
static void
tell_level(struct level *level)
{
    char next;

    if (!level || level->told) {
        return;
    }
    level->told = true;
    tell_level(level->parent);
    next = path[level->path_length];
    path[level->path_length] = '\0';
    if (level->parent || *path) {
        if (fchdir(level->upper) < 0) {
            stop(errno, "/%s", path);
        }
        send_file(".", &level->status, level->existed);
    }
    path[level->path_length] = next;
}

static bool
is_as_prepared(const struct stat *status)
{
    struct prepared key = { .device = status->st_dev, .inode = status->st_ino };
    struct prepared **found = tfind(&key, &prepared, compare_files);

    return found && (*found)->changed.tv_sec == status->st_ctim.tv_sec &&
           (*found)->changed.tv_nsec == status->st_ctim.tv_nsec;
}

static void walk(struct level *level);

static void
walk_directory(struct level *parent, const char *name, const struct stat *status, bool existed,
               bool was_directory)
{
    struct level level = {
        .parent = parent,
        .layer = parent->layer,
        .upper = openat(parent->upper, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
        .path_length = strlen(path),
        .status = *status,
        .existed = existed,
    };

    if (level.upper < 0) {
        stop(errno, "/%s", path);
    }
    level.opaque = parent->opaque || is_opaque(level.upper);
    if (!is_as_prepared(status)) {
        tell_level(&level);
    }
    if (level.opaque && !parent->opaque && was_directory) {
        tell_level(&level);
        send_simple(GUEST_CHANGE_OPAQUE);
    }
    walk(&level);
    close(level.upper);
}

static bool
is_whiteout(const struct stat *status)
{
    return S_ISCHR(status->st_mode) && status->st_rdev == makedev(0, 0);
}

static void
walk_entry(struct level *level, const char *name)
{
    bool existed, was_directory;
    struct stat status;

    if (fstatat(level->upper, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
        stop(errno, "/%s", path);
    }
    existed = exists_below(level->layer, &was_directory);
    if (S_ISDIR(status.st_mode)) {
        walk_directory(level, name, &status, existed, was_directory);
        return;
    }
    if (S_ISSOCK(status.st_mode) || is_as_prepared(&status) || (is_whiteout(&status) && !existed)) {
        return;
    }
    tell_level(level);
    if (is_whiteout(&status)) {
        send_simple(GUEST_CHANGE_DELETED);
        return;
    }
    if (fchdir(level->upper) < 0) {
        stop(errno, "/%s", path);
    }
    send_file(name, &status, existed);
}

static int
is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int
compare_names(const struct dirent **first, const struct dirent **second)
{
    return strcmp((*first)->d_name, (*second)->d_name);
}

/* In an order that the same changes always have. */
static void
walk(struct level *level)
{
    struct dirent **entries;
    int count = scandirat(level->upper, ".", &entries, is_entry, compare_names);

    if (count < 0) {
        stop(errno, "/%s", path);
    }
    for (int i = 0; i < count; i++) {
        size_t length = level->path_length;

        if (length + 1 + strlen(entries[i]->d_name) > GUEST_CHANGE_PATH_MAX) {
            stop(ENAMETOOLONG, "/%s/%s", path, entries[i]->d_name);
        }
        if (length > 0) {
            path[length++] = '/';
        }
        strcpy(path + length, entries[i]->d_name);
        walk_entry(level, entries[i]->d_name);
        path[level->path_length] = '\0';
        free(entries[i]);
    }
    free(entries);
}

/* The root of a layer is there from the start, with the attributes of the lower one. */
static bool
has_other_attributes(const struct stat *status, int lower)
{
    struct stat before;

    return fstat(lower, &before) < 0 || status->st_mode != before.st_mode ||
           status->st_uid != before.st_uid || status->st_gid != before.st_gid;
}

static void
walk_layer(const struct overlay_layer *layer)
{
    struct level root = { .layer = layer, .upper = layer->upper, .existed = true };

    root.path_length = strlen(layer->target);
    if (root.path_length > GUEST_CHANGE_PATH_MAX) {
        stop(ENAMETOOLONG, "/%s", layer->target);
    }
    strcpy(path, layer->target);
    if (fstat(root.upper, &root.status) < 0) {
        stop(errno, "/%s", path);
    }
    if (has_other_attributes(&root.status, layer->lower)) {
        if (fchdir(root.upper) < 0) {
            stop(errno, "/%s", path);
        }
        send_file(".", &root.status, true);
    }
    root.told = true;
    walk(&root);
}

/* From outside */

static void
remember(int directory)
{
    struct dirent **entries;
    int count = scandirat(directory, ".", &entries, is_entry, compare_names);

    for (int i = 0; i < count; i++) {
        struct prepared *file = malloc(sizeof(*file));
        struct stat status;
        int below;

        if (!file || fstatat(directory, entries[i]->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
            fail(GUEST_STAGE_CHANGES, errno, "overlay");
        }
        *file = (struct prepared){ status.st_dev, status.st_ino, status.st_ctim };
        if (!tsearch(file, &prepared, compare_files)) {
            fail(GUEST_STAGE_CHANGES, ENOMEM, "overlay");
        }
        if (S_ISDIR(status.st_mode)) {
            below = openat(directory, entries[i]->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (below < 0) {
                fail(GUEST_STAGE_CHANGES, errno, "overlay");
            }
            remember(below);
            close(below);
        }
        free(entries[i]);
    }
    if (count < 0) {
        fail(GUEST_STAGE_CHANGES, errno, "overlay");
    }
    free(entries);
}

void
changes_prepare(const struct settings *settings)
{
    const struct overlay_layer *layers;
    size_t count = overlay_layers(&layers);

    for (size_t i = 0; settings->changes && i < count; i++) {
        remember(layers[i].upper);
    }
}

static noreturn void
tell_all(const struct settings *settings)
{
    struct rlimit descriptors = { DESCRIPTORS_MAX, DESCRIPTORS_MAX };
    const struct overlay_layer *layers;
    size_t count = overlay_layers(&layers);

    with_data = strcmp(settings->changes, "tar") == 0;
    /* One for each directory on the way down. */
    (void)setrlimit(RLIMIT_NOFILE, &descriptors);
    for (size_t i = 0; i < count; i++) {
        walk_layer(&layers[i]);
    }
    path[0] = '\0';
    send_simple(GUEST_CHANGE_END);
    _exit(0);
}

void
changes_start(const struct settings *settings)
{
    int ends[2];
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) < 0) {
        fail(GUEST_STAGE_CHANGES, errno, "changes");
    }
    child = fork();
    if (child < 0) {
        fail(GUEST_STAGE_CHANGES, errno, "changes");
    }
    if (child == 0) {
        close(ends[0]);
        out = ends[1];
        tell_all(settings);
    }
    close(ends[1]);
    fcntl(ends[0], F_SETFL, fcntl(ends[0], F_GETFL) | O_NONBLOCK);
    output_open(GUEST_STREAM_CHANGES, ends[0]);
}
