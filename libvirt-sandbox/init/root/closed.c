/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/root/closed.h"

#include "libvirt-sandbox/guest/manifest.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/kernel/kernel-files.h"
#include "libvirt-sandbox/init/kernel/path.h"
#include "libvirt-sandbox/init/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/*
 * A machine sees of the host what QEMU's user may read. A program that is root in the machine does not expect that
 * it cannot open /root. So such a closed directory is shown empty, with its owner and mode. In a writable root it
 * is an opaque directory in the overlay's upper layer, so that it can be written, renamed and removed like any
 * other.
 */

/* A name that no directory contains. Looking it up shows whether the directory can be searched. */
#define PROBE ".libvirt-sandbox-closed"

/* The path to a home directory may contain links, whose owner may have made it as deep as he likes. */
#define DEPTH_MAX 64
#define USERS_SIZE_MAX (1024 * 1024)

/* Of one overlay, as directories of the first root. */
struct layers {
    int lower, upper;
};

struct closed_directory {
    dev_t device;
    ino_t inode;
    char *path; /* compared as well, because the inode number is used again after a directory was removed */
    struct closed_directory *next;
};

static struct closed_directory *shown;
static bool passwords_are_made_up;

/* Lists of users or groups, and the files with their passwords. */
static const struct {
    const char *names, *passwords;
} password_files[] = {
    { "etc/passwd", "etc/shadow" },
    { "etc/group", "etc/gshadow" },
};

static int
open_in(int root, const char *path, int flags, uint64_t resolve)
{
    struct open_how how = { .flags = (uint64_t)flags | O_CLOEXEC, .resolve = resolve };

    path += strspn(path, "/");
    return (int)syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof(how));
}

/* The guest's kernel allows init everything; what counts is the host's answer. */
static bool
is_closed(int directory)
{
    struct stat status;

    return fstatat(directory, PROBE, &status, AT_SYMLINK_NOFOLLOW) < 0 && errno == EACCES;
}

/* --- as a directory of an upper layer ----------------------------------------------------------- */

/* The path from @root to @fd, without links; false if @fd is not below @root. */
static bool
find_path(int root, int fd, char path[PATH_MAX])
{
    char name[32], base[PATH_MAX];
    ssize_t base_length, length;

    snprintf(name, sizeof(name), "self/fd/%d", root);
    base_length = readlinkat(kernel_files(), name, base, sizeof(base));
    snprintf(name, sizeof(name), "self/fd/%d", fd);
    length = readlinkat(kernel_files(), name, path, PATH_MAX - 1);
    if (base_length <= 0 || base_length == sizeof(base) || length <= base_length ||
        memcmp(path, base, (size_t)base_length) != 0 || path[base_length] != '/') {
        return false;
    }
    memmove(path, path + base_length + 1, (size_t)(length - base_length - 1));
    path[length - base_length - 1] = '\0';
    return true;
}

/* Makes one directory of the path in the upper layer, like the one in the lower layer. */
static int
make_step(const struct layers *layers, int parent, const char *path, const char *name)
{
    int lower = open_in(layers->lower, path, O_PATH | O_DIRECTORY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    int upper = -1;

    if (lower >= 0 && (mkdirat(parent, name, 0700) == 0 || errno == EEXIST)) {
        upper = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (upper >= 0 && !filesystem_copy_attributes(lower, upper)) {
        close(upper);
        upper = -1;
    }
    if (lower >= 0) {
        close(lower);
    }
    return upper;
}

/* Makes @path in the upper layer, with the directories above it. @parent is the directory in which @rest of it is made.
 */
static int
make_directories(const struct layers *layers, int parent, const char *path, const char *rest)
{
    size_t length = strcspn(rest, "/");
    char until[PATH_MAX], name[NAME_MAX + 1];
    struct stat before;
    struct timespec times[2];
    int step, last;

    if (length > NAME_MAX || fstat(parent, &before) < 0) {
        return -1;
    }
    snprintf(until, sizeof(until), "%.*s", (int)(rest - path + (ptrdiff_t)length), path);
    snprintf(name, sizeof(name), "%.*s", (int)length, rest);
    step = make_step(layers, parent, until, name);
    times[0] = before.st_atim;
    times[1] = before.st_mtim;
    (void)futimens(parent, times);
    if (step < 0 || rest[length] == '\0') {
        return step;
    }
    last = make_directories(layers, step, path, rest + length + 1);
    close(step);
    return last;
}

static void
remember(int directory, const char *path)
{
    struct closed_directory *closed = malloc(sizeof(*closed));
    char *copy = strdup(path);
    struct stat status;

    if (!closed || !copy || fstat(directory, &status) < 0) {
        fail(GUEST_STAGE_ROOT, errno, "overlay");
    }
    *closed = (struct closed_directory){ status.st_dev, status.st_ino, copy, shown };
    shown = closed;
}

/* Shows the directory empty if it is closed; on failure it stays closed. */
static void
show_empty_if_closed(const struct layers *layers, const char *asked)
{
    int lower = open_in(layers->lower, asked, O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    char path[PATH_MAX];
    int upper;

    if (lower < 0) {
        return;
    }
    if (is_closed(lower) && find_path(layers->lower, lower, path) && path_depth(path) <= DEPTH_MAX) {
        upper = make_directories(layers, layers->upper, path, path);
        if (upper >= 0 && fsetxattr(upper, OVERLAY_OPAQUE, "y", 1, 0) == 0) {
            remember(upper, path);
            log_debug("/%s is closed to the host's side: shown empty", path);
        } else {
            log_debug("/%s is closed to the host's side: %s", path, strerror(errno));
        }
        if (upper >= 0) {
            close(upper);
        }
    }
    close(lower);
}

/* --- passwords ----------------------------------------------------------------------------------- */

static FILE *
open_names(const struct layers *layers, const char *path)
{
    int fd = open_in(layers->lower, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    struct stat status;

    if (fd < 0) {
        return NULL;
    }
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size > USERS_SIZE_MAX) {
        close(fd);
        return NULL;
    }
    return fdopen(fd, "r");
}

/* Only the names are taken from the list, and of a group also its members. */
static void
write_passwords(FILE *names, int passwords, bool groups)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length;

    while ((length = getline(&line, &size, names)) > 0) {
        char *rest = line;
        char *name, *members;

        line[strcspn(line, "\n")] = '\0';
        name = strsep(&rest, ":");
        if (!*name || !rest) {
            continue;
        }
        members = strrchr(rest, ':');
        if (groups) {
            dprintf(passwords, "%s:*::%s\n", name, members ? members + 1 : "");
        } else {
            dprintf(passwords, "%s:*:::::::\n", name);
        }
    }
    free(line);
}

static bool
is_regular(int fd)
{
    struct stat status;

    return fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/* Restores the times of /etc, in which a file was made. */
static bool
keep_time(const struct layers *layers, int upper)
{
    int lower = open_in(layers->lower, "etc", O_PATH | O_DIRECTORY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    bool kept = lower >= 0 && filesystem_copy_attributes(lower, upper);

    if (lower >= 0) {
        close(lower);
    }
    return kept;
}

/* Programs that add a user need the file of passwords. It is made without the host's passwords: no password matches. */
static void
make_up_passwords(const struct layers *layers, const char *names, const char *path)
{
    int lower = open_in(layers->lower, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    FILE *list = lower < 0 && errno == EACCES ? open_names(layers, names) : NULL;
    int directory, passwords = -1;

    if (lower >= 0) {
        close(lower);
    }
    if (!list) {
        return;
    }
    lower = open_in(layers->lower, path, O_PATH, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    directory = make_directories(layers, layers->upper, "etc", "etc");
    if (directory >= 0 && is_regular(lower)) {
        passwords = openat(directory, strrchr(path, '/') + 1, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    if (passwords >= 0) {
        write_passwords(list, passwords, strcmp(names, "etc/group") == 0);
        if (!filesystem_copy_attributes(lower, passwords) || !keep_time(layers, directory)) {
            fail(GUEST_STAGE_ROOT, errno, "overlay: /%s", path);
        }
        passwords_are_made_up = true;
        log_debug("/%s is closed to the host's side: it has no password that fits", path);
        close(passwords);
    }
    fclose(list);
    if (directory >= 0) {
        close(directory);
    }
    if (lower >= 0) {
        close(lower);
    }
}

/* --- from outside --------------------------------------------------------------------------------- */

void
closed_prepare_layer(const struct settings *settings, int lower, int upper)
{
    const struct guest_directive *closed = NULL;
    const struct layers layers = { lower, upper };

    while ((closed = guest_manifest_next(&settings->manifest, GUEST_WORD_CLOSED, closed))) {
        show_empty_if_closed(&layers, closed->fields[0]);
    }
    for (size_t i = 0; i < sizeof(password_files) / sizeof(password_files[0]); i++) {
        make_up_passwords(&layers, password_files[i].names, password_files[i].passwords);
    }
}

/* Looks @path up in the overlay, with the directories above it. */
static void
look_up(int overlay, const char *path)
{
    int fd = open_in(overlay, path, O_PATH, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

    if (fd >= 0) {
        close(fd);
    }
}

void
closed_finish_layer(int overlay)
{
    for (const struct closed_directory *closed = shown; closed; closed = closed->next) {
        look_up(overlay, closed->path);
    }
    if (passwords_are_made_up) {
        look_up(overlay, "etc");
    }
}

static void
cover_if_closed(int root, const char *path)
{
    int target = filesystem_open_in_root(root, path, O_PATH, 0);
    char options[64];
    struct stat status;
    int mount;

    if (target < 0) {
        return;
    }
    if (fstat(target, &status) < 0 || !S_ISDIR(status.st_mode) || !is_closed(target)) {
        close(target);
        return;
    }
    snprintf(options, sizeof(options), "mode=%o,uid=%u,gid=%u,size=4k", status.st_mode & 07777, status.st_uid,
             status.st_gid);
    mount = filesystem_new("tmpfs", "closed", options,
                           MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    if (mount < 0 || filesystem_attach(mount, target) < 0) {
        fail(GUEST_STAGE_ROOT, errno, "empty %s", path);
    }
    log_debug("%s is closed to the host's side: shown empty", path);
}

void
closed_cover_all(const struct settings *settings, int root)
{
    const struct guest_directive *closed = NULL;

    while ((closed = guest_manifest_next(&settings->manifest, GUEST_WORD_CLOSED, closed))) {
        cover_if_closed(root, closed->fields[0]);
    }
}

bool
closed_is_shown_empty(const char *path, const struct stat *status)
{
    for (const struct closed_directory *closed = shown; closed; closed = closed->next) {
        if (strcmp(closed->path, path) == 0 && closed->device == status->st_dev && closed->inode == status->st_ino) {
            return true;
        }
    }
    return false;
}

bool
closed_is_made_up(const char *path)
{
    for (size_t i = 0; passwords_are_made_up && i < sizeof(password_files) / sizeof(password_files[0]); i++) {
        size_t length = strlen(password_files[i].passwords);

        /* Programs that change such a file keep a copy with a hyphen at the end. */
        if (strncmp(path, password_files[i].passwords, length) == 0 &&
            (path[length] == '\0' || strcmp(path + length, "-") == 0)) {
            return true;
        }
    }
    return false;
}
