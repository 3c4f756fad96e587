/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/namespace.h"

#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/kernel/kernel-files.h"
#include "libvirt-sandbox/init/users.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * A program in a container runs in a user namespace of its own, so that its capabilities have no effect outside.
 * The mount namespace that belongs to it locks all mounts that were made before.
 */

#define CHILD_WAIT_MS 10000

/* Adds half of all memory to what the process is counted to use. */
#define OOM_SCORE "500"

/* Between the child and init, while the child's users are mapped: the child writes 0, or the errno of why it has no
 * namespaces, and reads one byte when it can go on. */
static int ends[2];

/* When memory runs out, the kernel should kill the program, before init, a container's controller or other processes of
 * the host. Each of those is larger than one process of a fork bomb. */
static void
raise_oom_score(void)
{
    if (!kernel_file_write(kernel_files(), "self/oom_score_adj", OOM_SCORE)) {
        log_debug("out-of-memory score: %s", strerror(errno));
    }
}

/* Becomes another user first: what the kernel counts for users in a user namespace, it also counts for the user who
 * made the namespace. */
static void
make_namespaces(void)
{
    bool made = users_become_maker() && unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
    int error = made ? 0 : errno;

    if (write(ends[0], &error, sizeof(error)) != sizeof(error) || error) {
        _exit(1);
    }
}

/* If the container has the host's users, a program that runs already may stop or kill the child before it has
 * namespaces. */
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

/* Maps the users of the child, which waits for that in namespace_enter(). Returns -1 and sets errno if the child was
 * given up. */
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
        raise_oom_score();
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

/* Enters a cgroup namespace while the process is still the host's user 0, who owns the container's cgroup. Without it,
 * no cgroup file system can be mounted here. */
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
