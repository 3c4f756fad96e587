/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * A program in a container runs in a user namespace, so that what capabilities it has or gets are
 * worth nothing outside, and with it in a mount namespace, in which every mount made so far is
 * locked. Users keep their numbers, as the files of the host have them.
 */
#define EVERYBODY "0 0 4294967295"

/* Held by a child until its users are mapped. */
static int go[2];

static bool
map_users(pid_t child)
{
    char path[64];

    snprintf(path, sizeof(path), "%d/uid_map", child);
    if (!kernel_file_write(kernel_files(), path, EVERYBODY)) {
        return false;
    }
    snprintf(path, sizeof(path), "%d/gid_map", child);
    return kernel_file_write(kernel_files(), path, EVERYBODY);
}

/* The users of the child are mapped here; it waits for that in namespace_enter(). */
pid_t
namespace_fork(bool machine)
{
    struct clone_args clone = { .flags = CLONE_NEWUSER | CLONE_NEWNS, .exit_signal = SIGCHLD };
    pid_t child;

    if (machine) {
        return fork();
    }
    if (pipe2(go, O_CLOEXEC) < 0) {
        return -1;
    }
    child = (pid_t)syscall(SYS_clone3, &clone, sizeof(clone));
    if (child == 0) {
        close(go[1]);
        return 0;
    }
    if (child > 0 && (!map_users(child) || write(go[1], "", 1) != 1)) {
        fail(GUEST_STAGE_IDENTITY, errno, "user namespace");
    }
    close(go[0]);
    close(go[1]);
    return child;
}

/* The host's user 0 owns the files of the container's cgroup: without a cgroup namespace of its
 * own, no cgroup file system can be mounted here. */
bool
namespace_enter(bool machine)
{
    char byte;

    if (machine) {
        return true;
    }
    return read(go[0], &byte, 1) == 1 &&
           (kernel_file_write(kernel_files(), "sys/user/max_cgroup_namespaces", "0") || errno == ENOENT);
}
