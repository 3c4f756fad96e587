/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/root/mounts.h"

#include "libvirt-sandbox/guest/manifest.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/root/hide.h"
#include "libvirt-sandbox/init/root/home.h"
#include "libvirt-sandbox/init/root/images.h"
#include "libvirt-sandbox/init/root/includes.h"
#include "libvirt-sandbox/init/kernel/kernel-files.h"
#include "libvirt-sandbox/init/kernel/path.h"
#include "libvirt-sandbox/init/root/root.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/users.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

struct mount_item {
    const char *kind;
    char *target;
    const char *source;
    const char *options;
    bool writable;
    bool private; /* added by init: the root may lack the directory */
    bool home;
    bool done;
    int held; /* open if something has to be written back at the end; else -1 */
};

/* Every sandbox has these in memory. */
static const struct {
    const char *target, *options;
} private_directories[] = {
    { "/run", "mode=0755" },
    { "/tmp", "mode=1777" },
    { "/var/tmp", "mode=1777" },
    { "/dev/shm", "mode=1777" },
};

/* A directory in the first root of a machine. */
#define FILE_PLACE "/file-place"

#define PRIVATE_COUNT (sizeof(private_directories) / sizeof(private_directories[0]))

static struct mount_item *items;
static size_t item_count;

/* Returns the path without doubled and trailing slashes, so that equal paths compare as equal. */
static char *
normalized(const char *path)
{
    char *copy = malloc(strlen(path) + 2);
    char *end = copy;

    if (!copy) {
        fail(GUEST_STAGE_MOUNTS, ENOMEM, "mount %s", path);
    }
    while (*(path += strspn(path, "/"))) {
        size_t length = strcspn(path, "/");

        *end++ = '/';
        memcpy(end, path, length);
        end += length;
        path += length;
    }
    if (end == copy) {
        *end++ = '/';
    }
    *end = '\0';
    return copy;
}

static bool
is_below(const char *path, const char *directory)
{
    size_t length = strlen(directory);

    return strncmp(path, directory, length) == 0 && path[length] == '/';
}

static bool
is_at_or_below(const char *path, const char *directory)
{
    return strcmp(directory, "/") == 0 || strcmp(path, directory) == 0 || is_below(path, directory);
}

static bool
is_guest_bind(const struct mount_item *item)
{
    return strcmp(item->kind, "guest-bind") == 0;
}

static bool
is_image(const struct mount_item *item)
{
    return strcmp(item->kind, "image") == 0;
}

static void
check_target(const char *target)
{
    static const char *const taken[] = { "/", "/dev", "/proc", "/sys" };

    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (strcmp(target, taken[i]) == 0) {
            fail(GUEST_STAGE_MOUNTS, EBUSY, "mount %s", target);
        }
    }
}

static void
add_from_manifest(const struct guest_directive *directive)
{
    struct mount_item item = {
        .kind = directive->fields[0],
        .target = normalized(directive->fields[1]),
        .source = directive->fields[2],
        .options = directive->fields[3],
        .writable = strcmp(directive->fields[4], "rw") == 0,
    };

    check_target(item.target);
    items[item_count++] = item;
}

static void
add_private(void)
{
    size_t given = item_count;

    for (size_t i = 0; i < PRIVATE_COUNT; i++) {
        size_t same = 0;

        while (same < given && strcmp(items[same].target, private_directories[i].target) != 0) {
            same++;
        }
        if (same == given) {
            items[item_count++] = (struct mount_item){
                .kind = "tmpfs",
                .target = normalized(private_directories[i].target),
                .source = "",
                .options = private_directories[i].options,
                .writable = true,
                .private = true,
            };
        }
    }
}

static void
add_home(const struct settings *settings)
{
    const struct guest_directive *home = guest_manifest_find(&settings->manifest, GUEST_WORD_PRIVATE_HOME);

    if (home) {
        items[item_count++] = (struct mount_item){
            .kind = "tmpfs",
            .target = normalized(home->fields[0]),
            .source = home->fields[1],
            .options = home_options(settings),
            .writable = true,
            .home = true,
        };
        check_target(items[item_count - 1].target);
    }
}

static int
compare_items(const void *a, const void *b)
{
    const struct mount_item *first = a, *second = b;
    int by_depth = path_depth(first->target) - path_depth(second->target);

    return by_depth ? by_depth : strcmp(first->target, second->target);
}

/* Whether @first must be mounted before @item. */
static bool
comes_before(const struct mount_item *first, const struct mount_item *item)
{
    if (is_below(item->target, first->target)) {
        return true;
    }
    /* A bind mount must show what is mounted below its source, and must not show what a private directory covers. */
    return is_guest_bind(item) && !is_below(first->target, item->target) &&
           (first->private || first->home || is_at_or_below(first->target, item->source));
}

static bool
is_ready(const struct mount_item *item)
{
    for (size_t i = 0; i < item_count; i++) {
        if (&items[i] != item && !items[i].done && comes_before(&items[i], item)) {
            return false;
        }
    }
    return true;
}

static struct mount_item *
next_item(void)
{
    for (size_t i = 0; i < item_count; i++) {
        if (!items[i].done && is_ready(&items[i])) {
            return &items[i];
        }
    }
    return NULL;
}

static int
new_tmpfs(const struct mount_item *item, uint64_t attributes)
{
    char options[512];

    if (*item->source == '\0') {
        return filesystem_new("tmpfs", "tmpfs", item->options, attributes);
    }
    snprintf(options, sizeof(options), "size=%s,%s", item->source, item->options);
    return filesystem_new("tmpfs", "tmpfs", options, attributes);
}

static int
clone_of_root(const char *source, uint64_t attributes)
{
    int directory = root_open(source);
    int mount = directory < 0 ? -1 : filesystem_clone(directory, "", true, attributes);
    int error = errno;

    if (directory >= 0) {
        close(directory);
    }
    errno = error;
    return mount;
}

/* Mounts a single file: the only one in its file system. That file system must be attached for this, in the first root,
 * which only init can reach. */
static int
open_file(const struct mount_item *item, uint64_t attributes)
{
    int directory = filesystem_new("9p", item->source, item->options, attributes);
    int place, mount, error;

    if (directory < 0) {
        return -1;
    }
    place = mkdir(FILE_PLACE, 0700) == 0 || errno == EEXIST ? open(FILE_PLACE, O_PATH | O_CLOEXEC) : -1;
    if (place < 0 || filesystem_attach(directory, place) < 0) {
        return -1;
    }
    mount = filesystem_clone(AT_FDCWD, FILE_PLACE "/" GUEST_FILE_NAME, false, attributes);
    error = errno;
    umount2(FILE_PLACE, MNT_DETACH);
    errno = error;
    return mount;
}

static int
open_mount(const struct settings *settings, const struct mount_item *item, bool writable)
{
    uint64_t attributes = MOUNT_ATTR_NODEV;

    if (!settings->privileged || item->private) {
        attributes |= MOUNT_ATTR_NOSUID;
    }
    if (!writable) {
        attributes |= MOUNT_ATTR_RDONLY;
    }
    if (strcmp(item->kind, "tmpfs") == 0) {
        return new_tmpfs(item, attributes);
    }
    if (strcmp(item->kind, "bind") == 0) {
        return users_map_mount(filesystem_clone(AT_FDCWD, item->source, false, attributes));
    }
    if (strcmp(item->kind, "9p-file") == 0) {
        return open_file(item, attributes);
    }
    if (is_guest_bind(item)) {
        return clone_of_root(item->source, attributes);
    }
    if (is_image(item)) {
        return users_map_mount(image_open(settings, item->target, item->source, writable, attributes));
    }
    return filesystem_new(item->kind, item->source, item->options, attributes);
}

static int
open_target(const struct mount_item *item, int mount)
{
    struct stat status;
    bool directory;
    int target;

    if (fstat(mount, &status) < 0) {
        return -1;
    }
    directory = S_ISDIR(status.st_mode);
    target = root_open_target(item->target, directory);
    if (target >= 0 && fstat(target, &status) == 0 && S_ISDIR(status.st_mode) != directory) {
        close(target);
        errno = directory ? ENOTDIR : EISDIR;
        return -1;
    }
    return target;
}

static void
make_lock_directory(int run)
{
    if (mkdirat(run, "lock", 01777) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "/run/lock");
    }
}

/* The links by which the root finds its own programs. */
static void
make_links(const struct settings *settings, int run)
{
    const struct guest_directive *link = NULL;

    while ((link = guest_manifest_next(&settings->manifest, GUEST_WORD_LINK, link))) {
        if (symlinkat(link->fields[1], run, link->fields[0]) < 0) {
            fail(GUEST_STAGE_MOUNTS, errno, "/run/%s", link->fields[0]);
        }
    }
}

static void
fill_run(const struct settings *settings, int run)
{
    make_lock_directory(run);
    make_links(settings, run);
    if (settings->runtime_directory) {
        home_make_runtime_directory(settings, run);
    }
}

/* Whether every root has the directory itself, whatever is mounted there. */
static bool
is_in_every_root(const struct mount_item *item)
{
    return strcmp(item->target, "/run") == 0 || strcmp(item->target, "/tmp") == 0;
}

/* A mount that is read-only for the program gets its includes first. */
static int
open_filled(const struct settings *settings, const struct mount_item *item)
{
    struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
    bool has_includes = !item->private && includes_exist(settings, item->target);
    int mount = open_mount(settings, item, item->writable || has_includes);

    if (mount < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount %s: %s %s", item->target, item->kind, item->source);
    }
    if (!has_includes) {
        return mount;
    }
    includes_copy(settings, item->target, mount);
    if (!item->writable && mount_setattr(mount, "", AT_EMPTY_PATH, &read_only, sizeof(read_only)) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount %s: ro", item->target);
    }
    return mount;
}

static bool
holds_data(const struct mount_item *item, bool machine)
{
    bool of_guest = strcmp(item->kind, "tmpfs") == 0 || is_guest_bind(item);

    /* In a container, directories of the host are written by the host's kernel and need no write-back. */
    return item->writable && !of_guest && (machine || is_image(item));
}

/* Opens the mount now, because at the end anything may be at its path. */
static void
hold_open(const struct settings *settings, struct mount_item *item, int mount)
{
    char path[32];

    item->held = -1;
    if (!holds_data(item, settings->machine)) {
        return;
    }
    item->held = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (item->held < 0 && errno == ENOTDIR) {
        snprintf(path, sizeof(path), "self/fd/%d", mount);
        item->held = openat(kernel_files(), path, O_RDONLY | O_CLOEXEC);
    }
    if (item->held < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount %s", item->target);
    }
}

static void
mount_item(const struct settings *settings, struct mount_item *item)
{
    int mount = open_filled(settings, item);
    int target;

    hold_open(settings, item, mount);

    if (item->private && strcmp(item->target, "/run") == 0) {
        fill_run(settings, mount);
    }
    if (item->home) {
        home_attach(settings, mount, item->target);
        log_debug("mounted %s", item->target);
        return;
    }
    if (is_in_every_root(item)) {
        root_attach(mount, item->target);
        log_debug("mounted %s", item->target);
        return;
    }
    target = open_target(item, mount);
    if (target < 0 && item->private) {
        log_debug("no %s: %s", item->target, strerror(errno));
        close(mount);
        return;
    }
    if (target < 0 || filesystem_attach(mount, target) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount %s", item->target);
    }
    log_debug("mounted %s", item->target);
}

static bool
is_in_another(const struct mount_item *item)
{
    for (size_t i = 0; i < item_count; i++) {
        if (is_below(item->target, items[i].target)) {
            return true;
        }
    }
    return false;
}

void
mounts_plan(const struct settings *settings)
{
    const struct guest_manifest *manifest = &settings->manifest;
    const struct guest_directive *mount = NULL;

    items = calloc(manifest->count + PRIVATE_COUNT + 1, sizeof(*items));
    if (!items) {
        fail(GUEST_STAGE_MOUNTS, ENOMEM, "mounts");
    }
    while ((mount = guest_manifest_next(manifest, GUEST_WORD_MOUNT, mount))) {
        add_from_manifest(mount);
    }
    add_private();
    add_home(settings);
    qsort(items, item_count, sizeof(*items), compare_items);
    for (size_t i = 0; i < item_count; i++) {
        bool on_devices = is_below(items[i].target, "/dev");

        if (!on_devices && !is_in_another(&items[i]) && root_make_room(items[i].target) < 0 && !items[i].private) {
            fail(GUEST_STAGE_MOUNTS, errno, "mount point %s", items[i].target);
        }
    }
}

/* Mounts from the top down, in whatever order the mounts were described. */
void
mounts_mount(const struct settings *settings)
{
    struct mount_item *item;

    hide_all(settings);
    while ((item = next_item())) {
        mount_item(settings, item);
        hide_all(settings);
        item->done = true;
    }
    for (size_t i = 0; i < item_count; i++) {
        if (!items[i].done) {
            fail(GUEST_STAGE_MOUNTS, ELOOP, "mount %s", items[i].target);
        }
    }
}

/* Unmounts lazily: the file system is gone when the last descriptor, this one, is closed. */
static void
write_back(const struct mount_item *item)
{
    char path[32];

    if (syncfs(item->held) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "write back %s", item->target);
    }
    snprintf(path, sizeof(path), "self/fd/%d", item->held);
    if (fchdir(kernel_files()) < 0 || umount2(path, MNT_DETACH) < 0) {
        log_debug("unmount %s: %s", item->target, strerror(errno));
    }
    close(item->held);
}

/* Unmounts from the bottom up, so that no mount is in use by one below it. */
void
mounts_write_back(bool machine)
{
    if (machine) {
        /* For file systems that a privileged program mounted itself. */
        sync();
    }
    for (size_t i = item_count; i > 0; i--) {
        if (items[i - 1].held >= 0) {
            write_back(&items[i - 1]);
        }
    }
    if (chdir("/") < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "/");
    }
    if (machine) {
        root_write_back();
    }
}
