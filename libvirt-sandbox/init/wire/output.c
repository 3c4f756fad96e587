/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/wire/output.h"

#include "libvirt-sandbox/guest/frame.h"
#include "libvirt-sandbox/init/wire/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

static struct output {
    int fd;
    bool is_pipe;
    bool bulk; /* there is much of it, so it is spliced */
    bool readable;
    bool end_is_due;
    bool done;
    uint64_t credit;
} outputs[GUEST_STREAM_TOTAL] = { [GUEST_STREAM_CHANGES] = { .fd = -1 } };

void
output_open(unsigned stream, int fd)
{
    struct stat info;

    outputs[stream].fd = fd;
    outputs[stream].is_pipe = fd >= 0 && fstat(fd, &info) == 0 && S_ISFIFO(info.st_mode);
    /* A terminal is standard output and standard error in one. */
    outputs[stream].end_is_due = fd < 0;
}

void
output_credit(unsigned stream, uint32_t bytes)
{
    outputs[stream].credit += bytes;
}

/* At the end of the output, or because the host reads no more; then the program gets SIGPIPE. */
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

/* Makes a pipe of init's own, empty between two frames. A frame says first how long it is, and only the content of
 * init's own pipe has a length that does not change. */
static bool
have_pipe(int ends[2])
{
    static int own[2] = { -1, -1 };

    if (own[0] < 0 && pipe2(own, O_CLOEXEC | O_NONBLOCK) < 0) {
        return false;
    }
    ends[0] = own[0];
    ends[1] = own[1];
    return true;
}

/* Returns how many bytes are on their way then; -1 with errno as read() sets it. */
static ssize_t
splice_frame(struct output *output, int ends[2], uint16_t stream, size_t bytes)
{
    uint8_t *frame = channel_next_out();
    ssize_t count = splice(output->fd, NULL, ends[1], NULL, bytes, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

    if (count > 0) {
        guest_frame_encode_header(frame, GUEST_FRAME_DATA, stream, (uint32_t)count);
        channel_queued(GUEST_FRAME_HEADER_SIZE);
        channel_send_spliced(ends[0], (size_t)count);
    }
    return count;
}

/* Reads into the buffer from which the frame is sent. */
static ssize_t
copy_frame(struct output *output, uint16_t stream, size_t bytes)
{
    uint8_t *frame = channel_next_out();
    ssize_t count = read(output->fd, frame + GUEST_FRAME_HEADER_SIZE, bytes);

    if (count > 0) {
        guest_frame_encode_header(frame, GUEST_FRAME_DATA, stream, (uint32_t)count);
        channel_queued(GUEST_FRAME_HEADER_SIZE + (size_t)count);
    }
    return count;
}

static void
queue_frame(unsigned stream)
{
    struct output *output = &outputs[stream];
    size_t bytes = readable_bytes(output);
    bool spliced = false;
    int pipe[2];
    ssize_t count;

    if (bytes == 0) {
        return;
    }
    if (output->bulk && channel_can_splice() && have_pipe(pipe)) {
        count = splice_frame(output, pipe, (uint16_t)stream, bytes);
        spliced = count >= 0 || errno == EAGAIN || errno == EINTR;
    }
    if (!spliced) {
        count = copy_frame(output, (uint16_t)stream, bytes);
    }
    output->bulk = output->is_pipe && count >= GUEST_STREAM_BULK_MIN;
    if (count > 0) {
        output->credit -= (uint64_t)count;
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        /* A terminal that nobody has open ends with EIO. */
        output_close(stream);
    }
}

/* Whether all writers have closed the pipe and it is empty. */
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
        queue_frame(stream);
    }
    /* The end of the output needs no credit. */
    if (output->fd >= 0 && output->credit == 0 && is_exhausted(output->fd)) {
        output_close(stream);
    }
    output->readable = false;
    if (output->end_is_due) {
        channel_queued(guest_frame_encode_empty(channel_next_out(), GUEST_FRAME_EOF, (uint16_t)stream));
        output->end_is_due = false;
        output->done = true;
    }
}

bool
output_is_done(unsigned stream)
{
    return outputs[stream].done;
}
