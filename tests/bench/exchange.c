/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/bench/exchange.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Chunks are not a multiple of it, so that one that is lost or comes twice is seen. */
#define PERIOD 251

struct stream {
    int out, in;
    size_t size, sent, received;
    uint8_t pattern[PERIOD + EXCHANGE_CHUNK];
    uint8_t back[EXCHANGE_CHUNK];
};

static double
now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
byte_there_and_back(int out, int in)
{
    char byte = 'x', back = 0;
    ssize_t count;

    if (write(out, &byte, 1) != 1) {
        err(1, "the byte there");
    }
    do {
        count = read(in, &back, 1);
    } while (count < 0 && errno == EINTR);
    if (count != 1 || back != byte) {
        errx(1, "the byte did not come back");
    }
}

void
exchange_wait(int out, int in)
{
    byte_there_and_back(out, in);
}

static size_t
next_length(size_t done, size_t size)
{
    return size - done < EXCHANGE_CHUNK ? size - done : EXCHANGE_CHUNK;
}

static void
send_some(struct stream *stream)
{
    ssize_t count =
        write(stream->out, &stream->pattern[stream->sent % PERIOD], next_length(stream->sent, stream->size));

    if (count < 0 && errno != EAGAIN && errno != EINTR) {
        err(1, "the stream there");
    }
    stream->sent += count > 0 ? (size_t)count : 0;
}

static void
receive_some(struct stream *stream)
{
    ssize_t count = read(stream->in, stream->back, next_length(stream->received, stream->size));

    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (count <= 0) {
        errx(1, "the stream back ended after %zu bytes", stream->received);
    }
    if (memcmp(stream->back, &stream->pattern[stream->received % PERIOD], (size_t)count) != 0) {
        errx(1, "the stream back is another one after %zu bytes", stream->received);
    }
    stream->received += (size_t)count;
}

double
exchange_stream(int out, int in, size_t size)
{
    static struct stream stream;
    double start;

    stream = (struct stream){ .out = out, .in = in, .size = size };
    for (size_t i = 0; i < sizeof(stream.pattern); i++) {
        stream.pattern[i] = (uint8_t)(i % PERIOD);
    }
    /* Neither direction may wait for the other. */
    fcntl(out, F_SETFL, fcntl(out, F_GETFL) | O_NONBLOCK);
    start = now();
    while (stream.received < size) {
        struct pollfd polls[] = { { .fd = in, .events = POLLIN },
                                  { .fd = stream.sent < size ? out : -1, .events = POLLOUT } };

        if (poll(polls, 2, -1) < 0 && errno != EINTR) {
            err(1, "poll");
        }
        if (polls[1].revents) {
            send_some(&stream);
        }
        if (polls[0].revents) {
            receive_some(&stream);
        }
    }
    return now() - start;
}

static int
compare_times(const void *first, const void *second)
{
    double a = *(const double *)first, b = *(const double *)second;

    return (a > b) - (a < b);
}

double
exchange_bytes(int out, int in, size_t count)
{
    double *times = calloc(count, sizeof(*times));
    double median;

    if (!times) {
        err(1, "%zu times", count);
    }
    for (size_t i = 0; i < count; i++) {
        double start = now();

        byte_there_and_back(out, in);
        times[i] = (now() - start) * 1e6;
    }
    qsort(times, count, sizeof(*times), compare_times);
    median = times[count / 2];
    free(times);
    return median;
}

bool
exchange_run(int out, int in, const char *kind, const char *amount)
{
    size_t number = strtoul(amount, NULL, 10);

    if (number == 0) {
        return false;
    }
    if (strcmp(kind, "stream") == 0) {
        exchange_wait(out, in);
        printf("%.3f\n", exchange_stream(out, in, number * 1024 * 1024));
    } else if (strcmp(kind, "bytes") == 0) {
        exchange_wait(out, in);
        printf("%.1f\n", exchange_bytes(out, in, number));
    } else {
        return false;
    }
    return true;
}
