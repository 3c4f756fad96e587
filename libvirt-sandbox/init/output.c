/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

static struct output {
    int fd;
    bool readable;
    bool end_is_due;
    bool done;
    uint64_t credit;
} outputs[GUEST_STREAM_TOTAL] = { [GUEST_STREAM_CHANGES] = { .fd = -1 } };

void
output_open(unsigned stream, int fd)
{
    outputs[stream].fd = fd;
    /* A terminal has one output only. */
    outputs[stream].end_is_due = fd < 0;
}

void
output_credit(unsigned stream, uint32_t bytes)
{
    outputs[stream].credit += bytes;
}

/* At its end, or because the host wants no more: then the program gets SIGPIPE. */
void
output_close(unsigned stream)
{
    struct output *output = &outputs[stream];

    if (output->fd >= 0) {
        close(output->fd);
        output->fd = -1;
        output->end_is_due = true;
    }
}

static size_t
readable_bytes(const struct output *output)
{
    size_t bytes = channel_room();

    if (bytes > GUEST_FRAME_PAYLOAD_MAX) {
        bytes = GUEST_FRAME_PAYLOAD_MAX;
    }
    return bytes < output->credit ? bytes : (size_t)output->credit;
}

void
output_poll(unsigned stream, struct pollfd *poll)
{
    const struct output *output = &outputs[stream];

    poll->fd = readable_bytes(output) > 0 ? output->fd : -1;
    poll->events = POLLIN;
    poll->revents = 0;
}

void
output_polled(unsigned stream, const struct pollfd *poll)
{
    outputs[stream].readable = poll->revents != 0;
}

/* Reads to where the frame will be sent from. */
static void
read_frame(unsigned stream)
{
    struct output *output = &outputs[stream];
    uint8_t *frame = channel_next_out();
    size_t bytes = readable_bytes(output);
    ssize_t count;

    if (bytes == 0) {
        return;
    }
    count = read(output->fd, frame + GUEST_FRAME_HEADER_SIZE, bytes);
    if (count > 0) {
        guest_frame_encode_header(frame, GUEST_FRAME_DATA, (uint16_t)stream, (uint32_t)count);
        channel_queued(GUEST_FRAME_HEADER_SIZE + (size_t)count);
        output->credit -= (uint64_t)count;
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        /* A terminal that nobody has open ends with EIO. */
        output_close(stream);
    }
}

/* No writer is left, and nothing to read. */
static bool
is_exhausted(int fd)
{
    struct pollfd status = { .fd = fd, .events = POLLIN };

    return poll(&status, 1, 0) > 0 && (status.revents & POLLHUP) && !(status.revents & POLLIN);
}

void
output_queue(unsigned stream)
{
    struct output *output = &outputs[stream];

    if (output->readable && output->fd >= 0) {
        read_frame(stream);
    }
    /* An end needs no credit. */
    if (output->fd >= 0 && output->credit == 0 && is_exhausted(output->fd)) {
        output_close(stream);
    }
    output->readable = false;
    if (output->end_is_due) {
        channel_queued(
            guest_frame_encode_empty(channel_next_out(), GUEST_FRAME_EOF, (uint16_t)stream));
        output->end_is_due = false;
        output->done = true;
    }
}

bool
output_is_done(unsigned stream)
{
    return outputs[stream].done;
}
