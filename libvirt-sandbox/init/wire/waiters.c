/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/*
 * Whether a process waits for what comes out of a pipe. The kernel tells nobody of it, but it tells in which system
 * call each thread is. In doubt it waits: who does not, gets something that he does not read; but who does and is
 * given nothing, waits for ever.
 */

/* Programs keep their standard input at 0, and most shells put it aside below 10. */
#define DESCRIPTORS 10
/* More of them are not looked at. */
#define POLLS_MAX 64

/* Calls, besides those that are looked at closely, in which a thread can wait for a pipe. */
static const long waiting_calls[] = {
    SYS_restart_syscall, SYS_pselect6, SYS_epoll_pwait,    SYS_epoll_pwait2, SYS_splice, SYS_tee,
    SYS_sendfile,        SYS_preadv2,  SYS_io_uring_enter, SYS_io_getevents,
#ifdef SYS_select
    SYS_select,
#endif
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
};

struct call {
    long number;
    unsigned long arguments[3];
};

/* The files of a process, and the pipe. */
struct place {
    int processes;
    int process;
    ino_t pipe;
    bool near;    /* the process has it where programs keep their input: in doubt it waits */
    bool foreign; /* its calls have other numbers than ours, as those of programs of 32 bits */
};

static bool
read_text(int directory, const char *path, char *text, size_t size)
{
    int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
    ssize_t count = fd < 0 ? -1 : read(fd, text, size - 1);

    if (fd >= 0) {
        close(fd);
    }
    text[count > 0 ? count : 0] = '\0';
    return count > 0;
}

static bool
has_pipe_at(const struct place *place, unsigned long descriptor)
{
    char path[64], name[64], target[64];
    ssize_t length;

    /* The file itself is not asked: what file system it is of may be the program's to answer. */
    snprintf(path, sizeof(path), "%d/fd/%lu", place->process, descriptor);
    length = readlinkat(place->processes, path, target, sizeof(target) - 1);
    if (length < 0) {
        return errno == EACCES || errno == EPERM;
    }
    target[length] = '\0';
    snprintf(name, sizeof(name), "pipe:[%llu]", (unsigned long long)place->pipe);
    return strcmp(target, name) == 0;
}

/* Who reads without blocking, or is told by a signal, waits for it in no call of ours. */
static bool
is_nonblocking(const struct place *place, unsigned descriptor)
{
    char path[64], text[256];
    const char *flags;

    snprintf(path, sizeof(path), "%d/fdinfo/%u", place->process, descriptor);
    flags = read_text(place->processes, path, text, sizeof(text)) ? strstr(text, "flags:") : NULL;
    return flags && (strtoul(flags + strlen("flags:"), NULL, 8) & (O_NONBLOCK | O_ASYNC));
}

/* Whether the process has it, and at which descriptor. */
static bool
find_pipe(const struct place *place, unsigned *descriptor)
{
    for (*descriptor = 0; *descriptor < DESCRIPTORS; (*descriptor)++) {
        if (has_pipe_at(place, *descriptor)) {
            return true;
        }
    }
    return false;
}

static bool
polls_pipe(const struct place *place, const struct call *call)
{
    struct pollfd polls[POLLS_MAX];
    size_t count = call->arguments[1] < POLLS_MAX ? call->arguments[1] : POLLS_MAX;
    struct iovec here = { polls, count * sizeof(polls[0]) };
    struct iovec there = { (void *)call->arguments[0], count * sizeof(polls[0]) };

    if (process_vm_readv(place->process, &here, 1, &there, 1, 0) != (ssize_t)here.iov_len) {
        return place->near && call->arguments[1] > 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (polls[i].fd >= 0 && (polls[i].events & POLLIN) && has_pipe_at(place, (unsigned)polls[i].fd)) {
            return true;
        }
    }
    return place->near && call->arguments[1] > POLLS_MAX;
}

static bool
may_wait(long number)
{
    for (size_t i = 0; i < sizeof(waiting_calls) / sizeof(waiting_calls[0]); i++) {
        if (waiting_calls[i] == number) {
            return true;
        }
    }
    return false;
}

static bool
call_waits(const struct place *place, const struct call *call)
{
    if (place->foreign) {
        return place->near;
    }
    switch (call->number) {
    case SYS_read:
    case SYS_readv:
        return has_pipe_at(place, call->arguments[0]);
#ifdef SYS_poll
    case SYS_poll:
#endif
    case SYS_ppoll:
        return polls_pipe(place, call);
    default:
        return place->near && may_wait(call->number);
    }
}

static bool
thread_waits(const struct place *place, int thread)
{
    char path[64], text[256];
    struct call call;

    snprintf(path, sizeof(path), "%d/task/%d/syscall", place->process, thread);
    if (!read_text(place->processes, path, text, sizeof(text))) {
        /* Unless it has ended just now. */
        return place->near && errno != ENOENT && errno != ESRCH;
    }
    /* "running", or -1 where it waits for no call. */
    return sscanf(text, "%ld %lx %lx %lx", &call.number, &call.arguments[0], &call.arguments[1], &call.arguments[2]) ==
               4 &&
           call.number >= 0 && call_waits(place, &call);
}

static bool
any_thread_waits(const struct place *place)
{
    char path[64];
    int fd;
    DIR *threads;
    struct dirent *entry;
    bool waits = false;

    snprintf(path, sizeof(path), "%d/task", place->process);
    fd = openat(place->processes, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    threads = fd < 0 ? NULL : fdopendir(fd);
    while (threads && !waits && (entry = readdir(threads))) {
        int thread = atoi(entry->d_name);

        waits = thread > 0 && thread_waits(place, thread);
    }
    if (threads) {
        closedir(threads);
    }
    return waits;
}

/* The first thing that the kernel tells a program: a type, which is small, and half as long there. */
static bool
is_foreign(const struct place *place)
{
#if __SIZEOF_LONG__ == 8
    char path[64];
    uint32_t words[2] = { 0 };
    int fd;

    snprintf(path, sizeof(path), "%d/auxv", place->process);
    fd = openat(place->processes, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return true;
    }
    if (read(fd, words, sizeof(words)) != sizeof(words)) {
        words[1] = 0;
    }
    close(fd);
    return words[__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 1 : 0] != 0;
#else
    (void)place;
    return false;
#endif
}

static bool
process_waits(struct place *place)
{
    unsigned descriptor;

    place->near = find_pipe(place, &descriptor);
    place->foreign = is_foreign(place);
    return (place->near && is_nonblocking(place, descriptor)) || any_thread_waits(place);
}

static bool
any_process_waits(struct place *place)
{
    DIR *processes = fdopendir(place->processes);
    struct dirent *entry;
    bool waits = false;

    while (processes && !waits && (entry = readdir(processes))) {
        place->process = atoi(entry->d_name);
        /* Not a process, or init itself. */
        waits = place->process > 1 && process_waits(place);
    }
    if (processes) {
        closedir(processes);
    }
    return waits;
}

bool
somebody_waits_for(int pipe)
{
    struct place place = { .processes = openat(kernel_files(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
    struct stat info;
    char text[256];

    if (place.processes < 0 || fstat(pipe, &info) < 0 ||
        !read_text(kernel_files(), "self/syscall", text, sizeof(text))) {
        if (place.processes >= 0) {
            close(place.processes);
        }
        return true;
    }
    place.pipe = info.st_ino;
    return any_process_waits(&place);
}
