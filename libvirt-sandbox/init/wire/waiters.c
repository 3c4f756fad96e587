/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/wire/waiters.h"

#include "libvirt-sandbox/init/kernel/kernel-files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/*
 * Whether a process waits for what comes out of a pipe, or is typed on the terminal. The kernel tells nobody of it, but
 * it tells in which system call each thread is. In doubt it waits: who does not, gets something that he does not read;
 * but who does and is given nothing, waits for ever.
 */

/* Programs keep their standard input at 0, and most shells put it aside below 10. */
#define DESCRIPTORS 10
/* More of them are not looked at. */
#define POLLS_MAX 64

/* Calls, besides those that are looked at closely, in which a thread can wait for input. */
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

/* The files of a process, and the source of the input. */
struct place {
    int processes;
    int process;
    bool is_terminal;
    char name[64]; /* how the files of processes show it; of a terminal the end of that */
    bool near;     /* the process has it where programs keep their input: in doubt it waits */
    bool foreign;  /* its calls have other numbers than ours, as those of programs of 32 bits */
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
has_end(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);

    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* Where the program has mounted the directory of terminals somewhere else, its name of ours ends as ours does. */
static bool
is_name_of_source(const struct place *place, const char *name)
{
    return place->is_terminal ? has_end(name, place->name) || has_end(name, "/tty") : strcmp(name, place->name) == 0;
}

static bool
has_source_at(const struct place *place, unsigned long descriptor)
{
    char path[64], target[256];
    ssize_t length;

    /* The file itself is not asked: what file system it is of may be the program's to answer. */
    snprintf(path, sizeof(path), "%d/fd/%lu", place->process, descriptor);
    length = readlinkat(place->processes, path, target, sizeof(target) - 1);
    if (length < 0) {
        return errno == EACCES || errno == EPERM;
    }
    target[length] = '\0';
    return is_name_of_source(place, target);
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

/* Nearly all have a terminal for their output and errors, and read it there only if they say so. */
static bool
is_for_output(const struct place *place, unsigned descriptor)
{
    return place->is_terminal && (descriptor == STDOUT_FILENO || descriptor == STDERR_FILENO);
}

/* Whether the process has it, and at which descriptor. */
static bool
find_source(const struct place *place, unsigned *descriptor)
{
    for (*descriptor = 0; *descriptor < DESCRIPTORS; (*descriptor)++) {
        if (!is_for_output(place, *descriptor) && has_source_at(place, *descriptor)) {
            return true;
        }
    }
    return false;
}

static bool
polls_source(const struct place *place, const struct call *call)
{
    struct pollfd polls[POLLS_MAX];
    size_t count = call->arguments[1] < POLLS_MAX ? call->arguments[1] : POLLS_MAX;
    struct iovec here = { polls, count * sizeof(polls[0]) };
    struct iovec there = { (void *)call->arguments[0], count * sizeof(polls[0]) };

    if (process_vm_readv(place->process, &here, 1, &there, 1, 0) != (ssize_t)here.iov_len) {
        return place->near && call->arguments[1] > 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (polls[i].fd >= 0 && (polls[i].events & POLLIN) && has_source_at(place, (unsigned)polls[i].fd)) {
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
        return has_source_at(place, call->arguments[0]);
#ifdef SYS_poll
    case SYS_poll:
#endif
    case SYS_ppoll:
        return polls_source(place, call);
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

    place->near = find_source(place, &descriptor);
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

/* A terminal is known by its number, and is its own to the process that asks for its controlling one. */
static bool
name_source(struct place *place, int fd)
{
    unsigned number;
    struct stat info;

    place->is_terminal = ioctl(fd, TIOCGPTN, &number) == 0;
    if (place->is_terminal) {
        snprintf(place->name, sizeof(place->name), "/%u", number);
        return true;
    }
    if (fstat(fd, &info) < 0) {
        return false;
    }
    snprintf(place->name, sizeof(place->name), "pipe:[%llu]", (unsigned long long)info.st_ino);
    return true;
}

bool
somebody_waits_for(int fd)
{
    struct place place = { .processes = openat(kernel_files(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
    char text[256];

    if (place.processes < 0 || !name_source(&place, fd) ||
        !read_text(kernel_files(), "self/syscall", text, sizeof(text))) {
        if (place.processes >= 0) {
            close(place.processes);
        }
        return true;
    }
    return any_process_waits(&place);
}
