/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * A program in a container runs in a user namespace, so that what capabilities it has or gets are
 * worth nothing outside, and with it in a mount namespace, in which every mount made so far is
 * locked.
 */

#define CHILD_WAIT_MS 10000

/* As if it had half of all memory. */
#define OOM_SCORE "500"

/* Between a child and us, until its users are mapped: it says 0 or why it has no namespaces, and gets an answer when
 * it can go on. */
static int ends[2];

/* It is the one to go where memory runs out, before init, a container's controller or others of the
 * host, which are all larger than what a fork bomb is made of. */
static void
go_first(void)
{
    if (!kernel_file_write(kernel_files(), "self/oom_score_adj", OOM_SCORE)) {
        note("out-of-memory score: %s", strerror(errno));
    }
}

/* What the kernel counts for the users in a user namespace it counts for him as well who made it. */
static void
make_namespaces(void)
{
    bool made = users_become_maker() && unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
    int error = made ? 0 : errno;

    if (write(ends[0], &error, sizeof(error)) != sizeof(error) || error) {
        _exit(1);
    }
}

/* Where users are the host's, a program that runs already may stop or kill the child before it has namespaces. */
static bool
map_users(pid_t child)
{
    struct pollfd wait = { .fd = ends[1], .events = POLLIN };
    int error = ETIMEDOUT;

    if (poll(&wait, 1, CHILD_WAIT_MS) == 1 && read(ends[1], &error, sizeof(error)) != sizeof(error)) {
        error = EIO;
    }
    if (error) {
        errno = error;
        return false;
    }
    return users_map_process(child) && send(ends[1], "", 1, MSG_NOSIGNAL) == 1;
}

/* The users of the child are mapped here; it waits for that in namespace_enter(). -1 and errno if it is given up. */
pid_t
namespace_fork(bool machine)
{
    pid_t child;
    int error;

    if (!machine && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        return -1;
    }
    child = fork();
    if (child == 0) {
        go_first();
    }
    if (machine) {
        return child;
    }
    if (child == 0) {
        close(ends[1]);
        make_namespaces();
        return 0;
    }
    close(ends[0]);
    if (child > 0 && !map_users(child)) {
        error = errno;
        kill(child, SIGKILL);
        child = -1;
        errno = error;
    }
    error = errno;
    close(ends[1]);
    errno = error;
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
    return read(ends[0], &byte, 1) == 1 &&
           (kernel_file_write(kernel_files(), "sys/user/max_cgroup_namespaces", "0") || errno == ENOENT);
}
