/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

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

static int fd = -1;
static bool is_terminal;
static bool ended;  /* no more comes from the host */
static bool closed; /* nobody reads any more */
static bool close_is_due;
static bool in_line;     /* the last byte was not the end of a line */
static uint32_t granted; /* what the host may still send */
static uint32_t untaken; /* what was in the program's pipe when it was last looked at */
static uint32_t taken;   /* what it has read since the host was told */
static bool watched;     /* each read of the program is a signal to us */
static int look_ms;      /* after so long it is looked at in any case */
/* The host asks whether anybody waits for more: then so many milliseconds are between two looks. */
static bool asked;
static int ask_ms;
static long next_ask; /* monotonic, in milliseconds */
/* The program's end of the pipe, after ours was closed: for what is in there. */
static int rest = -1;

/* What the program's pipe doesn't take yet: ahead, in a pipe of our own, what was not copied, and then the ring.
 * The size of that is the window, so what was granted always fits. */
static int kept[2] = { -1, -1 };
static size_t kept_count;
static uint8_t ring[GUEST_STREAM_WINDOW];
static size_t ring_start, ring_count;

void
input_open(int descriptor, bool terminal)
{
    fd = descriptor;
    is_terminal = terminal;
    if (!terminal) {
        fcntl(fd, F_SETOWN, getpid());
    }
}

void
input_grant(void)
{
    granted = GUEST_STREAM_WINDOW;
    channel_queued(guest_frame_encode_credit(channel_next_out(), GUEST_STREAM_STDIN, granted));
}

static bool
is_empty(void)
{
    return kept_count == 0 && ring_count == 0;
}

/* How much of it the program has read */

/* A terminal is read by whoever is in its foreground, and what was typed is his. */
static void
gave(size_t count)
{
    if (is_terminal) {
        taken += (uint32_t)count;
    } else if (count > 0) {
        untaken += (uint32_t)count;
        look_ms = LOOK_MS_MIN;
    }
}

/* How much was read since the last look. The program can put bytes of its own into the pipe. */
static uint32_t
look(void)
{
    uint32_t before = untaken;
    int left = 0;

    if (ioctl(fd >= 0 ? fd : rest, FIONREAD, &left) < 0) {
        left = 0;
    }
    untaken = (uint32_t)left < untaken ? (uint32_t)left : untaken;
    taken += before - untaken;
    return before - untaken;
}

static void
watch(bool wanted)
{
    if (fd >= 0 && wanted != watched) {
        fcntl(fd, F_SETFL, O_NONBLOCK | (wanted ? O_ASYNC : 0));
        watched = wanted;
    }
}

static void
look_again(void)
{
    bool was_watched = watched;
    uint32_t count;

    if (untaken == 0) {
        return;
    }
    count = look();
    watch(untaken == 0 || count == 0 || count >= LITTLE);
    /* What was read before that could not be a signal. */
    if (watched && !was_watched) {
        count += look();
    }
    if (count > 0) {
        look_ms = LOOK_MS_MIN;
    } else if (look_ms < LOOK_MS_MAX) {
        look_ms *= 2;
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
has_nothing(void)
{
    return fd >= 0 && untaken == 0 && is_empty();
}

void
input_ask(void)
{
    asked = true;
    ask_ms = 1;
    next_ask = 0;
}

/* The host reads no more of its terminal than somebody here waits for. */
static void
answer(void)
{
    if (!asked || !has_nothing() || now_ms() < next_ask) {
        return;
    }
    if (is_terminal || somebody_waits_for(fd)) {
        channel_queued(guest_frame_encode_empty(channel_next_out(), GUEST_FRAME_WANTED, GUEST_STREAM_STDIN));
        asked = false;
        return;
    }
    next_ask = now_ms() + ask_ms;
    ask_ms = ask_ms < ASK_MS_MAX ? 2 * ask_ms : ASK_MS_MAX;
}

int
input_timeout(void)
{
    long wait;

    if (fd >= 0 && untaken > 0) {
        return look_ms;
    }
    if (!asked || !has_nothing()) {
        return -1;
    }
    wait = next_ask - now_ms();
    return wait > 0 ? (int)wait : 0;
}

/* The program sees the end of its input only when we have it open no more. */
static void
open_rest(void)
{
    char path[32];

    snprintf(path, sizeof(path), "self/fd/%d", fd);
    rest = openat(kernel_files(), path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (rest < 0) {
        note("what is left of the input: %s", strerror(errno));
        taken += untaken;
        untaken = 0;
    }
}

static void
close_descriptor(void)
{
    if (untaken > 0) {
        look();
    }
    if (fd >= 0) {
        close(fd);
        fd = -1;
    }
    for (int end = 0; end < 2 && kept[end] >= 0; end++) {
        close(kept[end]);
        kept[end] = -1;
    }
    kept_count = ring_count = 0;
    if (rest < 0) {
        untaken = 0;
    }
}

/* The program reads no more: the rest is dropped, and the host can stop sending. */
static void
reader_is_gone(void)
{
    close_descriptor();
    closed = true;
    close_is_due = !ended;
}

static void
finish_if_ended(void)
{
    uint8_t characters[2];
    size_t count;

    if (!ended || !is_empty() || fd < 0) {
        return;
    }
    if (is_terminal) {
        count = terminal_end_of_input(fd, in_line, characters);
        if (count > 0 && write(fd, characters, count) < 0 && errno == EAGAIN) {
            return;
        }
    } else if (untaken > 0) {
        open_rest();
    }
    close_descriptor();
}

static void
note_failure(void)
{
    if (errno != EAGAIN && errno != EINTR) {
        reader_is_gone();
    }
}

/* How much of the bytes the program has taken. */
static size_t
hand_over(const struct iovec *parts, int count)
{
    ssize_t written = writev(fd, parts, count);

    if (written < 0) {
        note_failure();
    }
    return written > 0 ? (size_t)written : 0;
}

static void
store(const uint8_t *data, size_t length)
{
    size_t end = (ring_start + ring_count) % sizeof(ring);
    size_t first = sizeof(ring) - end < length ? sizeof(ring) - end : length;

    memcpy(ring + end, data, first);
    memcpy(ring, data + first, length - first);
    ring_count += length;
}

static int
ring_parts(struct iovec parts[2])
{
    size_t first = sizeof(ring) - ring_start < ring_count ? sizeof(ring) - ring_start : ring_count;

    parts[0] = (struct iovec){ ring + ring_start, first };
    parts[1] = (struct iovec){ ring, ring_count - first };
    return 2;
}

static void
ring_took(size_t count)
{
    ring_start = (ring_start + count) % sizeof(ring);
    ring_count -= count;
}

static void
flush_kept(void)
{
    ssize_t moved = splice(kept[0], NULL, fd, NULL, kept_count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

    if (moved > 0) {
        kept_count -= (size_t)moved;
        gave((size_t)moved);
    } else if (moved < 0) {
        note_failure();
    }
}

static void
flush_ring(void)
{
    struct iovec parts[2];
    size_t written = hand_over(parts, ring_parts(parts));

    if (fd >= 0) {
        ring_took(written);
        gave(written);
    }
}

static void
flush(void)
{
    if (kept_count > 0) {
        flush_kept();
    }
    if (fd >= 0 && kept_count == 0 && ring_count > 0) {
        flush_ring();
    }
    finish_if_ended();
}

bool
input_receive(const uint8_t *data, size_t length)
{
    struct iovec part = { (void *)(uintptr_t)data, length };
    size_t written = 0;

    if (length > granted || ended) {
        return false;
    }
    granted -= (uint32_t)length;
    if (fd < 0) {
        return true;
    }
    in_line = data[length - 1] != '\n';
    if (is_empty()) {
        written = hand_over(&part, 1);
        gave(written);
    }
    if (fd >= 0) {
        store(data + written, length - written);
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
move_ring(void)
{
    struct iovec parts[2];
    ssize_t written;

    if (kept[0] < 0) {
        if (pipe2(kept, O_CLOEXEC | O_NONBLOCK) < 0) {
            return false;
        }
        /* Larger is only faster. */
        (void)fcntl(kept[1], F_SETPIPE_SZ, KEPT_SIZE);
    }
    while (ring_count > 0) {
        written = writev(kept[1], parts, ring_parts(parts));
        if (written <= 0) {
            return false;
        }
        ring_took((size_t)written);
        kept_count += (size_t)written;
    }
    return true;
}

static ssize_t
splice_to(int pipe, int socket, size_t length)
{
    ssize_t count = splice(socket, NULL, pipe, NULL, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

    if (count > 0) {
        granted -= (uint32_t)count;
        return count;
    }
    return count < 0 && errno == EAGAIN && !is_full(pipe) ? -1 : 0;
}

ssize_t
input_splice(int socket, size_t length)
{
    ssize_t count = 0;

    if (length > granted || ended || fd < 0 || is_terminal) {
        return 0;
    }
    if (is_empty()) {
        count = splice_to(fd, socket, length);
        gave(count > 0 ? (size_t)count : 0);
    }
    if (count == 0 && move_ring()) {
        count = splice_to(kept[1], socket, length);
        kept_count += count > 0 ? (size_t)count : 0;
    }
    return count;
}

void
input_end(void)
{
    ended = true;
    finish_if_ended();
}

void
input_close(void)
{
    close_descriptor();
    if (rest >= 0) {
        close(rest);
        rest = -1;
    }
    untaken = 0;
    /* The host takes nothing more for the program, however long the rest lasts. */
    close_is_due = close_is_due || (!ended && !closed);
    closed = true;
}

void
input_poll(struct pollfd *poll)
{
    poll->fd = fd;
    poll->events = !is_empty() || ended ? POLLOUT : 0;
    poll->revents = 0;
}

void
input_polled(const struct pollfd *poll)
{
    if (fd < 0) {
        return;
    }
    if (poll->revents & POLLERR) {
        reader_is_gone();
    } else if (poll->revents & POLLOUT) {
        flush();
    }
}

/* At the end in any case; before, a host that does not listen is told once. */
static bool
tells_now(void)
{
    return closed || (channel_room() > 0 && (taken >= TELL_MIN || (untaken == 0 && is_empty())));
}

void
input_queue(void)
{
    if (close_is_due) {
        channel_queued(guest_frame_encode_empty(channel_next_out(), GUEST_FRAME_CLOSE, GUEST_STREAM_STDIN));
        close_is_due = false;
    }
    look_again();
    answer();
    if (taken > 0 && tells_now()) {
        channel_queued(guest_frame_encode_taken(channel_next_out(), GUEST_STREAM_STDIN, taken));
        granted += taken;
        taken = 0;
    }
}
