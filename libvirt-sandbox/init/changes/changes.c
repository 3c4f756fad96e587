/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/changes/changes.h"

#include "libvirt-sandbox/guest/change.h"
#include "libvirt-sandbox/guest/frame.h"
#include "libvirt-sandbox/init/changes/change-record.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/root/closed.h"
#include "libvirt-sandbox/init/root/overlay.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/wire/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <search.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

/*
 * Reports what changed in the overlays, from their upper layers, when the program and all that it started are
 * dead: a child of init writes records into a pipe, and they go to the host as output does.
 */

#define DESCRIPTORS_MAX 8192
#define PIPE_SIZE (1024 * 1024)

/* What init made for mounts, as it was when the program started: that is not a change. */
struct prepared {
    struct file_key key;
    struct timespec changed;
};

/* A directory on the path to the current file. It is reported when it has changed itself, or when something in it has.
 */
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

static void *prepared; /* a tree of tsearch() */
static bool listing;

/* Opens the current file in the lower layer, without following any symbolic link there. */
static int
open_below(const struct overlay_layer *layer, int flags)
{
    struct open_how how = { .flags = (uint64_t)flags | O_NOFOLLOW | O_CLOEXEC,
                            .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH };
    size_t prefix = strlen(layer->target);
    const char *inside = change_path + prefix + (prefix > 0 && change_path[prefix] == '/');

    return (int)syscall(SYS_openat2, layer->lower, *inside ? inside : ".", &how, sizeof(how));
}

static bool
exists_below(const struct overlay_layer *layer, bool *directory)
{
    int fd = open_below(layer, O_PATH);
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

    return fgetxattr(directory, OVERLAY_OPAQUE, value, sizeof(value)) == 1 && value[0] == 'y';
}

/* The way down */

/* Reports a directory after those above it. */
static void
report_directory(struct level *level)
{
    char next;

    if (!level || level->told) {
        return;
    }
    level->told = true;
    report_directory(level->parent);
    next = change_path[level->path_length];
    change_path[level->path_length] = '\0';
    if (fchdir(level->upper) < 0) {
        change_fail(errno, "/%s", change_path);
    }
    change_report(".", &level->status, level->existed);
    change_path[level->path_length] = next;
}

static bool
is_as_prepared(const struct stat *status)
{
    struct file_key key = { status->st_dev, status->st_ino };
    struct prepared **found = tfind(&key, &prepared, compare_file_keys);

    return found && (*found)->changed.tv_sec == status->st_ctim.tv_sec &&
           (*found)->changed.tv_nsec == status->st_ctim.tv_nsec;
}

static void walk(struct level *level);

static void
walk_directory(struct level *parent, const char *name, const struct stat *status, bool existed, bool was_directory)
{
    struct level level = {
        .parent = parent,
        .layer = parent->layer,
        .upper = openat(parent->upper, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
        .path_length = strlen(change_path),
        .status = *status,
        .existed = existed,
    };

    if (level.upper < 0) {
        change_fail(errno, "/%s", change_path);
    }
    level.opaque = parent->opaque || (is_opaque(level.upper) && !closed_is_shown_empty(change_path, status));
    if (!is_as_prepared(status)) {
        report_directory(&level);
    }
    if (level.opaque && !parent->opaque && was_directory) {
        report_directory(&level);
        change_report_path(GUEST_CHANGE_OPAQUE);
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
        change_fail(errno, "/%s", change_path);
    }
    existed = exists_below(level->layer, &was_directory);
    if (S_ISDIR(status.st_mode)) {
        walk_directory(level, name, &status, existed, was_directory);
        return;
    }
    if (S_ISSOCK(status.st_mode) || is_as_prepared(&status) || (is_whiteout(&status) && !existed) ||
        closed_is_made_up(change_path)) {
        return;
    }
    report_directory(level);
    if (is_whiteout(&status)) {
        change_report_path(GUEST_CHANGE_DELETED);
        return;
    }
    if (fchdir(level->upper) < 0) {
        change_fail(errno, "/%s", change_path);
    }
    change_report(name, &status, existed);
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

/* Calls @visit for each entry of @directory, with its path, in an order that is always the same. */
static void
for_each_entry(struct level *level, int directory, void (*visit)(struct level *, const char *))
{
    struct dirent **entries;
    int count = scandirat(directory, ".", &entries, is_entry, compare_names);

    if (count < 0) {
        change_fail(errno, "/%s", change_path);
    }
    for (int i = 0; i < count; i++) {
        size_t length = level->path_length;

        if (length + 1 + strlen(entries[i]->d_name) > GUEST_CHANGE_PATH_MAX) {
            change_fail(ENAMETOOLONG, "/%s/%s", change_path, entries[i]->d_name);
        }
        if (length > 0) {
            change_path[length++] = '/';
        }
        strcpy(change_path + length, entries[i]->d_name);
        visit(level, entries[i]->d_name);
        change_path[level->path_length] = '\0';
        free(entries[i]);
    }
    free(entries);
}

static void
list_if_gone(struct level *level, const char *name)
{
    struct stat status;

    if (fstatat(level->upper, name, &status, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT) {
        change_report_path(GUEST_CHANGE_DELETED);
    }
}

/* Reports what was deleted with a directory that another one replaced. */
static void
list_gone(struct level *level)
{
    int below = open_below(level->layer, O_RDONLY | O_DIRECTORY);

    if (below >= 0) {
        for_each_entry(level, below, list_if_gone);
        close(below);
    }
}

static void
walk(struct level *level)
{
    if (level->opaque && listing) {
        list_gone(level);
    }
    for_each_entry(level, level->upper, walk_entry);
}

/* The root of a layer exists from the start, with the attributes of the lower one. */
static bool
has_other_attributes(const struct stat *status, int lower)
{
    struct stat before;

    return fstat(lower, &before) < 0 || status->st_mode != before.st_mode || status->st_uid != before.st_uid ||
           status->st_gid != before.st_gid;
}

static void
walk_layer(const struct overlay_layer *layer)
{
    struct level root = { .layer = layer, .upper = layer->upper, .existed = true };

    root.path_length = strlen(layer->target);
    if (root.path_length > GUEST_CHANGE_PATH_MAX) {
        change_fail(ENAMETOOLONG, "/%s", layer->target);
    }
    strcpy(change_path, layer->target);
    if (fstat(root.upper, &root.status) < 0) {
        change_fail(errno, "/%s", change_path);
    }
    if (has_other_attributes(&root.status, layer->lower)) {
        if (fchdir(root.upper) < 0) {
            change_fail(errno, "/%s", change_path);
        }
        change_report(".", &root.status, true);
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
        *file = (struct prepared){ { status.st_dev, status.st_ino }, status.st_ctim };
        if (!tsearch(file, &prepared, compare_file_keys)) {
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

/* The clock of file systems advances every few milliseconds. Waits for the next step, so that what the program does
 * gets a later time. */
static void
wait_for_clock_step(void)
{
    struct timespec start, now;

    clock_gettime(CLOCK_REALTIME_COARSE, &start);
    do {
        usleep(1000);
        clock_gettime(CLOCK_REALTIME_COARSE, &now);
    } while (now.tv_sec == start.tv_sec && now.tv_nsec == start.tv_nsec);
}

void
changes_prepare(const struct settings *settings)
{
    const struct overlay_layer *layers;
    size_t count = overlay_layers(&layers);

    for (size_t i = 0; settings->changes && i < count; i++) {
        remember(layers[i].upper);
    }
    if (prepared) {
        wait_for_clock_step();
    }
}

static noreturn void
report_all(const struct settings *settings, int pipe)
{
    struct rlimit descriptors = { DESCRIPTORS_MAX, DESCRIPTORS_MAX };
    const struct overlay_layer *layers;
    size_t count = overlay_layers(&layers);

    listing = strcmp(settings->changes, "list") == 0;
    change_open(pipe, !listing);
    /* The child keeps one open for each directory on the path. */
    (void)setrlimit(RLIMIT_NOFILE, &descriptors);
    for (size_t i = 0; i < count; i++) {
        walk_layer(&layers[i]);
    }
    change_path[0] = '\0';
    change_report_path(GUEST_CHANGE_END);
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
        report_all(settings, ends[1]);
    }
    close(ends[1]);
    /* Larger is only faster. */
    (void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE);
    fcntl(ends[0], F_SETFL, fcntl(ends[0], F_GETFL) | O_NONBLOCK);
    output_open(GUEST_STREAM_CHANGES, ends[0]);
}
