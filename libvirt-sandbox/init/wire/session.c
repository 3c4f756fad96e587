/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/wire/session.h"

#include "libvirt-sandbox/guest/frame.h"
#include "libvirt-sandbox/init/changes/changes.h"
#include "libvirt-sandbox/init/clock.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/moment.h"
#include "libvirt-sandbox/init/program/processes.h"
#include "libvirt-sandbox/init/program/program.h"
#include "libvirt-sandbox/init/program/socket-calls.h"
#include "libvirt-sandbox/init/program/terminal.h"
#include "libvirt-sandbox/init/root/disks.h"
#include "libvirt-sandbox/init/root/mounts.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/shell.h"
#include "libvirt-sandbox/init/wire/channel.h"
#include "libvirt-sandbox/init/wire/input.h"
#include "libvirt-sandbox/init/wire/output.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum phase {
    PHASE_GREETING, /* the host must say HELLO */
    PHASE_OFFERED,  /* READY was sent; the host says when to start */
    PHASE_STARTING, /* the program is about to be executed */
    PHASE_RUNNING,
    PHASE_ENDING,   /* all processes are being killed, the last output is on its way */
    PHASE_CHANGES,  /* what the program changed is on its way */
    PHASE_REPORTED, /* EXIT was sent */
    PHASE_OVER,
};

#define RECEIVES_PER_TURN 8

enum slot {
    SLOT_CHANNEL,
    SLOT_SIGNALS,
    SLOT_REPORT,
    SLOT_SOCKET_CALLS,
    SLOT_STREAMS,
    SLOT_COUNT = SLOT_STREAMS + GUEST_STREAM_TOTAL
};

static enum phase phase;
static struct program program;
static int signals; /* a signalfd: ended children, a request from outside to end */
static bool everybody_is_dead;
static enum guest_exit_how exit_how;
static uint32_t exit_value;
static uint64_t early_signals; /* a bit for each signal that came before there was a program */
static bool start_is_due;      /* the host has sent READY */

static void
queue_empty(uint8_t type)
{
    channel_queued(guest_frame_encode_empty(channel_next_out(), type, 0));
}

void
session_send_hello(void)
{
    channel_queued(guest_frame_encode_hello(channel_next_out(), GUEST_WIRE_VERSION, 0));
    moment_passed(GUEST_MOMENT_CONNECT);
    moments_queue();
    channel_send();
}

/* The program's life */

static void
start_program(const struct settings *settings)
{
    program_start(&program, settings);
    shell_start(settings);
    phase = PHASE_STARTING;
    for (int number = 1; number <= 64; number++) {
        if (early_signals >> (number - 1) & 1) {
            program_signal(&program, number);
        }
    }
}

static void
end_program(enum guest_exit_how how, uint32_t value)
{
    moment_passed(GUEST_MOMENT_EXIT);
    exit_how = how;
    exit_value = value;
    phase = PHASE_ENDING;
    program_ended(&program);
    kill(-1, SIGKILL);
}

static void
program_reported(void)
{
    struct program_failure failure;

    if (!program_read_failure(&program, &failure)) {
        log_debug("program is started");
        moment_passed(GUEST_MOMENT_PROGRAM);
        phase = PHASE_RUNNING;
        queue_empty(GUEST_FRAME_READY);
        input_grant(GUEST_STREAM_STDIN);
        input_grant(GUEST_STREAM_KEYS);
    } else if (failure.exec) {
        log_debug("%s: %s", failure.text, strerror(failure.error));
        end_program(GUEST_EXIT_EXEC, (uint32_t)failure.error);
    } else {
        fail(GUEST_STAGE_PROGRAM, failure.error, "%s", failure.text);
    }
}

static void
program_reaped(int status)
{
    if (phase == PHASE_STARTING) {
        program_reported();
    }
    if (phase != PHASE_RUNNING) {
        return;
    }
    if (WIFSIGNALED(status)) {
        end_program(GUEST_EXIT_SIGNAL, (uint32_t)WTERMSIG(status));
    } else {
        end_program(GUEST_EXIT_STATUS, (uint32_t)WEXITSTATUS(status));
    }
}

/* Who ends a container from outside ends all its processes at once, so how the program ends says nothing about the
 * program. A sender outside of the container has the process number 0 in it. */
static void
read_signals(void)
{
    struct signalfd_siginfo info;

    while (read(signals, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGTERM && info.ssi_pid == 0) {
            fail(GUEST_STAGE_PROGRAM, 0, "the sandbox was ended from outside");
        }
    }
}

static void
reap(const struct settings *settings)
{
    pid_t pid;
    int status;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == program.pid) {
            program_reaped(status);
        } else if (phase < PHASE_ENDING) {
            shell_reaped(settings, pid);
        }
    }
    everybody_is_dead = pid < 0 && errno == ECHILD;
}

/* What the host says */

static noreturn void
fail_unexpected(const char *what)
{
    fail(GUEST_STAGE_WIRE, 0, "unexpected frame from the host: %s", what);
}

static void
handle_hello(const struct settings *settings, const struct guest_frame *frame)
{
    uint32_t version = guest_frame_u32(frame, 0);

    if (phase != PHASE_GREETING) {
        fail_unexpected("second HELLO");
    }
    if (version != GUEST_WIRE_VERSION) {
        fail(GUEST_STAGE_WIRE, 0, "the host speaks version %u of the protocol, the guest %d", version,
             GUEST_WIRE_VERSION);
    }
    phase = PHASE_OFFERED;
    if (guest_frame_u32(frame, 4) & GUEST_FEATURE_CLOCK) {
        clock_follow_host(settings);
        clock_queue_question();
    }
    queue_empty(GUEST_FRAME_READY);
}

/* Starts the program when the host has asked for it and the clock is set. */
static void
start_if_due(const struct settings *settings)
{
    if (phase == PHASE_OFFERED && start_is_due && clock_is_right()) {
        start_program(settings);
    }
}

static void
handle_signal(const struct guest_frame *frame)
{
    uint32_t number = guest_frame_u32(frame, 0);

    if (phase < PHASE_STARTING) {
        early_signals |= UINT64_C(1) << (number - 1);
    } else if (phase < PHASE_ENDING) {
        program_signal(&program, (int)number);
    }
}

static void
handle_quit(const struct settings *settings)
{
    /* After READY the host counts the program as started, so EXIT must follow. */
    if (phase == PHASE_OFFERED && start_is_due) {
        start_program(settings);
    }
    if (phase == PHASE_STARTING || phase == PHASE_RUNNING) {
        log_debug("host ends the program");
        kill(-1, SIGKILL);
    } else if (phase == PHASE_CHANGES) {
        kill(-1, SIGKILL);
    } else if (phase != PHASE_ENDING) {
        phase = PHASE_OVER;
    }
}

/* Only the program's input goes from the host to the guest; a frame that names another stream for that is an error. */
static void
handle_stream(const struct guest_frame *frame)
{
    bool of_input = frame->type == GUEST_FRAME_DATA || frame->type == GUEST_FRAME_EOF || frame->type == GUEST_FRAME_ASK;

    if (of_input != guest_stream_is_input(frame->stream)) {
        fail_unexpected("wrong stream");
    }
    switch (frame->type) {
    case GUEST_FRAME_DATA:
        if (frame->length > 0 && !input_receive(frame->stream, frame->payload, frame->length)) {
            fail_unexpected("DATA without credit");
        }
        break;
    case GUEST_FRAME_EOF:
        input_end(frame->stream);
        break;
    case GUEST_FRAME_ASK:
        input_ask(frame->stream);
        break;
    case GUEST_FRAME_CREDIT:
        output_credit(frame->stream, guest_frame_u32(frame, 0));
        break;
    default:
        program_output_close(&program, frame->stream);
        break;
    }
}

static void
handle_frame(const struct settings *settings, const struct guest_frame *frame)
{
    if (phase == PHASE_GREETING && frame->type != GUEST_FRAME_HELLO && frame->type != GUEST_FRAME_QUIT) {
        fail_unexpected("no HELLO");
    }
    switch (frame->type) {
    case GUEST_FRAME_HELLO:
        handle_hello(settings, frame);
        break;
    case GUEST_FRAME_READY:
        if (phase != PHASE_OFFERED || start_is_due) {
            fail_unexpected("second READY");
        }
        start_is_due = true;
        start_if_due(settings);
        break;
    case GUEST_FRAME_CLOCK:
        clock_handle_answer(frame);
        start_if_due(settings);
        break;
    case GUEST_FRAME_DATA:
    case GUEST_FRAME_EOF:
    case GUEST_FRAME_CREDIT:
    case GUEST_FRAME_CLOSE:
    case GUEST_FRAME_ASK:
        handle_stream(frame);
        break;
    case GUEST_FRAME_WINSIZE:
        terminal_resize(program.terminal.master, guest_frame_u16(frame, 0), guest_frame_u16(frame, 2));
        break;
    case GUEST_FRAME_SIGNAL:
        handle_signal(frame);
        break;
    case GUEST_FRAME_QUIT:
        handle_quit(settings);
        break;
    case GUEST_FRAME_FAIL:
    case GUEST_FRAME_EXIT:
    case GUEST_FRAME_TAKEN:
    case GUEST_FRAME_WANTED:
        fail_unexpected("one that only a guest sends");
    default:
        break;
    }
}

/* The loop */

static int
open_signals(void)
{
    sigset_t all, watched;
    int fd;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigaddset(&watched, SIGTERM);
    /* SIGIO: the program has read something from its input. */
    sigaddset(&watched, SIGIO);
    fd = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) {
        fail(GUEST_STAGE_PROGRAM, errno, "signals");
    }
    return fd;
}

/* Runs when all processes are dead, so that nobody writes to the host or to a file any more. */
static void
report_exit(const struct settings *settings)
{
    read_signals();
    processes_remove_group();
    mounts_write_back(settings->machine);
    disks_write_back();
    moment_passed(GUEST_MOMENT_LAST_BYTE);
    moments_queue();
    channel_queued(guest_frame_encode_exit(channel_next_out(), exit_how, exit_value));
    phase = PHASE_REPORTED;
    log_debug("program has ended");
}

static void
program_is_over(const struct settings *settings)
{
    if (settings->changes && exit_how != GUEST_EXIT_EXEC) {
        everybody_is_dead = false;
        changes_start(settings);
        phase = PHASE_CHANGES;
    } else {
        report_exit(settings);
    }
}

static void
queue_all(const struct settings *settings)
{
    if (phase >= PHASE_OFFERED && phase <= PHASE_RUNNING) {
        clock_queue_question();
    }
    if (phase < PHASE_RUNNING) {
        return;
    }
    input_queue(GUEST_STREAM_STDIN);
    input_queue(GUEST_STREAM_KEYS);
    output_queue(GUEST_STREAM_STDOUT);
    output_queue(GUEST_STREAM_STDERR);
    output_queue(GUEST_STREAM_CHANGES);
    if (phase == PHASE_ENDING && everybody_is_dead && output_is_done(GUEST_STREAM_STDOUT) &&
        output_is_done(GUEST_STREAM_STDERR)) {
        program_is_over(settings);
    } else if (phase == PHASE_CHANGES && everybody_is_dead && output_is_done(GUEST_STREAM_CHANGES)) {
        report_exit(settings);
    }
}

/* The shorter of two times to wait; -1 means no limit. */
static int
shorter_wait(int a, int b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void
wait_for_events(struct pollfd polls[SLOT_COUNT])
{
    int milliseconds = phase <= PHASE_RUNNING ? clock_timeout() : -1;

    milliseconds = shorter_wait(milliseconds, input_timeout(GUEST_STREAM_STDIN));
    milliseconds = shorter_wait(milliseconds, input_timeout(GUEST_STREAM_KEYS));
    polls[SLOT_CHANNEL] = (struct pollfd){ .fd = channel_descriptor(), .events = channel_events() };
    polls[SLOT_SIGNALS] = (struct pollfd){ .fd = signals, .events = POLLIN };
    polls[SLOT_REPORT] = (struct pollfd){ .fd = program.report, .events = POLLIN };
    socket_calls_poll(&polls[SLOT_SOCKET_CALLS]);
    input_poll(GUEST_STREAM_STDIN, &polls[SLOT_STREAMS + GUEST_STREAM_STDIN]);
    input_poll(GUEST_STREAM_KEYS, &polls[SLOT_STREAMS + GUEST_STREAM_KEYS]);
    output_poll(GUEST_STREAM_STDOUT, &polls[SLOT_STREAMS + GUEST_STREAM_STDOUT]);
    output_poll(GUEST_STREAM_STDERR, &polls[SLOT_STREAMS + GUEST_STREAM_STDERR]);
    output_poll(GUEST_STREAM_CHANGES, &polls[SLOT_STREAMS + GUEST_STREAM_CHANGES]);
    while (poll(polls, SLOT_COUNT, milliseconds) < 0) {
        if (errno != EINTR) {
            fail(GUEST_STAGE_WIRE, errno, "poll");
        }
    }
}

/* Splices much input from the socket to the program's pipe, without a copy. */
static ssize_t
splice_input(void)
{
    size_t rest = channel_rest(GUEST_STREAM_STDIN);
    ssize_t count;

    if (rest == 0) {
        return 0;
    }
    count = input_splice(GUEST_STREAM_STDIN, channel_descriptor(), rest);
    if (count >= 0) {
        channel_rest_spliced((size_t)count);
    }
    return count;
}

/* Takes a limited number of frames, so that other events are handled too. */
static void
receive(const struct settings *settings)
{
    struct guest_frame frame;
    ssize_t spliced;

    for (int turn = 0; turn < RECEIVES_PER_TURN; turn++) {
        spliced = splice_input();
        if (spliced < 0 || (spliced == 0 && !channel_receive())) {
            return;
        }
        while (phase != PHASE_OVER && channel_next_in(&frame)) {
            handle_frame(settings, &frame);
        }
        if (phase == PHASE_OVER || !channel_is_bulk()) {
            return;
        }
    }
}

static void
handle_events(const struct settings *settings, const struct pollfd polls[SLOT_COUNT])
{
    /* First of all, because a frame can close what was polled. */
    input_polled(GUEST_STREAM_STDIN, &polls[SLOT_STREAMS + GUEST_STREAM_STDIN]);
    input_polled(GUEST_STREAM_KEYS, &polls[SLOT_STREAMS + GUEST_STREAM_KEYS]);
    output_polled(GUEST_STREAM_STDOUT, &polls[SLOT_STREAMS + GUEST_STREAM_STDOUT]);
    output_polled(GUEST_STREAM_STDERR, &polls[SLOT_STREAMS + GUEST_STREAM_STDERR]);
    output_polled(GUEST_STREAM_CHANGES, &polls[SLOT_STREAMS + GUEST_STREAM_CHANGES]);

    if (polls[SLOT_REPORT].revents) {
        program_reported();
    }
    if (polls[SLOT_SIGNALS].revents) {
        read_signals();
        reap(settings);
    }
    socket_calls_polled(settings, &polls[SLOT_SOCKET_CALLS]);
    if (polls[SLOT_CHANNEL].revents & ~POLLOUT) {
        receive(settings);
    }
}

void
session_run(const struct settings *settings)
{
    struct pollfd polls[SLOT_COUNT];

    signals = open_signals();
    program_prepare(&program, settings);
    while (phase != PHASE_OVER) {
        queue_all(settings);
        channel_send();
        wait_for_events(polls);
        handle_events(settings, polls);
    }
}
