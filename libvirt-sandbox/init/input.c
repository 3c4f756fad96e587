/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* Credit is given back in pieces of this size, not byte by byte. */
#define GRANT_MIN (GUEST_STREAM_WINDOW / 4)

static int fd = -1;
static bool is_terminal;
static bool ended;  /* no more comes from the host */
static bool closed; /* nobody reads any more */
static bool close_is_due;
static bool in_line;      /* the last byte was not the end of a line */
static uint32_t granted;  /* what the host may still send */
static uint32_t consumed; /* what it may be granted again */

/* What the program doesn't take yet. Its size is the window, so what was granted always fits. */
static uint8_t ring[GUEST_STREAM_WINDOW];
static size_t ring_start, ring_count;

void
input_open(int descriptor, bool terminal)
{
    fd = descriptor;
    is_terminal = terminal;
}

void
input_grant(void)
{
    consumed = GUEST_STREAM_WINDOW;
}

static void
close_descriptor(void)
{
    if (fd >= 0) {
        close(fd);
        fd = -1;
    }
    ring_count = 0;
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

    if (!ended || ring_count > 0 || fd < 0) {
        return;
    }
    if (is_terminal) {
        count = terminal_end_of_input(fd, in_line, characters);
        if (count > 0 && write(fd, characters, count) < 0 && errno == EAGAIN) {
            return;
        }
    }
    close_descriptor();
}

/* How much of the bytes the program has taken. */
static size_t
hand_over(const struct iovec *parts, int count)
{
    ssize_t written = writev(fd, parts, count);

    if (written > 0) {
        return (size_t)written;
    }
    if (written < 0 && errno != EAGAIN && errno != EINTR) {
        reader_is_gone();
    }
    return 0;
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

static void
flush_ring(void)
{
    size_t first = sizeof(ring) - ring_start < ring_count ? sizeof(ring) - ring_start : ring_count;
    struct iovec parts[2] = { { ring + ring_start, first }, { ring, ring_count - first } };
    size_t written = hand_over(parts, 2);

    if (fd >= 0) {
        ring_start = (ring_start + written) % sizeof(ring);
        ring_count -= written;
        consumed += (uint32_t)written;
        finish_if_ended();
    }
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
    if (ring_count == 0) {
        written = hand_over(&part, 1);
        consumed += (uint32_t)written;
    }
    if (fd >= 0) {
        store(data + written, length - written);
    }
    return true;
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
    closed = true;
}

void
input_poll(struct pollfd *poll)
{
    poll->fd = fd;
    poll->events = ring_count > 0 || ended ? POLLOUT : 0;
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
    } else if (ring_count > 0 && (poll->revents & POLLOUT)) {
        flush_ring();
    } else if (poll->revents & POLLOUT) {
        finish_if_ended();
    }
}

void
input_queue(void)
{
    if (close_is_due) {
        channel_queued(
            guest_frame_encode_empty(channel_next_out(), GUEST_FRAME_CLOSE, GUEST_STREAM_STDIN));
        close_is_due = false;
    }
    if (consumed >= GRANT_MIN && !closed && !ended) {
        channel_queued(guest_frame_encode_credit(channel_next_out(), GUEST_STREAM_STDIN, consumed));
        granted += consumed;
        consumed = 0;
    }
}
