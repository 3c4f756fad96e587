/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/users.h"

#include "libvirt-sandbox/guest/manifest.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/kernel/kernel-files.h"
#include "libvirt-sandbox/init/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The users of a container. Each has a number inside, which the host's files have as well, and another number to
 * the kernel, so that user 0 inside does not own anything of the host. Mounts of the host's files translate
 * between the two. File systems in memory that init mounts do not: they hold the kernel's numbers. Without extents
 * both numbers are the same.
 */

#define EXTENTS_MAX 8
/* The map if users keep their numbers. */
#define IDENTITY "0 0 4294967295\n"
#define NO_USER UINT32_MAX
/* A number that no user of the host has. */
#define MAKER 0x78000000u

struct extent {
    uint32_t inside, outside, count;
};

static struct extent extents[EXTENTS_MAX];
static size_t extent_count;
static char map[EXTENTS_MAX * 36] = IDENTITY;

/* An open user namespace with that map, to give to mounts. */
static int example = -1;

static uint32_t
read_number(const char *text)
{
    char *end;
    unsigned long long number;

    errno = 0;
    number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || number >= UINT32_MAX) {
        fail(GUEST_STAGE_MANIFEST, EINVAL, "manifest: users %s", text);
    }
    return (uint32_t)number;
}

static void
add_extent(const struct guest_directive *directive)
{
    struct extent *extent = &extents[extent_count];

    if (extent_count == EXTENTS_MAX) {
        fail(GUEST_STAGE_MANIFEST, EOVERFLOW, "manifest: users");
    }
    extent->inside = read_number(directive->fields[0]);
    extent->outside = read_number(directive->fields[1]);
    extent->count = read_number(directive->fields[2]);
    if (extent->count > NO_USER - extent->inside || extent->count > NO_USER - extent->outside) {
        fail(GUEST_STAGE_MANIFEST, EOVERFLOW, "manifest: users");
    }
    extent_count++;
}

static void
write_map_text(void)
{
    size_t length = 0;

    for (size_t i = 0; i < extent_count; i++) {
        length += (size_t)snprintf(map + length, sizeof(map) - length, "%u %u %u\n", extents[i].inside,
                                   extents[i].outside, extents[i].count);
    }
}

uint32_t
users_outside(uint32_t inside)
{
    for (size_t i = 0; i < extent_count; i++) {
        if (inside >= extents[i].inside && inside - extents[i].inside < extents[i].count) {
            return extents[i].outside + (inside - extents[i].inside);
        }
    }
    return extent_count == 0 ? inside : NO_USER;
}

uint32_t
users_inside(uint32_t outside)
{
    for (size_t i = 0; i < extent_count; i++) {
        if (outside >= extents[i].outside && outside - extents[i].outside < extents[i].count) {
            return extents[i].inside + (outside - extents[i].outside);
        }
    }
    return outside;
}

bool
users_map_process(pid_t pid)
{
    char path[64];

    snprintf(path, sizeof(path), "%d/uid_map", pid);
    if (!kernel_file_write(kernel_files(), path, map)) {
        return false;
    }
    snprintf(path, sizeof(path), "%d/gid_map", pid);
    return kernel_file_write(kernel_files(), path, map);
}

/* A namespace exists as long as a process is in it or has it open. */
static bool
open_example(void)
{
    struct clone_args clone = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
    pid_t child = (pid_t)syscall(SYS_clone3, &clone, sizeof(clone));
    char path[64];
    int error;

    if (child == 0) {
        for (;;) {
            pause();
        }
    }
    if (child < 0) {
        return false;
    }
    snprintf(path, sizeof(path), "%d/ns/user", child);
    if (users_map_process(child)) {
        example = openat(kernel_files(), path, O_RDONLY | O_CLOEXEC);
    }
    error = errno;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    errno = error;
    return example >= 0;
}

/* Keeps the capabilities when the user changes from 0. */
static bool
keep_capabilities(void)
{
    return prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) == 0;
}

/* Init creates files as the container's user 0, so that they belong to that user. */
static bool
become_owner(void)
{
    uint32_t root = users_outside(0);

    if (!keep_capabilities()) {
        return false;
    }
    setfsgid(root);
    setfsuid(root);
    if (prctl(PR_SET_DUMPABLE, 0) < 0) {
        return false;
    }
    /* Both calls return the previous number and no error, also for a number that is not valid. */
    if ((uint32_t)setfsgid(NO_USER) == root && (uint32_t)setfsuid(NO_USER) == root) {
        return true;
    }
    errno = EPERM;
    return false;
}

/* Even if users keep their numbers, the counts of the kernel should not be those of the host's user 0. The capabilities
 * stay, to make a namespace where others may not. */
bool
users_become_maker(void)
{
    uint32_t maker = extent_count == 0 ? MAKER : users_outside(0);

    return keep_capabilities() && setresuid((uid_t)-1, maker, (uid_t)-1) == 0;
}

void
users_prepare(const struct settings *settings)
{
    const struct guest_directive *users = NULL;

    while ((users = guest_manifest_next(&settings->manifest, GUEST_WORD_USERS, users))) {
        add_extent(users);
    }
    if (extent_count == 0 || settings->machine) {
        return;
    }
    write_map_text();
    if (users_outside(0) == NO_USER || users_outside(settings->uid) == NO_USER ||
        users_outside(settings->gid) == NO_USER) {
        fail(GUEST_STAGE_IDENTITY, 0, "user %u, group %u: not mapped", settings->uid, settings->gid);
    }
    if (!open_example() || !become_owner()) {
        fail(GUEST_STAGE_IDENTITY, errno, "users of the container");
    }
    log_debug("user 0 is %u to the kernel", users_outside(0));
}

/* Closes @mount on failure. */
int
users_map_mount(int mount)
{
    struct mount_attr change = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)example };
    int error;

    if (example < 0 || mount < 0 || mount_setattr(mount, "", AT_EMPTY_PATH, &change, sizeof(change)) == 0) {
        return mount;
    }
    error = errno;
    close(mount);
    errno = error;
    return -1;
}
