/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The frames that host and guest exchange, compiled into both sides. No GLib here.
 *
 * A frame is an 8-byte header (type u8, flags u8, stream u16, length u32, little endian) and LENGTH
 * bytes of payload. Integers in payloads are little endian too.
 *
 * The way of a run, G the guest's init and H the host:
 *   G HELLO              init runs and has read its manifest
 *   H HELLO              the host speaks this version
 *   both CLOCK…          only if the host's HELLO offers it: the guest asks for the time, now and later
 *   G READY              everything is set up, the program can start
 *   H WINSIZE, CREDIT…   with a terminal its size; how much output the host is ready to hold
 *   H READY              start the program
 *   G READY              the program was started (execve succeeded)
 *   both DATA, CREDIT, EOF, CLOSE; H WINSIZE, SIGNAL; G TAKEN; H ASK, G WANTED
 *   H DATA 4…, EOF 4     only if the manifest gives the program a terminal beside its standard input: what is typed
 *   G DATA 3…, EOF 3     only if the manifest asks for it, after EOF 1 and EOF 2: what changed (see change.h)
 *   G MOMENT…            only if the manifest asks for it: after its HELLO and before EXIT, when it came where
 *   G EOF 1, EOF 2, EXIT the program has ended, its output is complete, file systems are written back
 *   H QUIT               the host has read all that; init ends the guest
 * QUIT before EXIT asks init to kill the program at once; EXIT follows as usual.
 * FAIL instead of any of the guest's frames: the sandbox could not be set up; the guest ends after it.
 *
 * The first streams are numbered as the program's file descriptors. Whoever receives a stream grants the sender
 * bytes with CREDIT; a sender never has more DATA under way than was granted, so that a stream nobody
 * reads never stands in the way of another one or of a signal.
 *
 * Of its standard input the program's own reads are what counts, not what waits in its pipe: TAKEN tells
 * of them, the last time before EXIT. So the host leaves to others what the program did not read.
 * What cannot be looked at without reading it, a terminal, is read only when the program is said to wait for it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUEST_WIRE_VERSION 1
/* In HELLO: the host answers CLOCK. */
#define GUEST_FEATURE_CLOCK 0x00000001

#define GUEST_FRAME_HEADER_SIZE 8
#define GUEST_FRAME_PAYLOAD_MAX 65536

/* The channel's name on a machine's virtio-serial bus, and its descriptor in a container. */
#define GUEST_CHANNEL_NAME "org.libvirt.sandbox.0"
#define GUEST_CHANNEL_FD 3

/* Who wrote so much at once will go on: that is spliced where it can be, as what is less is cheaper copied. */
#define GUEST_STREAM_BULK_MIN 16384

/* How many bytes a side lets the other have under way on one stream. */
#define GUEST_STREAM_WINDOW (512 * 1024)

enum guest_frame_type {
    GUEST_FRAME_HELLO = 1,   /* version u32, features u32 */
    GUEST_FRAME_READY = 2,   /* no payload */
    GUEST_FRAME_FAIL = 3,    /* stage u32, errno u32, text (UTF-8, not terminated, at most 4096 bytes) */
    GUEST_FRAME_DATA = 4,    /* 1 to GUEST_FRAME_PAYLOAD_MAX bytes of the stream */
    GUEST_FRAME_EOF = 5,     /* the sender has no more DATA for the stream */
    GUEST_FRAME_CREDIT = 6,  /* bytes u32: the sender of the stream may send so many more */
    GUEST_FRAME_CLOSE = 7,   /* the receiver of the stream reads no more of it */
    GUEST_FRAME_WINSIZE = 8, /* rows u16, columns u16 */
    GUEST_FRAME_SIGNAL = 9,  /* signal u32, by the number it has on Linux/x86 and most others */
    GUEST_FRAME_EXIT = 10,   /* how u32, value u32 */
    GUEST_FRAME_QUIT = 11,   /* no payload */
    GUEST_FRAME_MOMENT = 12, /* moment u32, microseconds u64 on the guest's monotonic clock; optional */
    GUEST_FRAME_CLOCK = 13,  /* asked u64, of the guest and sent back as it is; nanoseconds u64 since 1970 on the
                              * host's clock, of which a question has 0 */
    GUEST_FRAME_TAKEN = 14,  /* bytes u32: the program has read so many more of its input, and as many may be sent */
    GUEST_FRAME_ASK = 15,    /* say when the program waits for input of which there is none */
    GUEST_FRAME_WANTED = 16, /* it does; said once for each ASK */
};

/* A receiver that does not know the type skips the frame instead of giving up. */
#define GUEST_FRAME_FLAG_OPTIONAL 0x01

enum guest_stream {
    GUEST_STREAM_STDIN = 0,
    GUEST_STREAM_STDOUT = 1,
    GUEST_STREAM_STDERR = 2,
    GUEST_STREAM_CHANGES = 3, /* from the guest's init, not from the program */
    GUEST_STREAM_KEYS = 4,    /* to the program's terminal, where its standard input is something else */
};
/* Those that are the program's descriptors, and all. */
#define GUEST_STREAM_COUNT 3
#define GUEST_STREAM_TOTAL 5

/* Whether the guest receives the stream. */
bool guest_stream_is_input(unsigned stream);

enum guest_exit_how {
    GUEST_EXIT_STATUS = 0, /* value: exit status, 0 to 255 */
    GUEST_EXIT_SIGNAL = 1, /* value: signal number, 1 to 64 */
    GUEST_EXIT_EXEC = 2,   /* the program could not be executed; value: errno of execve */
};

enum guest_fail_stage {
    GUEST_STAGE_MANIFEST = 1,
    GUEST_STAGE_MODULES = 2,
    GUEST_STAGE_ROOT = 3,
    GUEST_STAGE_MOUNTS = 4,
    GUEST_STAGE_DISKS = 5,
    GUEST_STAGE_NETWORK = 6,
    GUEST_STAGE_IDENTITY = 7,
    GUEST_STAGE_PROGRAM = 8,
    GUEST_STAGE_WIRE = 9,
    GUEST_STAGE_CHANGES = 10,
};

/* Where the time of a start goes, each the end of what it is named for. */
enum guest_moment {
    GUEST_MOMENT_KERNEL = 1,  /* init runs */
    GUEST_MOMENT_MODULES = 2, /* of a machine */
    GUEST_MOMENT_CONNECT = 3, /* HELLO is being sent: the host's clock can be set beside the guest's */
    GUEST_MOMENT_ROOT = 4,
    GUEST_MOMENT_MOUNTS = 5,
    GUEST_MOMENT_PROGRAM = 6,   /* it was executed */
    GUEST_MOMENT_EXIT = 7,      /* it has ended */
    GUEST_MOMENT_LAST_BYTE = 8, /* its output was sent, and file systems are written back */
};

/* @moment: one that guest_frame_decode() took. */
const char *guest_moment_name(uint32_t moment);

struct guest_frame {
    uint8_t type;
    uint8_t flags;
    uint16_t stream;
    uint32_t length;
    const uint8_t *payload; /* inside the buffer that was given to guest_frame_decode() */
};

enum guest_frame_result {
    GUEST_FRAME_COMPLETE,   /* *frame is valid, *used bytes belong to it */
    GUEST_FRAME_INCOMPLETE, /* more bytes are needed */
    GUEST_FRAME_BROKEN,     /* the stream cannot be trusted any more; *reason says why */
};

/*
 * Looks at the first frame of @buffer. Checks what can be known of a frame by itself: the type or the
 * optional flag, the length against the type, the stream number against the type, the ranges of the fields. An unknown
 * optional frame comes back as complete with its type, to be skipped by the caller.
 */
enum guest_frame_result guest_frame_decode(const uint8_t *buffer, size_t length, struct guest_frame *frame,
                                           size_t *used, const char **reason);

/* What a receiver of frames is in the middle of; zeroed, of nothing. */
struct guest_frame_reader {
    uint16_t stream;
    uint32_t rest;   /* bytes of DATA that are still to come, and have no header of their own */
    bool bulk;       /* much is coming: who can splice it reads no more than its header */
    unsigned copies; /* so many times more it is read as well, because it could not be spliced */
};

/* DATA that is shorter comes in one piece. */
#define GUEST_FRAME_PIECE_MIN 4096

/*
 * The same for a receiver that does not hold the whole of a long frame: DATA comes back in pieces, each as a
 * complete frame of what is there, the first of them perhaps empty.
 */
enum guest_frame_result guest_frame_next(struct guest_frame_reader *reader, const uint8_t *buffer, size_t length,
                                         struct guest_frame *frame, size_t *used, const char **reason);

/* So many bytes of the rest were spliced; none, if they have to be read after all. */
void guest_frame_rest_spliced(struct guest_frame_reader *reader, uint32_t length);

/* How much is missing of the first frame of @buffer, which is incomplete: first of its header. */
size_t guest_frame_missing(const uint8_t *buffer, size_t length);

/* Writes a header into @out (GUEST_FRAME_HEADER_SIZE bytes). */
void guest_frame_encode_header(uint8_t *out, uint8_t type, uint16_t stream, uint32_t length);

/* Encode a whole frame into @out, returning its size; @out has room for header and payload. */
size_t guest_frame_encode_empty(uint8_t *out, uint8_t type, uint16_t stream);
size_t guest_frame_encode_hello(uint8_t *out, uint32_t version, uint32_t features);
size_t guest_frame_encode_fail(uint8_t *out, uint32_t stage, uint32_t error_number, const char *text);
size_t guest_frame_encode_credit(uint8_t *out, uint16_t stream, uint32_t bytes);
size_t guest_frame_encode_taken(uint8_t *out, uint16_t stream, uint32_t bytes);
size_t guest_frame_encode_winsize(uint8_t *out, uint16_t rows, uint16_t columns);
size_t guest_frame_encode_signal(uint8_t *out, uint32_t signal_number);
size_t guest_frame_encode_exit(uint8_t *out, uint32_t how, uint32_t value);
size_t guest_frame_encode_moment(uint8_t *out, uint32_t moment, uint64_t microseconds);
size_t guest_frame_encode_clock(uint8_t *out, uint64_t asked, uint64_t nanoseconds);

/* The largest frame that the encoders above make, FAIL. */
#define GUEST_FRAME_TEXT_MAX 4096
#define GUEST_FRAME_CONTROL_MAX (GUEST_FRAME_HEADER_SIZE + 8 + GUEST_FRAME_TEXT_MAX)

/* Little-endian fields of a payload that guest_frame_decode() has accepted. */
uint16_t guest_frame_u16(const struct guest_frame *frame, size_t offset);
uint32_t guest_frame_u32(const struct guest_frame *frame, size_t offset);
uint64_t guest_frame_u64(const struct guest_frame *frame, size_t offset);
