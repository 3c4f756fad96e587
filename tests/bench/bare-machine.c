/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * bare-machine run - QEMU [ARGS…]
 * bare-machine stream MIB QEMU [ARGS…]
 * bare-machine bytes COUNT QEMU [ARGS…]
 *
 * Runs a machine without libvirt: starts QEMU with a listening socket as descriptor 3, for the character
 * device of the port, and is the other side of it. "run" speaks with the real init, just far enough to have
 * its program run without input, and ends with its status. The others measure the channel itself, with
 * echo-init. All wait until QEMU is gone.
 */

#include "libvirt-sandbox/guest/frame.h"
#include "tests/bench/exchange.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHANNEL 3
/* Then it is the end of us and of QEMU. */
#define SECONDS_MAX 300

/* The wire, as the host speaks it */

struct host {
    int channel;
    bool offered; /* the first READY has come */
    int status;   /* of the program, or -1 */
};

static void
send_all(int fd, const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = write(fd, bytes, length);

        if (count < 0) {
            err(125, "write");
        }
        bytes += count;
        length -= (size_t)count;
    }
}

static void
send_empty(const struct host *host, uint8_t type, uint16_t stream)
{
    uint8_t frame[GUEST_FRAME_HEADER_SIZE];

    send_all(host->channel, frame, guest_frame_encode_empty(frame, type, stream));
}

static void
send_hello(const struct host *host)
{
    uint8_t frame[GUEST_FRAME_CONTROL_MAX];

    send_all(host->channel, frame, guest_frame_encode_hello(frame, GUEST_WIRE_VERSION, 0));
}

static void
grant(const struct host *host, uint16_t stream, uint32_t bytes)
{
    uint8_t frame[GUEST_FRAME_CONTROL_MAX];

    send_all(host->channel, frame, guest_frame_encode_credit(frame, stream, bytes));
}

/* The first: all is set up; the second: the program runs. */
static void
handle_ready(struct host *host)
{
    if (host->offered) {
        send_empty(host, GUEST_FRAME_EOF, GUEST_STREAM_STDIN);
        return;
    }
    host->offered = true;
    grant(host, GUEST_STREAM_STDOUT, GUEST_STREAM_WINDOW);
    grant(host, GUEST_STREAM_STDERR, GUEST_STREAM_WINDOW);
    send_empty(host, GUEST_FRAME_READY, 0);
}

static void
handle_exit(struct host *host, uint32_t how, uint32_t value)
{
    switch (how) {
    case GUEST_EXIT_STATUS:
        host->status = (int)value;
        break;
    case GUEST_EXIT_SIGNAL:
        host->status = 128 + (int)value;
        break;
    default:
        host->status = value == ENOENT ? 127 : 126;
    }
    send_empty(host, GUEST_FRAME_QUIT, 0);
}

static void
handle_frame(struct host *host, const struct guest_frame *frame)
{
    switch (frame->type) {
    case GUEST_FRAME_HELLO:
        send_hello(host);
        break;
    case GUEST_FRAME_READY:
        handle_ready(host);
        break;
    case GUEST_FRAME_DATA:
        send_all(frame->stream == GUEST_STREAM_STDERR ? STDERR_FILENO : STDOUT_FILENO, frame->payload, frame->length);
        grant(host, frame->stream, frame->length);
        break;
    case GUEST_FRAME_FAIL:
        errx(125, "the guest failed: %.*s", (int)frame->length - 8, (const char *)frame->payload + 8);
    case GUEST_FRAME_EXIT:
        handle_exit(host, guest_frame_u32(frame, 0), guest_frame_u32(frame, 4));
        break;
    default:
        break;
    }
}

/* Handles the whole frames at the start of @buffer, and says how long they are. */
static size_t
handle_frames(struct host *host, const uint8_t *buffer, size_t length)
{
    size_t start = 0;

    while (host->status < 0) {
        struct guest_frame frame;
        const char *reason;
        size_t used;

        switch (guest_frame_decode(buffer + start, length - start, &frame, &used, &reason)) {
        case GUEST_FRAME_COMPLETE:
            handle_frame(host, &frame);
            start += used;
            break;
        case GUEST_FRAME_INCOMPLETE:
            return start;
        default:
            errx(125, "broken frame: %s", reason);
        }
    }
    return start;
}

static int
run_program(int channel)
{
    static uint8_t buffer[4 * (GUEST_FRAME_HEADER_SIZE + GUEST_FRAME_PAYLOAD_MAX)];
    struct host host = { .channel = channel, .status = -1 };
    size_t filled = 0;

    while (host.status < 0) {
        ssize_t count = read(channel, buffer + filled, sizeof(buffer) - filled);
        size_t used;

        if (count <= 0) {
            errx(125, "the machine ended before its program did");
        }
        filled += (size_t)count;
        used = handle_frames(&host, buffer, filled);
        filled -= used;
        memmove(buffer, buffer + used, filled);
    }
    return host.status;
}

/* The machine */

/* At an address that the kernel chooses; QEMU takes the connection that waits there. */
static int
listen_and_connect(int *channel)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    socklen_t length = sizeof(address);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    *channel = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || *channel < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address.sun_family)) < 0 ||
        listen(listener, 1) < 0 || getsockname(listener, (struct sockaddr *)&address, &length) < 0 ||
        connect(*channel, (struct sockaddr *)&address, length) < 0) {
        err(125, "a socket for the channel");
    }
    return listener;
}

/* What it says is no output of the program. It ends with us, so that none is left. */
static pid_t
start_qemu(char **command, int listener)
{
    pid_t parent = getpid();
    pid_t pid = fork();

    if (pid < 0) {
        err(125, "fork");
    }
    if (pid == 0) {
        int source = fcntl(listener, F_DUPFD_CLOEXEC, CHANNEL + 1);

        dup2(STDERR_FILENO, STDOUT_FILENO);
        if (source < 0 || dup2(source, CHANNEL) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent) {
            _exit(125);
        }
        execvp(command[0], command);
        err(125, "%s", command[0]);
    }
    close(listener);
    return pid;
}

int
main(int argc, char **argv)
{
    int channel, listener, status, result = 0;
    pid_t qemu;

    if (argc < 4) {
        errx(125, "usage: bare-machine run -|stream MIB|bytes COUNT QEMU [ARGS…]");
    }
    signal(SIGPIPE, SIG_IGN);
    alarm(SECONDS_MAX);
    listener = listen_and_connect(&channel);
    qemu = start_qemu(argv + 3, listener);
    if (strcmp(argv[1], "run") == 0) {
        result = run_program(channel);
    } else if (!exchange_run(channel, channel, argv[1], argv[2])) {
        errx(125, "%s %s is nothing to measure", argv[1], argv[2]);
    }
    /* echo-init ends when nobody is there any more; the real one has been told. */
    if (strcmp(argv[1], "run") != 0) {
        close(channel);
    }
    if (waitpid(qemu, &status, 0) < 0 || status != 0) {
        errx(125, "QEMU did not end well");
    }
    return result;
}
