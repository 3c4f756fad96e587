/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/wire/channel.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/power.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdnoreturn.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MAX (GUEST_FRAME_HEADER_SIZE + GUEST_FRAME_PAYLOAD_MAX)
/* Part of the output buffer that is kept free of DATA, for other frames. There are few of those at a time: the host can
 * only cause more of them after it has read these. */
#define CONTROL_ROOM (2 * GUEST_FRAME_CONTROL_MAX)
#define OUT_SIZE (4 * FRAME_MAX + CONTROL_ROOM)
#define IN_SIZE (4 * FRAME_MAX)

#define PORTS "/sys/class/virtio-ports"
#define PORT_WAIT_MS 10000
#define HOST_WAIT_MS 30000
#define FAIL_WAIT_MS 10000

static int channel = -1;
static bool is_socket;
static struct guest_frame_reader reader;
static uint8_t out[OUT_SIZE], in[IN_SIZE];
static size_t out_start, out_end, in_start, in_end;

static void
sleep_ms(long milliseconds)
{
    struct timespec time = { .tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000 };

    nanosleep(&time, NULL);
}

static long
now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Out */

short
channel_events(void)
{
    return channel_all_is_sent() ? POLLIN : POLLIN | POLLOUT;
}

size_t
channel_room(void)
{
    size_t used = out_end + GUEST_FRAME_HEADER_SIZE + CONTROL_ROOM;
    size_t room = used < OUT_SIZE ? OUT_SIZE - used : 0;
    /* A socket takes whole pages without a copy; a port takes 32 KiB at once, the header with them. */
    size_t most = is_socket ? GUEST_FRAME_PAYLOAD_MAX : GUEST_FRAME_PAYLOAD_MAX - GUEST_FRAME_HEADER_SIZE;

    return room < most ? room : most;
}

uint8_t *
channel_next_out(void)
{
    return out + out_end;
}

void
channel_queued(size_t frame_size)
{
    out_end += frame_size;
}

bool
channel_all_is_sent(void)
{
    return out_start == out_end;
}

static noreturn void
host_is_gone(void)
{
    log_debug("host is gone");
    power_off();
}

void
channel_send(void)
{
    while (out_start < out_end) {
        ssize_t count = write(channel, out + out_start, out_end - out_start);

        if (count > 0) {
            out_start += (size_t)count;
        } else if (count < 0 && errno == EINTR) {
            continue;
        } else if (count == 0 || errno == EAGAIN) {
            return;
        } else {
            host_is_gone();
        }
    }
    out_start = out_end = 0;
}

bool
channel_can_splice(void)
{
    return is_socket;
}

void
channel_send_spliced(int pipe, size_t length)
{
    channel_send();
    while (length > 0 && channel_all_is_sent()) {
        ssize_t count = splice(pipe, NULL, channel, NULL, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

        /* The write below reports the reason. */
        if (count <= 0) {
            break;
        }
        length -= (size_t)count;
    }
    /* Buffers what the socket does not take now, so that the pipe is empty again. */
    while (length > 0) {
        ssize_t count = read(pipe, out + out_end, length);

        /* The host takes the next bytes for the rest of this frame, so it cannot be told why. */
        if (count <= 0) {
            log_message("pipe to the host: %s", count < 0 ? strerror(errno) : "nothing in it");
            power_off();
        }
        out_end += (size_t)count;
        length -= (size_t)count;
    }
}

/* In */

/* The channel of a machine returns this much in one read; less means that nothing is left. */
#define READ_MIN 4096

bool
channel_is_bulk(void)
{
    return is_socket && reader.bulk;
}

bool
channel_receive(void)
{
    size_t wanted;
    ssize_t count;
    bool any = false;

    memmove(in, in + in_start, in_end - in_start);
    in_end -= in_start;
    in_start = 0;
    do {
        wanted = channel_is_bulk() ? guest_frame_missing(in, in_end) : IN_SIZE - in_end;
        if (wanted == 0) {
            return any;
        }
        count = read(channel, in + in_end, wanted);
        if (count > 0) {
            in_end += (size_t)count;
            any = true;
        } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            host_is_gone();
        }
    } while (count >= READ_MIN && in_end < IN_SIZE && !channel_is_bulk());
    return any;
}

size_t
channel_rest(unsigned stream)
{
    return is_socket && in_start == in_end && reader.stream == stream ? reader.rest : 0;
}

void
channel_rest_spliced(size_t length)
{
    guest_frame_rest_spliced(&reader, (uint32_t)length);
}

static enum guest_frame_result
decode(struct guest_frame *frame, const char **reason)
{
    size_t used;
    enum guest_frame_result result = guest_frame_next(&reader, in + in_start, in_end - in_start, frame, &used, reason);

    in_start += used;
    return result;
}

bool
channel_next_in(struct guest_frame *frame)
{
    const char *reason;

    switch (decode(frame, &reason)) {
    case GUEST_FRAME_COMPLETE:
        return true;
    case GUEST_FRAME_INCOMPLETE:
        return false;
    default:
        fail(GUEST_STAGE_WIRE, 0, "broken frame from the host: %s", reason);
    }
}

/* Failing */

/* Whether the host has sent QUIT. After a broken frame no frame can be read, so only a hangup shows it. */
static bool
host_has_read_all(void)
{
    struct guest_frame frame;
    const char *reason;

    for (;;) {
        switch (decode(&frame, &reason)) {
        case GUEST_FRAME_COMPLETE:
            if (frame.type == GUEST_FRAME_QUIT) {
                return true;
            }
            break;
        case GUEST_FRAME_INCOMPLETE:
            return false;
        default:
            in_start = in_end;
            return false;
        }
    }
}

/* Sends FAIL after all that is queued, and waits until the host has read it. */
static void
report_failure(enum guest_fail_stage stage, int error, const char *text)
{
    long end = now_ms() + FAIL_WAIT_MS;
    bool queued = false;

    /* The buffer may hold more than one incomplete frame. */
    reader.bulk = false;
    while (now_ms() < end && !(queued && host_has_read_all())) {
        struct pollfd wait = { .fd = channel };

        if (!queued && out_end + GUEST_FRAME_CONTROL_MAX <= OUT_SIZE) {
            channel_queued(guest_frame_encode_fail(out + out_end, stage, (uint32_t)error, text));
            queued = true;
        }
        wait.events = channel_events();
        poll(&wait, 1, (int)(end - now_ms()));
        channel_receive();
        channel_send();
    }
}

/* Opening */

void
channel_open_socket(void)
{
    channel = GUEST_CHANNEL_FD;
    is_socket = true;
    fcntl(channel, F_SETFD, FD_CLOEXEC);
    fcntl(channel, F_SETFL, fcntl(channel, F_GETFL) | O_NONBLOCK);
    fail_set_reporter(report_failure);
}

static bool
port_has_name(const char *port)
{
    char path[512], name[sizeof(GUEST_CHANNEL_NAME) + 1] = "";
    ssize_t length;
    int fd;

    snprintf(path, sizeof(path), PORTS "/%s/name", port);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    length = read(fd, name, sizeof(name) - 1);
    close(fd);
    name[length > 0 ? length : 0] = '\0';
    name[strcspn(name, "\n")] = '\0';
    return strcmp(name, GUEST_CHANNEL_NAME) == 0;
}

static int
try_open_port(void)
{
    DIR *ports = opendir(PORTS);
    struct dirent *entry;
    int fd = -1;

    while (ports && fd < 0 && (entry = readdir(ports))) {
        if (entry->d_name[0] != '.' && port_has_name(entry->d_name)) {
            char path[512];

            snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
            fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        }
    }
    if (ports) {
        closedir(ports);
    }
    return fd;
}

static bool
host_is_connected(int fd)
{
    struct pollfd status = { .fd = fd };

    return poll(&status, 1, 0) >= 0 && !(status.revents & POLLHUP);
}

/* The kernel announces ports a moment after the driver was loaded; the host may come even later. */
void
channel_open_port(void)
{
    long start = now_ms();
    int fd;

    while ((fd = try_open_port()) < 0) {
        if (now_ms() - start > PORT_WAIT_MS) {
            fail(GUEST_STAGE_WIRE, 0, "no virtio port named " GUEST_CHANNEL_NAME);
        }
        sleep_ms(1);
    }
    start = now_ms();
    while (!host_is_connected(fd)) {
        if (now_ms() - start > HOST_WAIT_MS) {
            fail(GUEST_STAGE_WIRE, 0, "the host did not connect to " GUEST_CHANNEL_NAME);
        }
        sleep_ms(1);
    }
    channel = fd;
    fail_set_reporter(report_failure);
    log_debug("host is connected");
}

bool
channel_is_open(void)
{
    return channel >= 0;
}

int
channel_descriptor(void)
{
    return channel;
}
