/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define DEVICE_WAIT_MS 10000

static int device = -1;
static pid_t shell = -1;

/* The device is in the first /dev, which no path will lead to when the shell starts. */
void
shell_prepare(const struct settings *settings)
{
    if (!settings->shell) {
        return;
    }
    for (int waited = 0; (device = open(settings->shell, O_PATH | O_CLOEXEC)) < 0; waited++) {
        if (errno != ENOENT || !settings->machine || waited == DEVICE_WAIT_MS) {
            fail(GUEST_STAGE_PROGRAM, errno, "shell on %s", settings->shell);
        }
        usleep(1000);
    }
}

static char *
terminal_type(const struct settings *settings)
{
    for (char **variable = settings->environment; *variable; variable++) {
        if (strncmp(*variable, "TERM=", 5) == 0) {
            return *variable;
        }
    }
    return "TERM=linux";
}

static noreturn void
run(const struct settings *settings, bool again)
{
    char *const arguments[] = { "sh", "-i", NULL };
    char *const environment[] = {
        settings->environment[0], "HOME=/root", "USER=root", "LOGNAME=root",
        terminal_type(settings),  NULL
    };
    char path[32];
    sigset_t none;
    int terminal;

    if (again) {
        sleep(1);
    }
    snprintf(path, sizeof(path), "self/fd/%d", device);
    terminal = namespace_enter(settings->machine) && setsid() >= 0 ? openat(kernel_files(), path, O_RDWR) : -1;
    if (terminal < 0 || ioctl(terminal, TIOCSCTTY, 0) < 0) {
        _exit(1);
    }
    for (int stream = 0; stream < GUEST_STREAM_COUNT; stream++) {
        dup2(terminal, stream);
    }
    close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    umask(022);
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve("/bin/sh", arguments, environment);
    _exit(1);
}

static void
start(const struct settings *settings, bool again)
{
    shell = namespace_fork(settings->machine);
    if (shell == 0) {
        run(settings, again);
    }
}

void
shell_start(const struct settings *settings)
{
    if (device >= 0) {
        start(settings, false);
    }
}

void
shell_reaped(const struct settings *settings, pid_t pid)
{
    if (pid == shell) {
        start(settings, true);
    }
}
