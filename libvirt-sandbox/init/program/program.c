/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/program/program.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/namespace.h"
#include "libvirt-sandbox/init/program/console.h"
#include "libvirt-sandbox/init/program/identity.h"
#include "libvirt-sandbox/init/program/socket-calls.h"
#include "libvirt-sandbox/init/root/devices.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/users.h"
#include "libvirt-sandbox/init/wire/input.h"
#include "libvirt-sandbox/init/wire/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define PIPE_SIZE (1024 * 1024)

/* Its streams */

static void
set_nonblocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* A pipe of which the program has the end @end, and owns it so that it can reopen /dev/stdout. */
static int
open_pipe(const struct settings *settings, int end, int *other)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0 ||
        fchown(ends[end], users_outside(settings->uid), users_outside(settings->gid)) < 0) {
        fail(GUEST_STAGE_PROGRAM, errno, "pipe");
    }
    /* Larger is only faster. */
    (void)fcntl(ends[end], F_SETPIPE_SZ, PIPE_SIZE);
    *other = ends[!end];
    set_nonblocking(*other);
    return ends[end];
}

static void
open_one_pipe(struct program *program, const struct settings *settings, unsigned stream)
{
    bool is_input = stream == GUEST_STREAM_STDIN;
    int other;

    program->standard[stream] = open_pipe(settings, is_input ? 0 : 1, &other);
    if (is_input) {
        input_open(stream, other, false);
    } else {
        output_open(stream, other);
    }
}

static int
copy_master(const struct program *program)
{
    int copy = fcntl(program->terminal.master, F_DUPFD_CLOEXEC, 3);

    if (copy < 0) {
        fail(GUEST_STAGE_PROGRAM, errno, "terminal");
    }
    return copy;
}

/* What the program writes to its terminal is one stream, whether it does so as output or as errors. */
static void
open_terminal(struct program *program, const struct settings *settings)
{
    const bool *terminal = settings->terminal;

    terminal_open(&program->terminal, settings);
    program->terminal_input = terminal[GUEST_STREAM_STDIN] ? GUEST_STREAM_STDIN : GUEST_STREAM_KEYS;
    program->terminal_output = terminal[GUEST_STREAM_STDOUT] ? GUEST_STREAM_STDOUT : GUEST_STREAM_STDERR;
    if (settings->keys) {
        input_open(program->terminal_input, copy_master(program), true);
    }
    output_open(program->terminal_output, copy_master(program));
    if (terminal[GUEST_STREAM_STDOUT] && terminal[GUEST_STREAM_STDERR]) {
        output_open(GUEST_STREAM_STDERR, -1);
    }
}

static void
open_streams(struct program *program, const struct settings *settings)
{
    program->terminal.master = program->terminal.slave = -1;
    if (settings->tty) {
        open_terminal(program, settings);
    }
    for (unsigned stream = 0; stream < GUEST_STREAM_COUNT; stream++) {
        if (settings->terminal[stream]) {
            program->standard[stream] = program->terminal.slave;
        } else {
            open_one_pipe(program, settings, stream);
        }
    }
}

static void
open_console(struct program *program, const struct settings *settings)
{
    int other;
    int output = open_pipe(settings, 1, &other);

    console_open(other);
    program->terminal.master = program->terminal.slave = -1;
    program->standard[GUEST_STREAM_STDIN] = devices_open_null();
    program->standard[GUEST_STREAM_STDOUT] = output;
    program->standard[GUEST_STREAM_STDERR] = fcntl(output, F_DUPFD_CLOEXEC, 3);
    if (program->standard[GUEST_STREAM_STDIN] < 0 || program->standard[GUEST_STREAM_STDERR] < 0) {
        fail(GUEST_STAGE_PROGRAM, errno, "standard streams");
    }
}

void
program_prepare(struct program *program, const struct settings *settings)
{
    memset(program, 0, sizeof(*program));
    program->report = -1;
    if (settings->service) {
        open_console(program, settings);
    } else {
        open_streams(program, settings);
    }
}

/* In the child */

static noreturn void give_up(int report, bool exec, const char *format, ...) __attribute__((format(printf, 3, 4)));

static noreturn void
give_up(int report, bool exec, const char *format, ...)
{
    struct program_failure failure = { .exec = exec, .error = errno };
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(failure.text, sizeof(failure.text), format, arguments);
    va_end(arguments);
    (void)!write(report, &failure, sizeof(failure));
    _exit(1);
}

static bool
enter_session(const struct settings *settings, int slave)
{
    if (!settings->keys) {
        return setsid() >= 0;
    }
    return setpgid(0, 0) == 0 && tcsetpgrp(slave, getpid()) == 0;
}

static void
enter_workdir(const struct settings *settings, int report)
{
    if (settings->workdir && chdir(settings->workdir) == 0) {
        return;
    }
    if (settings->workdir && !settings->workdir_optional) {
        give_up(report, false, "working directory %s", settings->workdir);
    }
    if (chdir(settings->home) < 0 && chdir("/") < 0) {
        give_up(report, false, "working directory /");
    }
}

static void
reset_signals(void)
{
    sigset_t none;

    for (int number = 1; number <= 64; number++) {
        signal(number, SIG_DFL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static noreturn void
run(const struct program *program, const struct settings *settings, int report, int socket_calls)
{
    const char *failed;

    if (!namespace_enter(settings->machine)) {
        give_up(report, false, "user namespace");
    }
    if (!enter_session(settings, program->terminal.slave)) {
        give_up(report, false, "session");
    }
    for (int stream = 0; stream < GUEST_STREAM_COUNT; stream++) {
        if (dup2(program->standard[stream], stream) < 0) {
            give_up(report, false, "standard streams");
        }
    }
    if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0) {
        give_up(report, false, "descriptors");
    }
    failed = identity_enter(settings);
    if (failed) {
        give_up(report, false, "%s of the program", failed);
    }
    enter_workdir(settings, report);
    umask(022);
    reset_signals();
    if (!socket_calls_filter(settings, socket_calls)) {
        give_up(report, false, "system call filter");
    }
    /* It searches the PATH that the program will have. */
    environ = settings->environment;
    execvp(settings->arguments[0], settings->arguments);
    give_up(report, true, "%s", settings->arguments[0]);
}

/* From outside */

void
program_start(struct program *program, const struct settings *settings)
{
    int report[2];
    int socket_calls[2];

    if (pipe2(report, O_CLOEXEC) < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socket_calls) < 0) {
        fail(GUEST_STAGE_PROGRAM, errno, "pipe");
    }
    program->pid = namespace_fork(settings->machine);
    if (program->pid < 0) {
        fail(GUEST_STAGE_PROGRAM, errno, settings->machine ? "process" : "process and its namespaces");
    }
    if (program->pid == 0) {
        run(program, settings, report[1], socket_calls[1]);
    }
    close(report[1]);
    close(socket_calls[1]);
    program->report = report[0];
    program->socket_calls = socket_calls[0];
    /* While the terminal's other end is open here, its output doesn't end between two programs. */
    for (int stream = 0; stream < GUEST_STREAM_COUNT; stream++) {
        if (!settings->terminal[stream]) {
            close(program->standard[stream]);
        }
    }
}

bool
program_read_failure(struct program *program, struct program_failure *failure)
{
    ssize_t count;

    do {
        count = read(program->report, failure, sizeof(*failure));
    } while (count < 0 && errno == EINTR);
    close(program->report);
    program->report = -1;
    socket_calls_receive(program->socket_calls);
    return count == (ssize_t)sizeof(*failure);
}

/* What the keys of a terminal do reaches whoever is in its foreground; the rest the program. */
void
program_signal(const struct program *program, int signal_number)
{
    bool is_key = signal_number == SIGINT || signal_number == SIGQUIT || signal_number == SIGTSTP;
    pid_t group = 0;

    /* One that controls no session has nobody in its foreground. */
    if (!is_key || program->terminal.master < 0 || ioctl(program->terminal.master, TIOCGPGRP, &group) < 0 ||
        group <= 0 || ioctl(program->terminal.master, TIOCSIG, signal_number) < 0) {
        kill(program->pid, signal_number);
    }
}

static void
close_slave(struct program *program)
{
    if (program->terminal.slave >= 0) {
        close(program->terminal.slave);
        program->terminal.slave = -1;
    }
}

/* Without its reader a terminal is gone as a whole. */
void
program_output_close(struct program *program, unsigned stream)
{
    if (program->terminal.master >= 0 && stream == program->terminal_output) {
        terminal_hang_up(program->terminal.master);
        close(program->terminal.master);
        program->terminal.master = -1;
        close_slave(program);
        input_close(program->terminal_input);
    }
    output_close(stream);
}

void
program_ended(struct program *program)
{
    close_slave(program);
    input_close(GUEST_STREAM_STDIN);
    input_close(GUEST_STREAM_KEYS);
}
