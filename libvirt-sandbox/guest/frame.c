/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/guest/frame.h"

#include <string.h>

#define SIGNAL_MAX 64
#define ERRNO_MAX 4095

/* The streams that a type can be of. */
enum frame_streams {
    OF_NONE,
    OF_INPUT, /* those that the guest receives */
    OF_ANY,
};

/* What is checked by the header alone. */
struct frame_rule {
    uint32_t shortest;
    uint32_t longest;
    enum frame_streams streams;
};

static const struct frame_rule rules[] = {
    [GUEST_FRAME_HELLO] = { 8, 8, OF_NONE },
    [GUEST_FRAME_READY] = { 0, 0, OF_NONE },
    [GUEST_FRAME_FAIL] = { 8, 8 + GUEST_FRAME_TEXT_MAX, OF_NONE },
    [GUEST_FRAME_DATA] = { 1, GUEST_FRAME_PAYLOAD_MAX, OF_ANY },
    [GUEST_FRAME_EOF] = { 0, 0, OF_ANY },
    [GUEST_FRAME_CREDIT] = { 4, 4, OF_ANY },
    [GUEST_FRAME_CLOSE] = { 0, 0, OF_ANY },
    [GUEST_FRAME_WINSIZE] = { 4, 4, OF_NONE },
    [GUEST_FRAME_SIGNAL] = { 4, 4, OF_NONE },
    [GUEST_FRAME_EXIT] = { 8, 8, OF_NONE },
    [GUEST_FRAME_QUIT] = { 0, 0, OF_NONE },
    [GUEST_FRAME_MOMENT] = { 12, 12, OF_NONE },
    [GUEST_FRAME_CLOCK] = { 16, 16, OF_NONE },
    [GUEST_FRAME_TAKEN] = { 4, 4, OF_INPUT },
    [GUEST_FRAME_ASK] = { 0, 0, OF_INPUT },
    [GUEST_FRAME_WANTED] = { 0, 0, OF_INPUT },
};

static uint16_t
get_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t
get_u32(const uint8_t *bytes)
{
    return get_u16(bytes) | (uint32_t)get_u16(bytes + 2) << 16;
}

static void
put_u16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = value & 0xff;
    bytes[1] = value >> 8;
}

static void
put_u32(uint8_t *bytes, uint32_t value)
{
    put_u16(bytes, value & 0xffff);
    put_u16(bytes + 2, value >> 16);
}

static void
put_u64(uint8_t *bytes, uint64_t value)
{
    put_u32(bytes, (uint32_t)value);
    put_u32(bytes + 4, (uint32_t)(value >> 32));
}

static bool
type_is_known(uint8_t type)
{
    return type >= GUEST_FRAME_HELLO && type <= GUEST_FRAME_WANTED;
}

bool
guest_stream_is_input(unsigned stream)
{
    return stream == GUEST_STREAM_STDIN || stream == GUEST_STREAM_KEYS;
}

static const char *
check_stream(uint16_t stream, enum frame_streams allowed)
{
    if (stream >= (allowed == OF_NONE ? 1 : GUEST_STREAM_TOTAL)) {
        return "frame names an unknown stream";
    }
    if (allowed == OF_INPUT && !guest_stream_is_input(stream)) {
        return "frame names a stream that its type does not have";
    }
    return NULL;
}

static const char *
check_header(const struct guest_frame *frame)
{
    const struct frame_rule *rule;

    if (frame->length > GUEST_FRAME_PAYLOAD_MAX) {
        return "frame is too long";
    }
    if (frame->flags & ~GUEST_FRAME_FLAG_OPTIONAL) {
        return "frame has unknown flags";
    }
    if (!type_is_known(frame->type)) {
        return frame->flags & GUEST_FRAME_FLAG_OPTIONAL ? NULL : "frame has an unknown type";
    }

    rule = &rules[frame->type];
    if (frame->length < rule->shortest || frame->length > rule->longest) {
        return "frame has a length that its type does not have";
    }
    return check_stream(frame->stream, rule->streams);
}

static const char *
check_exit(uint32_t how, uint32_t value)
{
    switch (how) {
    case GUEST_EXIT_STATUS:
        return value <= 255 ? NULL : "exit status is out of range";
    case GUEST_EXIT_SIGNAL:
        return value >= 1 && value <= SIGNAL_MAX ? NULL : "signal of the exit is out of range";
    case GUEST_EXIT_EXEC:
        return value >= 1 && value <= ERRNO_MAX ? NULL : "error of the exit is out of range";
    default:
        return "exit is of an unknown kind";
    }
}

static const char *
check_payload(const struct guest_frame *frame)
{
    switch (frame->type) {
    case GUEST_FRAME_CREDIT:
        return guest_frame_u32(frame, 0) > 0 ? NULL : "credit is empty";
    case GUEST_FRAME_TAKEN:
        return guest_frame_u32(frame, 0) > 0 ? NULL : "nothing was taken";
    case GUEST_FRAME_SIGNAL: {
        uint32_t number = guest_frame_u32(frame, 0);

        return number >= 1 && number <= SIGNAL_MAX ? NULL : "signal is out of range";
    }
    case GUEST_FRAME_EXIT:
        return check_exit(guest_frame_u32(frame, 0), guest_frame_u32(frame, 4));
    case GUEST_FRAME_MOMENT:
        return guest_frame_u32(frame, 0) >= GUEST_MOMENT_KERNEL && guest_frame_u32(frame, 0) <= GUEST_MOMENT_LAST_BYTE
                   ? NULL
                   : "moment is of an unknown kind";
    default:
        return NULL;
    }
}

enum guest_frame_result
guest_frame_decode(const uint8_t *buffer, size_t length, struct guest_frame *frame, size_t *used, const char **reason)
{
    *used = 0;
    *reason = NULL;
    if (length < GUEST_FRAME_HEADER_SIZE) {
        return GUEST_FRAME_INCOMPLETE;
    }

    frame->type = buffer[0];
    frame->flags = buffer[1];
    frame->stream = get_u16(buffer + 2);
    frame->length = get_u32(buffer + 4);
    frame->payload = buffer + GUEST_FRAME_HEADER_SIZE;

    /* The header is checked before the payload is awaited, because it may announce any length. */
    *reason = check_header(frame);
    if (*reason) {
        return GUEST_FRAME_BROKEN;
    }
    if (length - GUEST_FRAME_HEADER_SIZE < frame->length) {
        return GUEST_FRAME_INCOMPLETE;
    }
    *reason = check_payload(frame);
    if (*reason) {
        return GUEST_FRAME_BROKEN;
    }
    *used = GUEST_FRAME_HEADER_SIZE + frame->length;
    return GUEST_FRAME_COMPLETE;
}

/* After data could not be spliced, so many reads copy it before the next attempt. */
#define COPIES 16

static enum guest_frame_result
take_rest(struct guest_frame_reader *reader, const uint8_t *buffer, size_t length, struct guest_frame *frame,
          size_t *used)
{
    uint32_t count = length < reader->rest ? (uint32_t)length : reader->rest;

    *used = count;
    *frame =
        (struct guest_frame){ .type = GUEST_FRAME_DATA, .stream = reader->stream, .length = count, .payload = buffer };
    reader->rest -= count;
    return count > 0 ? GUEST_FRAME_COMPLETE : GUEST_FRAME_INCOMPLETE;
}

static enum guest_frame_result
take_frame(struct guest_frame_reader *reader, const uint8_t *buffer, size_t length, struct guest_frame *frame,
           size_t *used, const char **reason)
{
    enum guest_frame_result result = guest_frame_decode(buffer, length, frame, used, reason);

    if (result != GUEST_FRAME_INCOMPLETE || length < GUEST_FRAME_HEADER_SIZE || frame->type != GUEST_FRAME_DATA ||
        frame->length < GUEST_FRAME_PIECE_MIN) {
        return result;
    }
    *used = length;
    reader->stream = frame->stream;
    reader->rest = frame->length - (uint32_t)(length - GUEST_FRAME_HEADER_SIZE);
    frame->length -= reader->rest;
    return GUEST_FRAME_COMPLETE;
}

enum guest_frame_result
guest_frame_next(struct guest_frame_reader *reader, const uint8_t *buffer, size_t length, struct guest_frame *frame,
                 size_t *used, const char **reason)
{
    enum guest_frame_result result;

    *reason = NULL;
    if (reader->rest > 0) {
        result = take_rest(reader, buffer, length, frame, used);
    } else {
        result = take_frame(reader, buffer, length, frame, used, reason);
    }
    if (result == GUEST_FRAME_COMPLETE && frame->type == GUEST_FRAME_DATA) {
        reader->bulk = *used + reader->rest >= GUEST_FRAME_PIECE_MIN && (reader->copies == 0 || --reader->copies == 0);
    }
    return result;
}

void
guest_frame_rest_spliced(struct guest_frame_reader *reader, uint32_t length)
{
    reader->rest -= length;
    reader->copies = length == 0 ? COPIES : 0;
    reader->bulk = length > 0;
}

size_t
guest_frame_missing(const uint8_t *buffer, size_t length)
{
    size_t size = GUEST_FRAME_HEADER_SIZE;

    if (length >= GUEST_FRAME_HEADER_SIZE) {
        size += get_u32(buffer + 4);
    }
    return size - length;
}

void
guest_frame_encode_header(uint8_t *out, uint8_t type, uint16_t stream, uint32_t length)
{
    out[0] = type;
    out[1] = 0;
    put_u16(out + 2, stream);
    put_u32(out + 4, length);
}

size_t
guest_frame_encode_empty(uint8_t *out, uint8_t type, uint16_t stream)
{
    guest_frame_encode_header(out, type, stream, 0);
    return GUEST_FRAME_HEADER_SIZE;
}

static size_t
encode_one(uint8_t *out, uint8_t type, uint16_t stream, uint32_t value)
{
    guest_frame_encode_header(out, type, stream, 4);
    put_u32(out + GUEST_FRAME_HEADER_SIZE, value);
    return GUEST_FRAME_HEADER_SIZE + 4;
}

static size_t
encode_two(uint8_t *out, uint8_t type, uint32_t first, uint32_t second)
{
    guest_frame_encode_header(out, type, 0, 8);
    put_u32(out + GUEST_FRAME_HEADER_SIZE, first);
    put_u32(out + GUEST_FRAME_HEADER_SIZE + 4, second);
    return GUEST_FRAME_HEADER_SIZE + 8;
}

size_t
guest_frame_encode_hello(uint8_t *out, uint32_t version, uint32_t features)
{
    return encode_two(out, GUEST_FRAME_HELLO, version, features);
}

/* The length of @text, cut between two characters if it is too long. */
static size_t
text_length(const char *text)
{
    size_t length = strnlen(text, GUEST_FRAME_TEXT_MAX + 1);

    if (length > GUEST_FRAME_TEXT_MAX) {
        length = GUEST_FRAME_TEXT_MAX;
        while (length > 0 && ((uint8_t)text[length] & 0xc0) == 0x80) {
            length--;
        }
    }
    return length;
}

size_t
guest_frame_encode_fail(uint8_t *out, uint32_t stage, uint32_t error_number, const char *text)
{
    size_t length = text_length(text);

    encode_two(out, GUEST_FRAME_FAIL, stage, error_number);
    put_u32(out + 4, (uint32_t)(8 + length));
    memcpy(out + GUEST_FRAME_HEADER_SIZE + 8, text, length);
    return GUEST_FRAME_HEADER_SIZE + 8 + length;
}

size_t
guest_frame_encode_credit(uint8_t *out, uint16_t stream, uint32_t bytes)
{
    return encode_one(out, GUEST_FRAME_CREDIT, stream, bytes);
}

size_t
guest_frame_encode_taken(uint8_t *out, uint16_t stream, uint32_t bytes)
{
    return encode_one(out, GUEST_FRAME_TAKEN, stream, bytes);
}

size_t
guest_frame_encode_winsize(uint8_t *out, uint16_t rows, uint16_t columns)
{
    return encode_one(out, GUEST_FRAME_WINSIZE, 0, rows | (uint32_t)columns << 16);
}

size_t
guest_frame_encode_signal(uint8_t *out, uint32_t signal_number)
{
    return encode_one(out, GUEST_FRAME_SIGNAL, 0, signal_number);
}

size_t
guest_frame_encode_exit(uint8_t *out, uint32_t how, uint32_t value)
{
    return encode_two(out, GUEST_FRAME_EXIT, how, value);
}

size_t
guest_frame_encode_moment(uint8_t *out, uint32_t moment, uint64_t microseconds)
{
    uint8_t *payload = out + GUEST_FRAME_HEADER_SIZE;

    guest_frame_encode_header(out, GUEST_FRAME_MOMENT, 0, 12);
    out[1] = GUEST_FRAME_FLAG_OPTIONAL;
    put_u32(payload, moment);
    put_u64(payload + 4, microseconds);
    return GUEST_FRAME_HEADER_SIZE + 12;
}

size_t
guest_frame_encode_clock(uint8_t *out, uint64_t asked, uint64_t nanoseconds)
{
    guest_frame_encode_header(out, GUEST_FRAME_CLOCK, 0, 16);
    put_u64(out + GUEST_FRAME_HEADER_SIZE, asked);
    put_u64(out + GUEST_FRAME_HEADER_SIZE + 8, nanoseconds);
    return GUEST_FRAME_HEADER_SIZE + 16;
}

uint16_t
guest_frame_u16(const struct guest_frame *frame, size_t offset)
{
    return get_u16(frame->payload + offset);
}

uint32_t
guest_frame_u32(const struct guest_frame *frame, size_t offset)
{
    return get_u32(frame->payload + offset);
}

uint64_t
guest_frame_u64(const struct guest_frame *frame, size_t offset)
{
    return guest_frame_u32(frame, offset) | (uint64_t)guest_frame_u32(frame, offset + 4) << 32;
}

const char *
guest_moment_name(uint32_t moment)
{
    static const char *const names[] = {
        [GUEST_MOMENT_KERNEL] = "kernel", [GUEST_MOMENT_MODULES] = "modules",     [GUEST_MOMENT_CONNECT] = "channel",
        [GUEST_MOMENT_ROOT] = "root",     [GUEST_MOMENT_MOUNTS] = "mounts",       [GUEST_MOMENT_PROGRAM] = "program",
        [GUEST_MOMENT_EXIT] = "exit",     [GUEST_MOMENT_LAST_BYTE] = "last-byte",
    };

    return names[moment];
}
