/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/guest/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(int condition)
{
    if (!condition) {
        abort();
    }
}

static volatile unsigned sum;

/* Reads all of a payload, so that a length that is a lie shows. */
static void
read_payload(const struct guest_frame *frame)
{
    for (uint32_t i = 0; i < frame->length; i++) {
        sum += frame->payload[i];
    }
}

/* The same in pieces: as many bytes, of which none is named twice. */
static void
read_pieces(const uint8_t *data, size_t size)
{
    struct guest_frame_reader reader = { 0 };

    while (size > 0) {
        struct guest_frame frame;
        const char *reason;
        size_t used;
        enum guest_frame_result result = guest_frame_next(&reader, data, size, &frame, &used, &reason);

        expect((result == GUEST_FRAME_COMPLETE) == (used > 0));
        if (result == GUEST_FRAME_INCOMPLETE) {
            expect(reader.rest == 0 && guest_frame_missing(data, size) > 0);
        }
        if (result != GUEST_FRAME_COMPLETE) {
            break;
        }
        expect(used <= size && frame.payload + frame.length == data + used);
        expect(reader.rest <= GUEST_FRAME_PAYLOAD_MAX && (reader.rest == 0 || used == size));
        read_payload(&frame);
        data += used;
        size -= used;
    }
}

/* A stream of frames, as a peer sends it: each is complete, incomplete or the end of all trust. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_pieces(data, size);
    while (size > 0) {
        /* A copy of just these bytes: reading past them is found. */
        uint8_t *copy = malloc(size);
        struct guest_frame frame;
        enum guest_frame_result result;
        const char *reason;
        size_t used;

        expect(copy != NULL);
        memcpy(copy, data, size);
        result = guest_frame_decode(copy, size, &frame, &used, &reason);
        expect((result == GUEST_FRAME_BROKEN) == (reason != NULL));
        expect((result == GUEST_FRAME_COMPLETE) == (used > 0));
        if (result == GUEST_FRAME_COMPLETE) {
            expect(used == GUEST_FRAME_HEADER_SIZE + (size_t)frame.length && used <= size);
            expect(frame.length <= GUEST_FRAME_PAYLOAD_MAX);
            read_payload(&frame);
        }
        free(copy);
        if (result != GUEST_FRAME_COMPLETE) {
            break;
        }
        data += used;
        size -= used;
    }
    return 0;
}
