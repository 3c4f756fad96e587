/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/program/socket-calls.h"

#include "libvirt-sandbox/init/program/filter.h"
#include "libvirt-sandbox/init/program/identity.h"
#include "libvirt-sandbox/init/kernel/kernel-files.h"
#include "libvirt-sandbox/init/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/*
 * A 32-bit program makes a socket by a system call whose arguments are in memory. A filter cannot read them there,
 * and the program can change them after they were checked. So the filter stops the call and init makes the socket
 * instead: with the arguments as init read them once, in a process that has the user namespace, the user, the
 * capabilities and the filter of the program.
 */

enum { FAMILY, TYPE, PROTOCOL, ARGUMENT_COUNT };

static int listener = -1;

/* Runs in the program's process. Returns -1 and sets errno on failure. */
static int
send_listener(int socket, int fd)
{
    char byte = 0;
    struct iovec iov = { &byte, 1 };
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
    struct msghdr message = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control.bytes),
    };

    memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
    return sendmsg(socket, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* If the kernel gives no listener, or this process has one already, such calls fail with ENOSYS. */
bool
socket_calls_filter(const struct settings *settings, int socket)
{
    struct seccomp_notif_sizes sizes = { 0 };
    struct sock_fprog filter;
    int fd = -1;

    if (!settings->filter) {
        return true;
    }
    if (!filter_make(settings, &filter)) {
        return false;
    }
    if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 &&
        sizes.seccomp_notif <= sizeof(struct seccomp_notif)) {
        fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
    }
    if (fd < 0) {
        return filter_apply(settings);
    }
    return send_listener(socket, fd) == 0 && close(fd) == 0;
}

void
socket_calls_receive(int socket)
{
    char byte;
    struct iovec iov = { &byte, 1 };
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control;
    struct msghdr message = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control.bytes),
    };

    if (recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) == 1 &&
        message.msg_controllen >= CMSG_LEN(sizeof(int)) && control.header.cmsg_type == SCM_RIGHTS) {
        memcpy(&listener, CMSG_DATA(&control.header), sizeof(listener));
    }
    close(socket);
}

static void
reply(const struct seccomp_notif *call, int error)
{
    struct seccomp_notif_resp response = { .id = call->id, .error = -error };

    /* The caller may have ended meanwhile. */
    (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

static bool
still_waits(const struct seccomp_notif *call)
{
    uint64_t id = call->id;

    return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

/* Puts the socket into the caller's table of files. */
static void
give_socket(const struct seccomp_notif *call, int fd, bool close_on_exec)
{
    struct seccomp_notif_addfd added = {
        .id = call->id,
        .flags = SECCOMP_ADDFD_FLAG_SEND,
        .srcfd = (uint32_t)fd,
        .newfd_flags = close_on_exec ? O_CLOEXEC : 0,
    };

    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &added) < 0) {
        reply(call, errno == EINVAL ? ENOSYS : errno);
    }
}

/* Reads the arguments from the caller's memory. They are valid only if the caller still waits afterwards. */
static bool
read_arguments(const struct seccomp_notif *call, int32_t arguments[ARGUMENT_COUNT])
{
    size_t size = ARGUMENT_COUNT * sizeof(*arguments);
    struct iovec here = { arguments, size };
    struct iovec there = { (void *)(uintptr_t)(uint32_t)call->data.args[1], size };

    return process_vm_readv((pid_t)call->pid, &here, 1, &there, 1, 0) == (ssize_t)size;
}

/* Opens a namespace of the calling thread; a pidfd cannot be had from the number of a thread. */
static int
open_namespace(const struct seccomp_notif *call, const char *kind)
{
    char path[64];

    snprintf(path, sizeof(path), "%u/ns/%s", call->pid, kind);
    return openat(kernel_files(), path, O_RDONLY | O_CLOEXEC);
}

/* Closes all descriptors but the one for the answer. */
static bool
become_caller(const struct settings *settings, int network, int users)
{
    return setns(network, CLONE_NEWNET) == 0 && setns(users, CLONE_NEWUSER) == 0 &&
           close_range(STDERR_FILENO + 1, (unsigned)listener - 1, 0) == 0 &&
           close_range((unsigned)listener + 1, ~0U, 0) == 0 && !identity_enter(settings) &&
           prctl(PR_SET_DUMPABLE, 0) == 0 && filter_apply(settings);
}

static noreturn void
refuse(const struct seccomp_notif *call, int error)
{
    reply(call, error);
    _exit(1);
}

/* Runs in a child. What the caller does to its memory, or to make this process wait, only hurts the caller. */
static noreturn void
make_socket(const struct settings *settings, const struct seccomp_notif *call)
{
    int32_t arguments[ARGUMENT_COUNT];
    int network = open_namespace(call, "net"), users = open_namespace(call, "user");
    bool read = read_arguments(call, arguments);
    int fd;

    if (network < 0 || users < 0 || !still_waits(call)) {
        refuse(call, EPERM);
    }
    if (!read) {
        refuse(call, EFAULT);
    }
    if (!become_caller(settings, network, users)) {
        refuse(call, EPERM);
    }
    fd = socket(arguments[FAMILY], arguments[TYPE] | SOCK_CLOEXEC, arguments[PROTOCOL]);
    if (fd < 0) {
        refuse(call, errno);
    }
    give_socket(call, fd, arguments[TYPE] & SOCK_CLOEXEC);
    _exit(0);
}

static void
answer(const struct settings *settings, const struct seccomp_notif *call)
{
    pid_t child;

    if ((uint32_t)call->data.args[0] != SYS_SOCKET) {
        reply(call, EINVAL);
        return;
    }
    child = fork();
    if (child == 0) {
        make_socket(settings, call);
    }
    if (child < 0) {
        reply(call, EAGAIN);
    }
}

void
socket_calls_poll(struct pollfd *poll)
{
    *poll = (struct pollfd){ .fd = listener, .events = POLLIN };
}

void
socket_calls_polled(const struct settings *settings, const struct pollfd *poll)
{
    struct seccomp_notif call;

    if (listener < 0 || poll->fd != listener || !poll->revents) {
        return;
    }
    memset(&call, 0, sizeof(call));
    if (!(poll->revents & POLLIN)) {
        /* No process with the filter is left. */
        close(listener);
        listener = -1;
    } else if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) == 0) {
        answer(settings, &call);
    }
}
