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

/* A stream of frames, as a peer sends it: each is complete, incomplete or the end of all trust. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
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
