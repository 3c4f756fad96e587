/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/wire/input.h"

#include "libvirt-sandbox/guest/frame.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/program/terminal.h"
#include "libvirt-sandbox/init/kernel/kernel-files.h"
#include "libvirt-sandbox/init/wire/channel.h"
#include "libvirt-sandbox/init/wire/waiters.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* What the program takes is told in pieces of this size, and when nothing is left for it. */
#define TELL_MIN (GUEST_STREAM_WINDOW / 4)
/* Who takes less at a time is looked at by the clock: for him a signal would cost more than his read. */
#define LITTLE 1024
#define LOOK_MS_MIN 2
#define LOOK_MS_MAX 256
/* A person who types does not notice. */
#define ASK_MS_MAX 64
/* A window, however it is cut. */
#define KEPT_SIZE (2 * GUEST_STREAM_WINDOW)

/* What the guest receives: the program's standard input, or the keys of its terminal. */
struct input {
    unsigned stream;
    int fd;
    bool is_terminal;
    bool ended;  /* no more comes from the host */
    bool closed; /* nobody reads any more, or not yet */
    bool close_is_due;
    bool in_line;     /* the last byte was not the end of a line */
    uint32_t granted; /* what the host may still send */
    uint32_t untaken; /* what was in the program's pipe when it was last looked at */
    uint32_t taken;   /* what it has read since the host was told */
    bool watched;     /* each read of the program is a signal to us */
    int look_ms;      /* after so long it is looked at in any case */
    /* The host asks whether anybody waits for more: then so many milliseconds are between two looks. */
    bool asked;
    int ask_ms;
    long next_ask; /* monotonic, in milliseconds */
    /* The program's end of the pipe, after ours was closed: for what is in there. */
    int rest;
    /* What the program's pipe doesn't take yet: ahead, in a pipe of our own, what was not copied, and then the ring.
     * The size of that is the window, so what was granted always fits. */
    int kept[2];
    size_t kept_count;
    uint8_t *ring;
    size_t ring_start, ring_count;
};

/* Apart from the rest, which has values at the start: whatever has is a part of the boot image. */
static uint8_t standard_ring[GUEST_STREAM_WINDOW], keys_ring[GUEST_STREAM_WINDOW];

static struct input standard = {
    .stream = GUEST_STREAM_STDIN, .fd = -1, .closed = true, .rest = -1, .kept = { -1, -1 }, .ring = standard_ring
};
static struct input keys = {
    .stream = GUEST_STREAM_KEYS, .fd = -1, .closed = true, .rest = -1, .kept = { -1, -1 }, .ring = keys_ring
};

static struct input *
find_input(unsigned stream)
{
    return stream == GUEST_STREAM_KEYS ? &keys : &standard;
}

void
input_open(unsigned stream, int descriptor, bool terminal)
{
    struct input *input = find_input(stream);

    input->fd = descriptor;
    input->closed = false;
    input->is_terminal = terminal;
    if (!terminal) {
        fcntl(input->fd, F_SETOWN, getpid());
    }
}

void
input_grant(unsigned stream)
{
    struct input *input = find_input(stream);

    if (input->closed) {
        return;
    }
    input->granted = GUEST_STREAM_WINDOW;
    channel_queued(guest_frame_encode_credit(channel_next_out(), (uint16_t)input->stream, input->granted));
}

static bool
is_empty(const struct input *input)
{
    return input->kept_count == 0 && input->ring_count == 0;
}

/* How much of it the program has read */

/* A terminal is read by whoever is in its foreground, and what was typed is his. */
static void
gave(struct input *input, size_t count)
{
    if (input->is_terminal) {
        input->taken += (uint32_t)count;
    } else if (count > 0) {
        input->untaken += (uint32_t)count;
        input->look_ms = LOOK_MS_MIN;
    }
}

/* How much was read since the last look. The program can put bytes of its own into the pipe. */
static uint32_t
look(struct input *input)
{
    uint32_t before = input->untaken;
    int left = 0;

    if (ioctl(input->fd >= 0 ? input->fd : input->rest, FIONREAD, &left) < 0) {
        left = 0;
    }
    input->untaken = (uint32_t)left < input->untaken ? (uint32_t)left : input->untaken;
    input->taken += before - input->untaken;
    return before - input->untaken;
}

static void
watch(struct input *input, bool wanted)
{
    if (input->fd >= 0 && wanted != input->watched) {
        fcntl(input->fd, F_SETFL, O_NONBLOCK | (wanted ? O_ASYNC : 0));
        input->watched = wanted;
    }
}

static void
look_again(struct input *input)
{
    bool was_watched = input->watched;
    uint32_t count;

    if (input->untaken == 0) {
        return;
    }
    count = look(input);
    watch(input, input->untaken == 0 || count == 0 || count >= LITTLE);
    /* What was read before that could not be a signal. */
    if (input->watched && !was_watched) {
        count += look(input);
    }
    if (count > 0) {
        input->look_ms = LOOK_MS_MIN;
    } else if (input->look_ms < LOOK_MS_MAX) {
        input->look_ms *= 2;
    }
}

/* Whether anybody waits for more */

static long
now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static bool
has_nothing(const struct input *input)
{
    return input->fd >= 0 && input->untaken == 0 && is_empty(input);
}

void
input_ask(unsigned stream)
{
    struct input *input = find_input(stream);

    input->asked = true;
    input->ask_ms = 1;
    input->next_ask = 0;
}

/* The host reads no more of its terminal than somebody here waits for. */
static void
answer(struct input *input)
{
    if (!input->asked || !has_nothing(input) || now_ms() < input->next_ask) {
        return;
    }
    if (somebody_waits_for(input->fd)) {
        channel_queued(guest_frame_encode_empty(channel_next_out(), GUEST_FRAME_WANTED, (uint16_t)input->stream));
        input->asked = false;
        return;
    }
    input->next_ask = now_ms() + input->ask_ms;
    input->ask_ms = input->ask_ms < ASK_MS_MAX ? 2 * input->ask_ms : ASK_MS_MAX;
}

int
input_timeout(unsigned stream)
{
    struct input *input = find_input(stream);
    long wait;

    if (input->fd >= 0 && input->untaken > 0) {
        return input->look_ms;
    }
    if (!input->asked || !has_nothing(input)) {
        return -1;
    }
    wait = input->next_ask - now_ms();
    return wait > 0 ? (int)wait : 0;
}

/* The program sees the end of its input only when we have it open no more. */
static void
open_rest(struct input *input)
{
    char path[32];

    snprintf(path, sizeof(path), "self/fd/%d", input->fd);
    input->rest = openat(kernel_files(), path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (input->rest < 0) {
        log_debug("what is left of the input: %s", strerror(errno));
        input->taken += input->untaken;
        input->untaken = 0;
    }
}

static void
close_descriptor(struct input *input)
{
    if (input->untaken > 0) {
        look(input);
    }
    if (input->fd >= 0) {
        close(input->fd);
        input->fd = -1;
    }
    for (int end = 0; end < 2 && input->kept[end] >= 0; end++) {
        close(input->kept[end]);
        input->kept[end] = -1;
    }
    input->kept_count = input->ring_count = 0;
    if (input->rest < 0) {
        input->untaken = 0;
    }
}

/* The program reads no more: the rest is dropped, and the host can stop sending. */
static void
reader_is_gone(struct input *input)
{
    close_descriptor(input);
    input->closed = true;
    input->close_is_due = !input->ended;
}

static void
finish_if_ended(struct input *input)
{
    uint8_t characters[2];
    size_t count;

    if (!input->ended || !is_empty(input) || input->fd < 0) {
        return;
    }
    if (input->is_terminal) {
        count = terminal_end_of_input(input->fd, input->in_line, characters);
        if (count > 0 && write(input->fd, characters, count) < 0 && errno == EAGAIN) {
            return;
        }
    } else if (input->untaken > 0) {
        open_rest(input);
    }
    close_descriptor(input);
}

static void
note_failure(struct input *input)
{
    if (errno != EAGAIN && errno != EINTR) {
        reader_is_gone(input);
    }
}

/* How much of the bytes the program has taken. */
static size_t
hand_over(struct input *input, const struct iovec *parts, int count)
{
    ssize_t written = writev(input->fd, parts, count);

    if (written < 0) {
        note_failure(input);
    }
    return written > 0 ? (size_t)written : 0;
}

static void
store(struct input *input, const uint8_t *data, size_t length)
{
    size_t end = (input->ring_start + input->ring_count) % GUEST_STREAM_WINDOW;
    size_t first = GUEST_STREAM_WINDOW - end < length ? GUEST_STREAM_WINDOW - end : length;

    memcpy(input->ring + end, data, first);
    memcpy(input->ring, data + first, length - first);
    input->ring_count += length;
}

static int
ring_parts(struct input *input, struct iovec parts[2])
{
    size_t first = GUEST_STREAM_WINDOW - input->ring_start < input->ring_count ? GUEST_STREAM_WINDOW - input->ring_start
                                                                               : input->ring_count;

    parts[0] = (struct iovec){ input->ring + input->ring_start, first };
    parts[1] = (struct iovec){ input->ring, input->ring_count - first };
    return 2;
}

static void
ring_took(struct input *input, size_t count)
{
    input->ring_start = (input->ring_start + count) % GUEST_STREAM_WINDOW;
    input->ring_count -= count;
}

static void
flush_kept(struct input *input)
{
    ssize_t moved = splice(input->kept[0], NULL, input->fd, NULL, input->kept_count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

    if (moved > 0) {
        input->kept_count -= (size_t)moved;
        gave(input, (size_t)moved);
    } else if (moved < 0) {
        note_failure(input);
    }
}

static void
flush_ring(struct input *input)
{
    struct iovec parts[2];
    size_t written = hand_over(input, parts, ring_parts(input, parts));

    if (input->fd >= 0) {
        ring_took(input, written);
        gave(input, written);
    }
}

static void
flush(struct input *input)
{
    if (input->kept_count > 0) {
        flush_kept(input);
    }
    if (input->fd >= 0 && input->kept_count == 0 && input->ring_count > 0) {
        flush_ring(input);
    }
    finish_if_ended(input);
}

bool
input_receive(unsigned stream, const uint8_t *data, size_t length)
{
    struct input *input = find_input(stream);
    struct iovec part = { (void *)(uintptr_t)data, length };
    size_t written = 0;

    if (length > input->granted || input->ended) {
        return false;
    }
    input->granted -= (uint32_t)length;
    if (input->fd < 0) {
        return true;
    }
    input->in_line = data[length - 1] != '\n';
    if (is_empty(input)) {
        written = hand_over(input, &part, 1);
        gave(input, written);
    }
    if (input->fd >= 0) {
        store(input, data + written, length - written);
    }
    return true;
}

static bool
is_full(int pipe)
{
    struct pollfd status = { .fd = pipe, .events = POLLOUT };

    return poll(&status, 1, 0) == 0;
}

/* What is in the ring goes behind what was kept, if there is room for it. */
static bool
move_ring(struct input *input)
{
    struct iovec parts[2];
    ssize_t written;

    if (input->kept[0] < 0) {
        if (pipe2(input->kept, O_CLOEXEC | O_NONBLOCK) < 0) {
            return false;
        }
        /* Larger is only faster. */
        (void)fcntl(input->kept[1], F_SETPIPE_SZ, KEPT_SIZE);
    }
    while (input->ring_count > 0) {
        written = writev(input->kept[1], parts, ring_parts(input, parts));
        if (written <= 0) {
            return false;
        }
        ring_took(input, (size_t)written);
        input->kept_count += (size_t)written;
    }
    return true;
}

static ssize_t
splice_to(struct input *input, int pipe, int socket, size_t length)
{
    ssize_t count = splice(socket, NULL, pipe, NULL, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

    if (count > 0) {
        input->granted -= (uint32_t)count;
        return count;
    }
    return count < 0 && errno == EAGAIN && !is_full(pipe) ? -1 : 0;
}

ssize_t
input_splice(unsigned stream, int socket, size_t length)
{
    struct input *input = find_input(stream);
    ssize_t count = 0;

    if (length > input->granted || input->ended || input->fd < 0 || input->is_terminal) {
        return 0;
    }
    if (is_empty(input)) {
        count = splice_to(input, input->fd, socket, length);
        gave(input, count > 0 ? (size_t)count : 0);
    }
    if (count == 0 && move_ring(input)) {
        count = splice_to(input, input->kept[1], socket, length);
        input->kept_count += count > 0 ? (size_t)count : 0;
    }
    return count;
}

void
input_end(unsigned stream)
{
    struct input *input = find_input(stream);

    input->ended = true;
    finish_if_ended(input);
}

void
input_close(unsigned stream)
{
    struct input *input = find_input(stream);

    close_descriptor(input);
    if (input->rest >= 0) {
        close(input->rest);
        input->rest = -1;
    }
    input->untaken = 0;
    /* The host takes nothing more for the program, however long the rest lasts. */
    input->close_is_due = input->close_is_due || (!input->ended && !input->closed);
    input->closed = true;
}

void
input_poll(unsigned stream, struct pollfd *poll)
{
    struct input *input = find_input(stream);

    poll->fd = input->fd;
    poll->events = !is_empty(input) || input->ended ? POLLOUT : 0;
    poll->revents = 0;
}

void
input_polled(unsigned stream, const struct pollfd *poll)
{
    struct input *input = find_input(stream);

    if (input->fd < 0) {
        return;
    }
    if (poll->revents & POLLERR) {
        reader_is_gone(input);
    } else if (poll->revents & POLLOUT) {
        flush(input);
    }
}

/* At the end in any case; before, a host that does not listen is told once. */
static bool
tells_now(const struct input *input)
{
    return input->closed ||
           (channel_room() > 0 && (input->taken >= TELL_MIN || (input->untaken == 0 && is_empty(input))));
}

void
input_queue(unsigned stream)
{
    struct input *input = find_input(stream);

    if (input->close_is_due) {
        channel_queued(guest_frame_encode_empty(channel_next_out(), GUEST_FRAME_CLOSE, (uint16_t)input->stream));
        input->close_is_due = false;
    }
    look_again(input);
    answer(input);
    if (input->taken > 0 && tells_now(input)) {
        channel_queued(guest_frame_encode_taken(channel_next_out(), (uint16_t)input->stream, input->taken));
        input->granted += input->taken;
        input->taken = 0;
    }
}
