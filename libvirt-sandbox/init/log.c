/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool enabled;

/* A kernel without a console starts us without descriptors; nothing else may be 0, 1 or 2. */
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
log_enable(void)
{
    enabled = true;
}

static void
write_line(const char *text)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    dprintf(STDERR_FILENO, "init: %ld.%03ld %s\n", (long)now.tv_sec, now.tv_nsec / 1000000, text);
}

void
note(const char *format, ...)
{
    char text[1024];
    va_list arguments;

    if (!enabled) {
        return;
    }
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    write_line(text);
}

void
announce(const char *format, ...)
{
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    write_line(text);
}

/* One line, whatever bytes a path in it has. */
static void
clean(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            *text = '?';
        }
    }
}

noreturn void
fail(enum guest_fail_stage stage, int error, const char *format, ...)
{
    char text[GUEST_FRAME_TEXT_MAX];
    va_list arguments;
    size_t length;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (error) {
        length = strlen(text);
        snprintf(text + length, sizeof(text) - length, ": %s", strerror(error));
    }
    clean(text);

    write_line(text);
    if (getpid() == 1) {
        kill(-1, SIGKILL);
    }
    if (channel_is_open()) {
        channel_send_fail(stage, error, text);
    }
    power_off();
}
