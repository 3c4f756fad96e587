/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/guest/frame.h"

#include <glib.h>
#include <string.h>

static uint8_t buffer[GUEST_FRAME_HEADER_SIZE + GUEST_FRAME_PAYLOAD_MAX + 16];

static struct guest_frame
decode_complete(size_t length)
{
    struct guest_frame frame;
    const char *reason;
    size_t used;

    g_assert_cmpint(guest_frame_decode(buffer, length, &frame, &used, &reason), ==, GUEST_FRAME_COMPLETE);
    g_assert_cmpuint(used, ==, length);
    g_assert_null(reason);
    g_assert_true(frame.payload == buffer + GUEST_FRAME_HEADER_SIZE);
    g_assert_cmpuint(frame.length, ==, length - GUEST_FRAME_HEADER_SIZE);
    return frame;
}

/* Every cut of the frame is incomplete; with more bytes behind it, only its own are used. */
static struct guest_frame
check_frame(size_t length)
{
    struct guest_frame frame;
    const char *reason;
    size_t used;

    for (size_t cut = 0; cut < length; cut++) {
        g_assert_cmpint(guest_frame_decode(buffer, cut, &frame, &used, &reason), ==, GUEST_FRAME_INCOMPLETE);
        g_assert_cmpuint(used, ==, 0);
        g_assert_null(reason);
    }
    g_assert_cmpint(guest_frame_decode(buffer, length + 8, &frame, &used, &reason), ==, GUEST_FRAME_COMPLETE);
    g_assert_cmpuint(used, ==, length);
    return decode_complete(length);
}

static void
assert_broken(size_t length, const char *expected)
{
    struct guest_frame frame;
    const char *reason;
    size_t used;

    g_assert_cmpint(guest_frame_decode(buffer, length, &frame, &used, &reason), ==, GUEST_FRAME_BROKEN);
    g_assert_cmpuint(used, ==, 0);
    g_assert_cmpstr(reason, ==, expected);
}

static void
test_bytes(void)
{
    static const uint8_t expected[] = { 10, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0 };
    static const uint8_t header[] = { 4, 0, 2, 0, 0x00, 0x00, 0x01, 0x00 };

    g_assert_cmpuint(guest_frame_encode_exit(buffer, GUEST_EXIT_SIGNAL, 9), ==, sizeof(expected));
    g_assert_cmpmem(buffer, sizeof(expected), expected, sizeof(expected));
    guest_frame_encode_header(buffer, GUEST_FRAME_DATA, GUEST_STREAM_STDERR, 65536);
    g_assert_cmpmem(buffer, sizeof(header), header, sizeof(header));
}

static void
test_empty(void)
{
    static const uint8_t types[] = { GUEST_FRAME_READY, GUEST_FRAME_QUIT };
    static const uint8_t stream_types[] = { GUEST_FRAME_EOF, GUEST_FRAME_CLOSE };

    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        struct guest_frame frame = check_frame(guest_frame_encode_empty(buffer, types[i], 0));

        g_assert_cmpuint(frame.type, ==, types[i]);
        g_assert_cmpuint(frame.flags, ==, 0);
        g_assert_cmpuint(frame.stream, ==, 0);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(stream_types); i++) {
        for (uint16_t stream = 0; stream < GUEST_STREAM_TOTAL; stream++) {
            struct guest_frame frame = check_frame(guest_frame_encode_empty(buffer, stream_types[i], stream));

            g_assert_cmpuint(frame.type, ==, stream_types[i]);
            g_assert_cmpuint(frame.stream, ==, stream);
        }
    }
}

static void
test_hello(void)
{
    struct guest_frame frame = check_frame(guest_frame_encode_hello(buffer, 1, 0x80000001));

    g_assert_cmpuint(frame.type, ==, GUEST_FRAME_HELLO);
    g_assert_cmpuint(guest_frame_u32(&frame, 0), ==, 1);
    g_assert_cmpuint(guest_frame_u32(&frame, 4), ==, 0x80000001);
}

static void
test_fail(void)
{
    struct guest_frame frame = check_frame(guest_frame_encode_fail(buffer, GUEST_STAGE_MOUNTS, 2, "mount /x"));

    g_assert_cmpuint(frame.type, ==, GUEST_FRAME_FAIL);
    g_assert_cmpuint(guest_frame_u32(&frame, 0), ==, GUEST_STAGE_MOUNTS);
    g_assert_cmpuint(guest_frame_u32(&frame, 4), ==, 2);
    g_assert_cmpmem(frame.payload + 8, frame.length - 8, "mount /x", 8);

    frame = check_frame(guest_frame_encode_fail(buffer, GUEST_STAGE_WIRE, 0, ""));
    g_assert_cmpuint(frame.length, ==, 8);
}

static void
test_fail_long_text(void)
{
    g_autofree char *text = g_strnfill(GUEST_FRAME_TEXT_MAX + 100, 'x');
    struct guest_frame frame;

    frame = decode_complete(guest_frame_encode_fail(buffer, 1, 0, text));
    g_assert_cmpuint(frame.length, ==, 8 + GUEST_FRAME_TEXT_MAX);

    /* A character of two bytes on the border goes as a whole. */
    memcpy(text + GUEST_FRAME_TEXT_MAX - 1, "\xc3\xa9", 2);
    frame = decode_complete(guest_frame_encode_fail(buffer, 1, 0, text));
    g_assert_cmpuint(frame.length, ==, 8 + GUEST_FRAME_TEXT_MAX - 1);
    g_assert_true(g_utf8_validate((const char *)frame.payload + 8, frame.length - 8, NULL));

    text[GUEST_FRAME_TEXT_MAX] = '\0';
    text[GUEST_FRAME_TEXT_MAX - 1] = 'y';
    frame = decode_complete(guest_frame_encode_fail(buffer, 1, 0, text));
    g_assert_cmpuint(frame.length, ==, 8 + GUEST_FRAME_TEXT_MAX);
    g_assert_cmpuint(frame.payload[frame.length - 1], ==, 'y');
}

static void
test_data(void)
{
    static const uint32_t lengths[] = { 1, 2, 4096, GUEST_FRAME_PAYLOAD_MAX };

    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        struct guest_frame frame;

        guest_frame_encode_header(buffer, GUEST_FRAME_DATA, GUEST_STREAM_STDOUT, lengths[i]);
        memset(buffer + GUEST_FRAME_HEADER_SIZE, 'd', lengths[i]);
        frame = check_frame(GUEST_FRAME_HEADER_SIZE + lengths[i]);
        g_assert_cmpuint(frame.type, ==, GUEST_FRAME_DATA);
        g_assert_cmpuint(frame.stream, ==, GUEST_STREAM_STDOUT);
    }
}

static void
test_credit(void)
{
    struct guest_frame frame = check_frame(guest_frame_encode_credit(buffer, GUEST_STREAM_STDERR, UINT32_MAX));

    g_assert_cmpuint(frame.type, ==, GUEST_FRAME_CREDIT);
    g_assert_cmpuint(frame.stream, ==, GUEST_STREAM_STDERR);
    g_assert_cmpuint(guest_frame_u32(&frame, 0), ==, UINT32_MAX);

    assert_broken(guest_frame_encode_credit(buffer, GUEST_STREAM_STDOUT, 0), "credit is empty");
    assert_broken(guest_frame_encode_taken(buffer, GUEST_STREAM_STDIN, 0), "nothing was taken");
}

static void
test_winsize(void)
{
    struct guest_frame frame = check_frame(guest_frame_encode_winsize(buffer, 24, 0xff80));

    g_assert_cmpuint(frame.type, ==, GUEST_FRAME_WINSIZE);
    g_assert_cmpuint(guest_frame_u16(&frame, 0), ==, 24);
    g_assert_cmpuint(guest_frame_u16(&frame, 2), ==, 0xff80);
}

static void
test_signal(void)
{
    for (uint32_t number = 1; number <= 64; number++) {
        struct guest_frame frame = check_frame(guest_frame_encode_signal(buffer, number));

        g_assert_cmpuint(guest_frame_u32(&frame, 0), ==, number);
    }
    assert_broken(guest_frame_encode_signal(buffer, 0), "signal is out of range");
    assert_broken(guest_frame_encode_signal(buffer, 65), "signal is out of range");
    assert_broken(guest_frame_encode_signal(buffer, 0x10009), "signal is out of range");
}

static void
test_exit(void)
{
    static const struct {
        uint32_t how, value;
        const char *reason;
    } cases[] = {
        { GUEST_EXIT_STATUS, 0, NULL },
        { GUEST_EXIT_STATUS, 255, NULL },
        { GUEST_EXIT_STATUS, 256, "exit status is out of range" },
        { GUEST_EXIT_SIGNAL, 1, NULL },
        { GUEST_EXIT_SIGNAL, 64, NULL },
        { GUEST_EXIT_SIGNAL, 0, "signal of the exit is out of range" },
        { GUEST_EXIT_SIGNAL, 65, "signal of the exit is out of range" },
        { GUEST_EXIT_EXEC, 2, NULL },
        { GUEST_EXIT_EXEC, 4095, NULL },
        { GUEST_EXIT_EXEC, 0, "error of the exit is out of range" },
        { GUEST_EXIT_EXEC, 4096, "error of the exit is out of range" },
        { GUEST_EXIT_EXEC + 1, 0, "exit is of an unknown kind" },
        { UINT32_MAX, 0, "exit is of an unknown kind" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        size_t length = guest_frame_encode_exit(buffer, cases[i].how, cases[i].value);

        if (cases[i].reason) {
            assert_broken(length, cases[i].reason);
        } else {
            struct guest_frame frame = check_frame(length);

            g_assert_cmpuint(guest_frame_u32(&frame, 0), ==, cases[i].how);
            g_assert_cmpuint(guest_frame_u32(&frame, 4), ==, cases[i].value);
        }
    }
}

static void
test_moment(void)
{
    static const uint32_t bad[] = { 0, GUEST_MOMENT_LAST_BYTE + 1, UINT32_MAX };
    const uint64_t time = UINT64_C(0x0123456789abcdef);

    for (uint32_t moment = GUEST_MOMENT_KERNEL; moment <= GUEST_MOMENT_LAST_BYTE; moment++) {
        struct guest_frame frame = check_frame(guest_frame_encode_moment(buffer, moment, time));

        /* Who does not know it shall skip it. */
        g_assert_cmpuint(frame.flags, ==, GUEST_FRAME_FLAG_OPTIONAL);
        g_assert_cmpuint(guest_frame_u32(&frame, 0), ==, moment);
        g_assert_cmpuint(guest_frame_u64(&frame, 4), ==, time);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_broken(guest_frame_encode_moment(buffer, bad[i], time), "moment is of an unknown kind");
}

static void
test_clock(void)
{
    const uint64_t asked = UINT64_C(0x0123456789abcdef), time = UINT64_MAX - 1;
    struct guest_frame frame = check_frame(guest_frame_encode_clock(buffer, asked, time));

    g_assert_cmpuint(frame.type, ==, GUEST_FRAME_CLOCK);
    g_assert_cmpuint(guest_frame_u64(&frame, 0), ==, asked);
    g_assert_cmpuint(guest_frame_u64(&frame, 8), ==, time);
}

static void
test_unknown_type(void)
{
    static const uint8_t types[] = { 0, GUEST_FRAME_WANTED + 1, 200, 255 };

    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        struct guest_frame frame;

        guest_frame_encode_header(buffer, types[i], 0, 5);
        assert_broken(GUEST_FRAME_HEADER_SIZE, "frame has an unknown type");

        /* Its stream and payload mean something to others. */
        guest_frame_encode_header(buffer, types[i], 77, 5);
        buffer[1] = GUEST_FRAME_FLAG_OPTIONAL;
        frame = check_frame(GUEST_FRAME_HEADER_SIZE + 5);
        g_assert_cmpuint(frame.type, ==, types[i]);
        g_assert_cmpuint(frame.flags, ==, GUEST_FRAME_FLAG_OPTIONAL);
        g_assert_cmpuint(frame.stream, ==, 77);
    }
}

/* What is wrong with a header is said before a byte of its payload is waited for. */
static void
test_broken_header(void)
{
    for (unsigned flags = 2; flags <= 255; flags++) {
        guest_frame_encode_empty(buffer, GUEST_FRAME_READY, 0);
        buffer[1] = (uint8_t)flags;
        assert_broken(GUEST_FRAME_HEADER_SIZE, "frame has unknown flags");
    }
    guest_frame_encode_header(buffer, GUEST_FRAME_DATA, 1, GUEST_FRAME_PAYLOAD_MAX + 1);
    assert_broken(GUEST_FRAME_HEADER_SIZE, "frame is too long");
    guest_frame_encode_header(buffer, 200, 0, UINT32_MAX);
    buffer[1] = GUEST_FRAME_FLAG_OPTIONAL;
    assert_broken(GUEST_FRAME_HEADER_SIZE, "frame is too long");
}

static void
test_broken_length(void)
{
    static const struct {
        uint8_t type;
        uint32_t shortest, longest;
    } cases[] = {
        { GUEST_FRAME_HELLO, 8, 8 },   { GUEST_FRAME_READY, 0, 0 },
        { GUEST_FRAME_FAIL, 8, 4104 }, { GUEST_FRAME_DATA, 1, GUEST_FRAME_PAYLOAD_MAX },
        { GUEST_FRAME_EOF, 0, 0 },     { GUEST_FRAME_CREDIT, 4, 4 },
        { GUEST_FRAME_CLOSE, 0, 0 },   { GUEST_FRAME_WINSIZE, 4, 4 },
        { GUEST_FRAME_SIGNAL, 4, 4 },  { GUEST_FRAME_EXIT, 8, 8 },
        { GUEST_FRAME_QUIT, 0, 0 },    { GUEST_FRAME_MOMENT, 12, 12 },
        { GUEST_FRAME_TAKEN, 4, 4 },   { GUEST_FRAME_ASK, 0, 0 },
        { GUEST_FRAME_WANTED, 0, 0 },  { GUEST_FRAME_CLOCK, 16, 16 },
    };
    static const char *const reason = "frame has a length that its type does not have";

    g_assert_cmpuint(G_N_ELEMENTS(cases), ==, GUEST_FRAME_WANTED);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        if (cases[i].shortest > 0) {
            guest_frame_encode_header(buffer, cases[i].type, 0, cases[i].shortest - 1);
            assert_broken(GUEST_FRAME_HEADER_SIZE, reason);
        }
        if (cases[i].longest < GUEST_FRAME_PAYLOAD_MAX) {
            guest_frame_encode_header(buffer, cases[i].type, 0, cases[i].longest + 1);
            assert_broken(GUEST_FRAME_HEADER_SIZE, reason);
        }
    }
}

static void
test_broken_stream(void)
{
    static const struct {
        uint8_t type;
        uint32_t length;
        uint16_t first_bad;
    } cases[] = {
        { GUEST_FRAME_HELLO, 8, 1 },  { GUEST_FRAME_READY, 0, 1 },   { GUEST_FRAME_FAIL, 8, 1 },
        { GUEST_FRAME_DATA, 1, 5 },   { GUEST_FRAME_EOF, 0, 5 },     { GUEST_FRAME_CREDIT, 4, 5 },
        { GUEST_FRAME_CLOSE, 0, 5 },  { GUEST_FRAME_WINSIZE, 4, 1 }, { GUEST_FRAME_SIGNAL, 4, 1 },
        { GUEST_FRAME_EXIT, 8, 1 },   { GUEST_FRAME_QUIT, 0, 1 },    { GUEST_FRAME_MOMENT, 12, 1 },
        { GUEST_FRAME_TAKEN, 4, 5 },  { GUEST_FRAME_CLOCK, 16, 1 },  { GUEST_FRAME_ASK, 0, 5 },
        { GUEST_FRAME_WANTED, 0, 5 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        guest_frame_encode_header(buffer, cases[i].type, cases[i].first_bad, cases[i].length);
        assert_broken(GUEST_FRAME_HEADER_SIZE, "frame names an unknown stream");
        guest_frame_encode_header(buffer, cases[i].type, UINT16_MAX, cases[i].length);
        assert_broken(GUEST_FRAME_HEADER_SIZE, "frame names an unknown stream");
    }
}

/* What is said of reading is said of what the guest reads. */
static void
test_input_stream(void)
{
    static const struct {
        uint8_t type;
        uint32_t length;
    } cases[] = { { GUEST_FRAME_TAKEN, 4 }, { GUEST_FRAME_ASK, 0 }, { GUEST_FRAME_WANTED, 0 } };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (uint16_t stream = 0; stream < GUEST_STREAM_TOTAL; stream++) {
            struct guest_frame frame;

            guest_frame_encode_header(buffer, cases[i].type, stream, cases[i].length);
            memset(buffer + GUEST_FRAME_HEADER_SIZE, 1, cases[i].length);
            if (stream == GUEST_STREAM_STDIN || stream == GUEST_STREAM_KEYS) {
                frame = check_frame(GUEST_FRAME_HEADER_SIZE + cases[i].length);
                g_assert_cmpuint(frame.stream, ==, stream);
            } else {
                assert_broken(GUEST_FRAME_HEADER_SIZE, "frame names a stream that its type does not have");
            }
        }
    }
}

/* However a long frame with DATA arrives, its pieces are all of it, and no more. */
static void
test_pieces(void)
{
    static uint8_t stream[3 * (GUEST_FRAME_HEADER_SIZE + GUEST_FRAME_PAYLOAD_MAX)];
    size_t size = 0;

    for (unsigned i = 0; i < 2; i++) {
        guest_frame_encode_header(stream + size, GUEST_FRAME_DATA, GUEST_STREAM_STDERR, 60000);
        memset(stream + size + GUEST_FRAME_HEADER_SIZE, 'a' + (int)i, 60000);
        size += GUEST_FRAME_HEADER_SIZE + 60000;
        size += guest_frame_encode_empty(stream + size, GUEST_FRAME_EOF, GUEST_STREAM_STDERR);
    }
    for (size_t step = 1; step < size; step = step * 3 + 1) {
        struct guest_frame_reader reader = { 0 };
        size_t start = 0, end = 0, counts[2] = { 0, 0 }, ends = 0;

        while (start < size) {
            struct guest_frame frame;
            const char *reason;
            size_t used;

            end = MIN(end + step, size);
            if (guest_frame_next(&reader, stream + start, end - start, &frame, &used, &reason) ==
                GUEST_FRAME_INCOMPLETE) {
                g_assert_cmpuint(end, <, size);
                continue;
            }
            g_assert_null(reason);
            g_assert_cmpuint(frame.stream, ==, GUEST_STREAM_STDERR);
            g_assert_true(frame.payload + frame.length == stream + start + used);
            start += used;
            if (frame.type == GUEST_FRAME_EOF) {
                g_assert_cmpuint(reader.rest, ==, 0);
                g_assert_cmpuint(counts[ends++], ==, 60000);
                continue;
            }
            g_assert_cmpuint(frame.type, ==, GUEST_FRAME_DATA);
            for (size_t i = 0; i < frame.length; i++) {
                g_assert_cmpuint(frame.payload[i], ==, 'a' + ends);
            }
            counts[ends] += frame.length;
        }
        g_assert_cmpuint(ends, ==, 2);
    }
}

/* Short DATA and all else is handed on as a whole, and what is broken is broken. */
static void
test_no_pieces(void)
{
    struct guest_frame_reader reader = { 0 };
    struct guest_frame frame;
    const char *reason;
    size_t used;

    guest_frame_encode_header(buffer, GUEST_FRAME_DATA, GUEST_STREAM_STDOUT, GUEST_FRAME_PIECE_MIN - 1);
    g_assert_cmpint(guest_frame_next(&reader, buffer, GUEST_FRAME_PIECE_MIN, &frame, &used, &reason), ==,
                    GUEST_FRAME_INCOMPLETE);
    guest_frame_encode_header(buffer, GUEST_FRAME_DATA, GUEST_STREAM_STDOUT, GUEST_FRAME_PIECE_MIN);
    g_assert_cmpint(guest_frame_next(&reader, buffer, GUEST_FRAME_PIECE_MIN, &frame, &used, &reason), ==,
                    GUEST_FRAME_COMPLETE);
    g_assert_cmpuint(frame.length, ==, GUEST_FRAME_PIECE_MIN - GUEST_FRAME_HEADER_SIZE);
    g_assert_cmpuint(reader.rest, ==, GUEST_FRAME_HEADER_SIZE);
    reader.rest = 0;
    guest_frame_encode_header(buffer, GUEST_FRAME_FAIL, 0, 4100);
    g_assert_cmpint(guest_frame_next(&reader, buffer, 4099, &frame, &used, &reason), ==, GUEST_FRAME_INCOMPLETE);
    guest_frame_encode_header(buffer, GUEST_FRAME_DATA, GUEST_STREAM_TOTAL, 60000);
    g_assert_cmpint(guest_frame_next(&reader, buffer, 9, &frame, &used, &reason), ==, GUEST_FRAME_BROKEN);
    g_assert_cmpuint(reader.rest, ==, 0);
}

static void
test_missing(void)
{
    size_t length = guest_frame_encode_credit(buffer, GUEST_STREAM_STDIN, 1);

    g_assert_cmpuint(guest_frame_missing(buffer, 0), ==, GUEST_FRAME_HEADER_SIZE);
    g_assert_cmpuint(guest_frame_missing(buffer, 3), ==, GUEST_FRAME_HEADER_SIZE - 3);
    g_assert_cmpuint(guest_frame_missing(buffer, GUEST_FRAME_HEADER_SIZE), ==, 4);
    g_assert_cmpuint(guest_frame_missing(buffer, length - 1), ==, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/frame/bytes", test_bytes);
    g_test_add_func("/frame/empty", test_empty);
    g_test_add_func("/frame/hello", test_hello);
    g_test_add_func("/frame/fail", test_fail);
    g_test_add_func("/frame/fail-long-text", test_fail_long_text);
    g_test_add_func("/frame/data", test_data);
    g_test_add_func("/frame/pieces", test_pieces);
    g_test_add_func("/frame/no-pieces", test_no_pieces);
    g_test_add_func("/frame/missing", test_missing);
    g_test_add_func("/frame/credit", test_credit);
    g_test_add_func("/frame/winsize", test_winsize);
    g_test_add_func("/frame/signal", test_signal);
    g_test_add_func("/frame/exit", test_exit);
    g_test_add_func("/frame/moment", test_moment);
    g_test_add_func("/frame/clock", test_clock);
    g_test_add_func("/frame/unknown-type", test_unknown_type);
    g_test_add_func("/frame/broken-header", test_broken_header);
    g_test_add_func("/frame/broken-length", test_broken_length);
    g_test_add_func("/frame/broken-stream", test_broken_stream);
    g_test_add_func("/frame/input-stream", test_input_stream);
    return g_test_run();
}
