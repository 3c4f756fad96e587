/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/program/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_SIZE (64 * 1024)
#define CHUNK_SIZE 4096
#define FLUSH_MS 500

static int from = -1;
static char buffer[BUFFER_SIZE];
static size_t start, count;

static void
set_nonblocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* Only init has the console open; the program writes to a pipe that ends here. */
void
console_open(int fd)
{
    from = fd;
    set_nonblocking(STDERR_FILENO);
}

void
console_poll(struct pollfd *source, struct pollfd *target)
{
    *source = (struct pollfd){ .fd = from, .events = POLLIN };
    *target = (struct pollfd){ .fd = count > 0 ? STDERR_FILENO : -1, .events = POLLOUT };
}

/* Drops the oldest bytes when the buffer is full. */
static void
buffer_output(const char *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        buffer[(start + count) % BUFFER_SIZE] = data[i];
        if (count < BUFFER_SIZE) {
            count++;
        } else {
            start = (start + 1) % BUFFER_SIZE;
        }
    }
}

static bool
read_output(void)
{
    char data[CHUNK_SIZE];
    ssize_t got = from >= 0 ? read(from, data, sizeof(data)) : -1;

    if (got > 0) {
        buffer_output(data, (size_t)got);
        return true;
    }
    if (from >= 0 && (got == 0 || (errno != EAGAIN && errno != EINTR))) {
        close(from);
        from = -1;
    }
    return false;
}

static bool
write_console(void)
{
    size_t length = start + count > BUFFER_SIZE ? BUFFER_SIZE - start : count;
    ssize_t written = length > 0 ? write(STDERR_FILENO, buffer + start, length) : -1;

    if (written < 0 && errno != EAGAIN && errno != EINTR) {
        /* Drops the output if the console is gone, so that nobody waits for it. */
        count = 0;
    }
    if (written <= 0) {
        return false;
    }
    start = (start + (size_t)written) % BUFFER_SIZE;
    count -= (size_t)written;
    return true;
}

void
console_forward(void)
{
    /* Handles one buffer at a time, so that signals are handled too. */
    read_output();
    write_console();
}

static long
now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void
console_flush(void)
{
    long end = now_ms() + FLUSH_MS;

    while (read_output()) {
    }
    while (count > 0 && now_ms() < end) {
        struct pollfd target = { .fd = STDERR_FILENO, .events = POLLOUT };

        if (!write_console()) {
            poll(&target, 1, (int)(end - now_ms()));
            if (target.revents & (POLLERR | POLLNVAL)) {
                return;
            }
        }
    }
}
