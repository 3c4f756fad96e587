/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/shell.h"

#include "libvirt-sandbox/guest/frame.h"
#include "libvirt-sandbox/guest/manifest.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/namespace.h"
#include "libvirt-sandbox/init/program/filter.h"
#include "libvirt-sandbox/init/program/identity.h"
#include "libvirt-sandbox/init/kernel/kernel-files.h"
#include "libvirt-sandbox/init/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/*
 * The shell and the commands that are called in it come from the root. The root may have been hostile from the
 * start, and the program may have replaced a file in it. So the shell has the capabilities and the filter that the
 * program has. It runs as root only if the program can write neither to the root nor to a mount; otherwise a
 * command that the program replaced would write there as root.
 */

#define DEVICE_WAIT_MS 10000

static int device = -1;
/* The terminal belongs to the host's user 0. A shell that has another number cannot open it, so init does. */
static int terminal = -1;
static pid_t shell = -1;

/* Opens the device now: it is in the first /dev, which no path leads to when the shell starts. */
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

/* Whether the program can write to more than its private directories and its disks. */
static bool
program_writes(const struct settings *settings)
{
    const struct guest_manifest *manifest = &settings->manifest;
    const struct guest_directive *root = guest_manifest_find(manifest, GUEST_WORD_ROOT);
    const struct guest_directive *mount = NULL;

    while ((mount = guest_manifest_next(manifest, GUEST_WORD_MOUNT, mount))) {
        if (strcmp(mount->fields[4], "rw") == 0) {
            return true;
        }
    }
    return settings->overlay || !root || strcmp(root->fields[3], "rw") == 0;
}

static void
take_terminal(void)
{
    if (setsid() < 0 || ioctl(terminal, TIOCSCTTY, 0) < 0) {
        _exit(1);
    }
    for (int stream = 0; stream < GUEST_STREAM_COUNT; stream++) {
        dup2(terminal, stream);
    }
    close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
}

static noreturn void
execute(const struct settings *settings, bool as_root)
{
    char *const arguments[] = { "sh", "-i", NULL };
    /* Not the PATH of the program, which may lead to files that the program wrote. */
    char *const environment[] = { "PATH=" DEFAULT_PATH,    "HOME=/root", "USER=root", "LOGNAME=root",
                                  terminal_type(settings), NULL };
    sigset_t none;

    umask(022);
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (filter_apply(settings)) {
        execve("/bin/sh", arguments, as_root ? environment : settings->environment);
    }
    _exit(1);
}

static noreturn void
run(const struct settings *settings, bool again)
{
    struct settings rights = *settings;
    bool as_root = settings->privileged || !program_writes(settings);

    if (again) {
        sleep(1);
    }
    if (!namespace_enter(settings->machine)) {
        _exit(1);
    }
    take_terminal();
    if (as_root) {
        rights.uid = 0;
        rights.gid = 0;
    }
    if (identity_enter(&rights)) {
        _exit(1);
    }
    execute(settings, as_root);
}

static bool
open_terminal(void)
{
    char path[32];

    snprintf(path, sizeof(path), "self/fd/%d", device);
    terminal = openat(kernel_files(), path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    return terminal >= 0 && fcntl(terminal, F_SETFL, O_RDWR) == 0;
}

static void
start(const struct settings *settings, bool again)
{
    if (!open_terminal()) {
        log_debug("no shell: %s", strerror(errno));
        return;
    }
    shell = namespace_fork(settings->machine);
    if (shell == 0) {
        run(settings, again);
    }
    if (shell < 0) {
        log_debug("no shell: %s", strerror(errno));
    }
    close(terminal);
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
