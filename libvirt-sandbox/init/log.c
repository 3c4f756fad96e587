/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/log.h"

#include "libvirt-sandbox/guest/frame.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static bool enabled;

/* Without a console the kernel starts init with no open descriptors. Opens 0, 1 and 2, so that no other file becomes
 * one of them. */
void
log_open(void)
{
    int fd;

    do {
        fd = open("/dev/console", O_RDWR | O_NOCTTY);
        if (fd < 0) {
            fd = open("/", O_PATH);
        }
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) {
        close(fd);
    }
}

void
log_enable_debug(void)
{
    enabled = true;
}

static void __attribute__((format(printf, 1, 0))) write_line(const char *format, va_list arguments)
{
    char text[GUEST_FRAME_TEXT_MAX];
    struct timespec now;

    vsnprintf(text, sizeof(text), format, arguments);
    clock_gettime(CLOCK_MONOTONIC, &now);
    dprintf(STDERR_FILENO, "init: %ld.%03ld %s\n", (long)now.tv_sec, now.tv_nsec / 1000000, text);
}

void
log_debug(const char *format, ...)
{
    va_list arguments;

    if (!enabled) {
        return;
    }
    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
}

void
log_message(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
}
