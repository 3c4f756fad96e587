/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/service.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/program/console.h"
#include "libvirt-sandbox/init/program/processes.h"
#include "libvirt-sandbox/init/program/program.h"
#include "libvirt-sandbox/init/program/socket-calls.h"
#include "libvirt-sandbox/init/root/disks.h"
#include "libvirt-sandbox/init/root/mounts.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/shell.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a service may take to end after it was asked to. */
#define END_SECONDS 10

enum slot { SLOT_SIGNALS, SLOT_REPORT, SLOT_SOCKET_CALLS, SLOT_OUTPUT, SLOT_CONSOLE, SLOT_COUNT };

static struct program program;
static int signals;
static bool ended;
static int end_status;

static void
open_signals(void)
{
    sigset_t all, watched;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigaddset(&watched, SIGTERM);
    sigaddset(&watched, SIGALRM);
    signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0) {
        fail(GUEST_STAGE_PROGRAM, errno, "signals");
    }
}

static void
program_reported(void)
{
    struct program_failure failure;

    if (!program_read_failure(&program, &failure)) {
        log_debug("service is started");
    } else {
        fail(GUEST_STAGE_PROGRAM, failure.error, "%s", failure.text);
    }
}

static void
read_signals(void)
{
    struct signalfd_siginfo info;

    while (read(signals, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGTERM) {
            log_debug("service is asked to end");
            program_signal(&program, SIGTERM);
            alarm(END_SECONDS);
        } else if (info.ssi_signo == SIGALRM) {
            program_signal(&program, SIGKILL);
        }
    }
}

/* Only a service that failed has its end reported. */
static void
report_end(int status)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM) {
        log_message("the service was killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    } else if (WIFEXITED(status) && WEXITSTATUS(status) != 0) {
        log_message("the service ended with status %d", WEXITSTATUS(status));
    }
}

static void
program_reaped(int status)
{
    if (program.report >= 0) {
        program_reported();
    }
    end_status = status;
    ended = true;
}

static void
reap(const struct settings *settings)
{
    pid_t pid;
    int status;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == program.pid) {
            program_reaped(status);
        } else if (!ended) {
            shell_reaped(settings, pid);
        }
    }
}

/* Kills what is left of the service; it has nothing more to write. */
static void
kill_the_rest(const struct settings *settings)
{
    program_ended(&program);
    kill(-1, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {
    }
    console_flush();
    report_end(end_status);
    processes_remove_group();
    mounts_write_back(settings->machine);
    disks_write_back();
}

void
service_run(const struct settings *settings)
{
    struct pollfd polls[SLOT_COUNT];

    open_signals();
    program_prepare(&program, settings);
    program_start(&program, settings);
    shell_start(settings);
    while (!ended) {
        polls[SLOT_SIGNALS] = (struct pollfd){ .fd = signals, .events = POLLIN };
        polls[SLOT_REPORT] = (struct pollfd){ .fd = program.report, .events = POLLIN };
        socket_calls_poll(&polls[SLOT_SOCKET_CALLS]);
        console_poll(&polls[SLOT_OUTPUT], &polls[SLOT_CONSOLE]);
        if (poll(polls, SLOT_COUNT, -1) < 0 && errno != EINTR) {
            fail(GUEST_STAGE_PROGRAM, errno, "poll");
        }
        if (polls[SLOT_REPORT].revents) {
            program_reported();
        }
        console_forward();
        socket_calls_polled(settings, &polls[SLOT_SOCKET_CALLS]);
        if (polls[SLOT_SIGNALS].revents) {
            read_signals();
            reap(settings);
        }
    }
    kill_the_rest(settings);
}
