/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/guest/change.h"
#include "libvirt-sandbox/guest/frame.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/kernel/modules.h"
#include "libvirt-sandbox/init/power.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/wire/channel.h"

#include "raw-export.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * An init that has been taken over: it starts as the real one does, and then does to the host what the name of the
 * program that it should run says. test-hostile.sh, test-hostile-changes.sh and test-export.sh put it in the place of
 * the real one.
 */

#define MANY 1200000
#define OPTIONAL_TYPE 200
#define ESCAPES                                                                                                        \
    "\033[2J\033]0;title\007\nvirt-sandbox: second line\r\n\x9b"                                                       \
    "31m"

static bool reads_nothing;

/* Saying it */

static noreturn void
do_nothing(void)
{
    for (;;) {
        pause();
    }
}

static noreturn void
spin(void)
{
    for (;;) {
    }
}

static void
send_bytes(const void *bytes, size_t length)
{
    const uint8_t *next = bytes;

    while (length > 0) {
        struct pollfd wait = { .fd = channel_descriptor(), .events = POLLOUT };
        ssize_t count = write(wait.fd, next, length);

        if (count > 0) {
            next += count;
            length -= (size_t)count;
        } else if (errno == EAGAIN) {
            poll(&wait, 1, -1);
        } else {
            power_off();
        }
    }
}

/* Of which nothing is right but the form. */
static void
send_header(uint8_t type, uint8_t flags, uint16_t stream, uint32_t length)
{
    uint8_t header[GUEST_FRAME_HEADER_SIZE];

    guest_frame_encode_header(header, type, stream, length);
    header[1] = flags;
    send_bytes(header, sizeof(header));
}

static void
send_numbers(uint8_t type, uint16_t stream, uint32_t first, uint32_t second, uint32_t length)
{
    uint8_t payload[8] = { (uint8_t)first,  (uint8_t)(first >> 8),  (uint8_t)(first >> 16),  (uint8_t)(first >> 24),
                           (uint8_t)second, (uint8_t)(second >> 8), (uint8_t)(second >> 16), (uint8_t)(second >> 24) };

    send_header(type, 0, stream, length);
    send_bytes(payload, length);
}

static void
send_text(uint16_t stream, const char *text)
{
    send_header(GUEST_FRAME_DATA, 0, stream, (uint32_t)strlen(text));
    send_bytes(text, strlen(text));
}

static void
send_fail(const char *text)
{
    uint8_t frame[GUEST_FRAME_CONTROL_MAX];

    send_bytes(frame, guest_frame_encode_fail(frame, GUEST_STAGE_PROGRAM, 0, text));
}

static void
send_end_of_output(void)
{
    send_header(GUEST_FRAME_EOF, 0, GUEST_STREAM_STDOUT, 0);
    send_header(GUEST_FRAME_EOF, 0, GUEST_STREAM_STDERR, 0);
}

static void
send_exit(uint32_t how, uint32_t value)
{
    send_numbers(GUEST_FRAME_EXIT, 0, how, value, 8);
}

/* Listening, as far as it has to */

static void
await(uint8_t type)
{
    struct guest_frame frame = { 0 };

    while (frame.type != type) {
        struct pollfd wait = { .fd = channel_descriptor(), .events = POLLIN };

        poll(&wait, 1, -1);
        channel_receive();
        while (frame.type != type && channel_next_in(&frame)) {
        }
    }
}

static void
greet(void)
{
    send_numbers(GUEST_FRAME_HELLO, 0, GUEST_WIRE_VERSION, 0, 8);
    await(GUEST_FRAME_HELLO);
}

static void
start(void)
{
    greet();
    send_header(GUEST_FRAME_READY, 0, 0, 0);
    await(GUEST_FRAME_READY);
    send_header(GUEST_FRAME_READY, 0, 0, 0);
}

/* What it does: before a program runs, or as if one did */

static void
send_small_frames(void)
{
    for (int i = 0; i < MANY; i++) {
        send_header(OPTIONAL_TYPE, GUEST_FRAME_FLAG_OPTIONAL, 0, 0);
    }
    send_end_of_output();
    send_exit(GUEST_EXIT_STATUS, 3);
    await(GUEST_FRAME_QUIT);
}

static void
send_small_data(void)
{
    for (int i = 0; i < MANY; i++) {
        send_text(GUEST_STREAM_STDOUT, "x");
        if (i % 1000 == 0) {
            channel_receive();
        }
    }
}

/* Long frames, of which the host has no more than a byte at a time. */
static void
send_trickle(void)
{
    for (int frame = 0; frame < 2; frame++) {
        send_header(GUEST_FRAME_DATA, 0, GUEST_STREAM_STDOUT, GUEST_FRAME_PAYLOAD_MAX);
        for (size_t i = 0; i < GUEST_FRAME_PAYLOAD_MAX; i++) {
            send_bytes("x", 1);
        }
    }
}

static void
send_credit_flood(void)
{
    for (int i = 0; i < MANY; i++) {
        send_numbers(GUEST_FRAME_CREDIT, GUEST_STREAM_STDIN, UINT32_MAX, 0, 4);
    }
}

/* Whose answers it does not read. */
static void
send_clock_flood(void)
{
    uint8_t frame[GUEST_FRAME_CONTROL_MAX];
    size_t length = guest_frame_encode_clock(frame, UINT64_MAX, 0);

    for (int i = 0; i < MANY; i++) {
        send_bytes(frame, length);
    }
}

static noreturn void
flood(void)
{
    for (;;) {
        send_header(OPTIONAL_TYPE, GUEST_FRAME_FLAG_OPTIONAL, 0, 0);
    }
}

static void
send_too_much(void)
{
    static const uint8_t zeros[GUEST_FRAME_PAYLOAD_MAX];

    /* More than the host and its pipe hold together. */
    for (size_t sent = 0; sent <= 4 * GUEST_STREAM_WINDOW; sent += sizeof(zeros)) {
        send_header(GUEST_FRAME_DATA, 0, GUEST_STREAM_STDOUT, sizeof(zeros));
        send_bytes(zeros, sizeof(zeros));
    }
}

static void
send_garbage(void)
{
    uint8_t garbage[4096];
    uint32_t state = 1;

    for (size_t i = 0; i < sizeof(garbage); i++) {
        state = state * 1103515245 + 12345;
        garbage[i] = (uint8_t)(state >> 16);
    }
    send_bytes(garbage, sizeof(garbage));
}

static void
write_log(void)
{
    for (int i = 0; i < 1000; i++) {
        dprintf(STDERR_FILENO,
                "\033]0;title\007\033[2J\033[31mred\x9b"
                "31m\b\b\b\r\033P\033\\log line %d\n",
                i);
    }
}

/* Lies about what changed in the overlay */

#define LONG_NAME (1024 * 1024)
#define TIB (UINT64_C(1) << 40)

static uint8_t record[GUEST_CHANGE_LENGTH_SIZE + GUEST_CHANGE_BODY_MAX];
static struct guest_change_writer record_writer = { .data = record, .size = sizeof(record) };
/* The host grants the first window before it says that the program may start. */
static uint32_t change_credit = GUEST_STREAM_WINDOW;

static void
take_credit(void)
{
    struct pollfd wait = { .fd = channel_descriptor(), .events = POLLIN };

    poll(&wait, 1, -1);
    channel_receive();
    for (struct guest_frame frame; channel_next_in(&frame);) {
        if (frame.type == GUEST_FRAME_CREDIT && frame.stream == GUEST_STREAM_CHANGES) {
            change_credit += guest_frame_u32(&frame, 0);
        }
    }
}

static void
send_changes(const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        uint32_t count = change_credit < length ? change_credit : (uint32_t)length;

        if (count > GUEST_FRAME_PAYLOAD_MAX) {
            count = GUEST_FRAME_PAYLOAD_MAX;
        }
        if (count == 0) {
            take_credit();
            continue;
        }
        send_header(GUEST_FRAME_DATA, 0, GUEST_STREAM_CHANGES, count);
        send_bytes(bytes, count);
        change_credit -= count;
        bytes += count;
        length -= count;
    }
}

static struct guest_change
change_of(char kind, const char *path)
{
    struct guest_change change = { .kind = (enum guest_change_kind)kind, .path = path, .path_length = strlen(path) };

    if (kind == GUEST_CHANGE_ADDED || kind == GUEST_CHANGE_CHANGED) {
        change.mode = S_IFREG | 0644;
    }
    return change;
}

static void
tell(struct guest_change change)
{
    guest_change_begin(&record_writer, &change);
    send_changes(record, guest_change_finish(&record_writer));
}

static void
tell_path(const char *path, size_t length)
{
    struct guest_change change = change_of(GUEST_CHANGE_ADDED, path);

    change.path_length = length;
    tell(change);
}

static void
tell_with_extents(char kind, uint64_t size, unsigned count, uint64_t length, uint64_t step)
{
    struct guest_change change = change_of(kind, "data");

    change.size = size;
    guest_change_begin(&record_writer, &change);
    for (unsigned i = 0; i < count; i++) {
        guest_change_add_extent(&record_writer, i * step, length);
    }
    send_changes(record, guest_change_finish(&record_writer));
}

static void
tell_odd_extents(char kind)
{
    struct guest_change change = change_of(kind, "data");
    size_t length;

    guest_change_begin(&record_writer, &change);
    length = guest_change_finish(&record_writer);
    memset(record + length, 0, 7);
    record[GUEST_CHANGE_LENGTH_SIZE + GUEST_CHANGE_FIXED_SIZE - 4] = 7;
    record[0] = (uint8_t)(record[0] + 7);
    send_changes(record, length + 7);
}

/* A name that is longer than any record may be. */
static void
tell_long_name(void)
{
    static uint8_t name[LONG_NAME];
    const uint8_t length[] = { 0, 0, LONG_NAME >> 16, 0 };

    memset(name, 'x', sizeof(name));
    send_changes(length, sizeof(length));
    send_changes(name, sizeof(name));
}

static void
tell_failure(const char *text)
{
    struct guest_change change = { .kind = GUEST_CHANGE_FAILED, .link = text, .link_length = strlen(text) };

    tell(change);
}

/* The same name again and again, each time as something else, and as the directory of others. */
static void
tell_duplicates(void)
{
    static const uint32_t modes[] = { S_IFREG | 0644, S_IFDIR | 0755, S_IFIFO | 0600, S_IFREG | 06755, S_IFLNK | 0777 };

    for (size_t i = 0; i < 5 * sizeof(modes) / sizeof(modes[0]); i++) {
        struct guest_change change = change_of(GUEST_CHANGE_ADDED, "etc/same");

        change.mode = modes[i % 5];
        change.link = S_ISLNK(change.mode) ? "/" : NULL;
        change.link_length = S_ISLNK(change.mode) ? 1 : 0;
        tell(change);
        tell_path("etc/same/below", strlen("etc/same/below"));
        tell(change_of(GUEST_CHANGE_DELETED, "etc/same"));
        tell(change_of(GUEST_CHANGE_OPAQUE, "etc/same"));
    }
}

static noreturn void
tell_huge_holes(void)
{
    for (;;) {
        tell_with_extents(GUEST_CHANGE_ADDED, TIB, 0, 0, 0);
    }
}

/* What costs the host most of what it takes: 1024 attributes, as many as a record may have, or 4096 extents. */
static noreturn void
tell_for_ever(void)
{
    for (;;) {
        struct guest_change change = change_of(GUEST_CHANGE_ADDED, "etc/attributes");

        guest_change_begin(&record_writer, &change);
        for (int i = 0; i < GUEST_CHANGE_XATTRS_MAX; i++) {
            guest_change_add_xattr(&record_writer, "user.a", "b", 1);
        }
        send_changes(record, guest_change_finish(&record_writer));
        tell_with_extents(GUEST_CHANGE_ADDED, 4 * GUEST_CHANGE_EXTENTS_MAX, GUEST_CHANGE_EXTENTS_MAX, 1, 4);
        send_changes(record, GUEST_CHANGE_EXTENTS_MAX);
        for (int i = 0; i < 1000; i++) {
            tell_path("etc/small", strlen("etc/small"));
        }
    }
}

static void
end_changes(uint32_t status)
{
    send_header(GUEST_FRAME_EOF, 0, GUEST_STREAM_CHANGES, 0);
    send_end_of_output();
    send_exit(GUEST_EXIT_STATUS, status);
}

static bool
do_changes(const char *what)
{
    if (strcmp(what, "change-deleted-data") == 0) {
        tell_with_extents(GUEST_CHANGE_DELETED, 0, 1, 10, 0);
        send_changes(record, 10);
    } else if (strcmp(what, "change-opaque-data") == 0) {
        tell_with_extents(GUEST_CHANGE_OPAQUE, 0, 1, 10, 0);
        send_changes(record, 10);
    } else if (strcmp(what, "change-odd-extents") == 0) {
        tell_odd_extents(GUEST_CHANGE_ADDED);
    } else if (strcmp(what, "change-deleted-odd") == 0) {
        tell_odd_extents(GUEST_CHANGE_DELETED);
    } else if (strcmp(what, "change-many-extents") == 0) {
        tell_with_extents(GUEST_CHANGE_ADDED, TIB, GUEST_CHANGE_EXTENTS_MAX + 1, 1, 4096);
    } else if (strcmp(what, "change-up") == 0) {
        tell_path("etc/../../up", strlen("etc/../../up"));
    } else if (strcmp(what, "change-absolute") == 0) {
        tell_path("/etc/absolute", strlen("/etc/absolute"));
    } else if (strcmp(what, "change-no-name") == 0) {
        tell_path("", 0);
    } else if (strcmp(what, "change-nul") == 0) {
        tell_path("etc/a\0b", 7);
    } else if (strcmp(what, "change-long-name") == 0) {
        tell_long_name();
    } else if (strcmp(what, "change-after-end") == 0) {
        tell(change_of(GUEST_CHANGE_END, ""));
        tell_path("etc/after", strlen("etc/after"));
    } else if (strcmp(what, "change-failure") == 0) {
        tell_failure(ESCAPES);
        end_changes(0);
    } else if (strcmp(what, "change-no-data") == 0) {
        tell_with_extents(GUEST_CHANGE_ADDED, 100, 1, 100, 0);
        send_changes(record, 50);
        end_changes(0);
    } else if (strcmp(what, "change-duplicates") == 0) {
        tell_duplicates();
        tell(change_of(GUEST_CHANGE_END, ""));
        end_changes(8);
    } else if (strcmp(what, "change-too-much") == 0) {
        for (int i = 0; i < 100; i++) {
            tell_with_extents(GUEST_CHANGE_ADDED, TIB, 0, 0, 0);
        }
        end_changes(0);
    } else if (strcmp(what, "change-holes") == 0) {
        tell_huge_holes();
    } else if (strcmp(what, "change-for-ever") == 0) {
        tell_for_ever();
    } else {
        return false;
    }
    return true;
}

static void
say_line(const char *line)
{
    send_text(GUEST_STREAM_STDOUT, line);
}

static bool
do_before_program(const char *what)
{
    if (strcmp(what, "silence") == 0) {
        do_nothing();
    } else if (strcmp(what, "spin") == 0) {
        spin();
    } else if (strcmp(what, "die") == 0) {
        _exit(1);
    } else if (strcmp(what, "die-loudly") == 0) {
        write_log();
        _exit(1);
    } else if (strcmp(what, "half-header") == 0) {
        send_bytes("\1\0", 2);
        do_nothing();
    } else if (strcmp(what, "garbage") == 0) {
        send_garbage();
    } else if (strcmp(what, "zeros") == 0) {
        send_header(0, 0, 0, 0);
    } else if (strcmp(what, "other-version") == 0) {
        send_numbers(GUEST_FRAME_HELLO, 0, GUEST_WIRE_VERSION + 1, 0, 8);
    } else if (strcmp(what, "short-hello") == 0) {
        send_header(GUEST_FRAME_HELLO, 0, 0, 7);
    } else if (strcmp(what, "long-hello") == 0) {
        send_header(GUEST_FRAME_HELLO, 0, 0, UINT32_MAX);
    } else if (strcmp(what, "ready-first") == 0) {
        send_header(GUEST_FRAME_READY, 0, 0, 0);
    } else if (strcmp(what, "exit-first") == 0) {
        send_exit(GUEST_EXIT_STATUS, 0);
    } else if (strcmp(what, "fail-escapes") == 0) {
        send_fail(ESCAPES);
    } else if (strcmp(what, "close") == 0) {
        close(channel_descriptor());
    } else {
        return false;
    }
    return true;
}

static bool
do_with_program(const char *what, const char *const *more)
{
    if (strcmp(what, "ignore") == 0) {
        reads_nothing = true;
    } else if (strcmp(what, "busy") == 0) {
        spin();
    } else if (strcmp(what, "half-frame") == 0) {
        send_header(GUEST_FRAME_DATA, 0, GUEST_STREAM_STDOUT, 100);
        send_bytes("half", 4);
    } else if (strcmp(what, "long-half-frame") == 0) {
        send_header(GUEST_FRAME_DATA, 0, GUEST_STREAM_STDOUT, GUEST_FRAME_PAYLOAD_MAX);
        send_bytes("half", 4);
    } else if (strcmp(what, "trickle") == 0) {
        send_trickle();
        send_end_of_output();
        send_exit(GUEST_EXIT_STATUS, 7);
        await(GUEST_FRAME_QUIT);
        power_off();
    } else if (strcmp(what, "long-data") == 0) {
        send_header(GUEST_FRAME_DATA, 0, GUEST_STREAM_STDOUT, UINT32_MAX);
    } else if (strcmp(what, "longer-data") == 0) {
        send_header(GUEST_FRAME_DATA, 0, GUEST_STREAM_STDOUT, GUEST_FRAME_PAYLOAD_MAX + 1);
    } else if (strcmp(what, "long-optional") == 0) {
        send_header(OPTIONAL_TYPE, GUEST_FRAME_FLAG_OPTIONAL, 0, UINT32_MAX);
    } else if (strcmp(what, "empty-data") == 0) {
        send_header(GUEST_FRAME_DATA, 0, GUEST_STREAM_STDOUT, 0);
    } else if (strcmp(what, "unknown-type") == 0) {
        send_header(OPTIONAL_TYPE, 0, 0, 0);
    } else if (strcmp(what, "unknown-flags") == 0) {
        send_header(GUEST_FRAME_EOF, 0x80, GUEST_STREAM_STDOUT, 0);
    } else if (strcmp(what, "unknown-stream") == 0) {
        send_header(GUEST_FRAME_EOF, 0, 65535, 0);
    } else if (strcmp(what, "data-on-stdin") == 0) {
        send_text(GUEST_STREAM_STDIN, "x");
    } else if (strcmp(what, "credit-on-stdout") == 0) {
        send_numbers(GUEST_FRAME_CREDIT, GUEST_STREAM_STDOUT, 1, 0, 4);
    } else if (strcmp(what, "empty-credit") == 0) {
        send_numbers(GUEST_FRAME_CREDIT, GUEST_STREAM_STDIN, 0, 0, 4);
    } else if (strcmp(what, "taken-too-much") == 0) {
        send_numbers(GUEST_FRAME_TAKEN, GUEST_STREAM_STDIN, 1, 0, 4);
    } else if (strcmp(what, "taken-on-stdout") == 0) {
        send_numbers(GUEST_FRAME_TAKEN, GUEST_STREAM_STDOUT, 1, 0, 4);
    } else if (strcmp(what, "keys-credit") == 0) {
        send_numbers(GUEST_FRAME_CREDIT, GUEST_STREAM_KEYS, UINT32_MAX, 0, 4);
    } else if (strcmp(what, "keys-taken") == 0) {
        send_numbers(GUEST_FRAME_TAKEN, GUEST_STREAM_KEYS, 1, 0, 4);
    } else if (strcmp(what, "keys-wanted") == 0) {
        for (int i = 0; i < 1000; i++) {
            send_header(GUEST_FRAME_WANTED, 0, GUEST_STREAM_KEYS, 0);
        }
        reads_nothing = true;
    } else if (strcmp(what, "data-on-keys") == 0) {
        send_text(GUEST_STREAM_KEYS, "x");
    } else if (strcmp(what, "data-after-end") == 0) {
        send_header(GUEST_FRAME_EOF, 0, GUEST_STREAM_STDOUT, 0);
        send_text(GUEST_STREAM_STDOUT, ESCAPES);
    } else if (strcmp(what, "end-twice") == 0) {
        send_header(GUEST_FRAME_EOF, 0, GUEST_STREAM_STDOUT, 0);
        send_header(GUEST_FRAME_EOF, 0, GUEST_STREAM_STDOUT, 0);
    } else if (strcmp(what, "no-credit") == 0) {
        send_too_much();
    } else if (strcmp(what, "second-hello") == 0) {
        send_numbers(GUEST_FRAME_HELLO, 0, GUEST_WIRE_VERSION, 0, 8);
    } else if (strcmp(what, "third-ready") == 0) {
        send_header(GUEST_FRAME_READY, 0, 0, 0);
    } else if (strcmp(what, "host-signal") == 0) {
        send_numbers(GUEST_FRAME_SIGNAL, 0, SIGKILL, 0, 4);
    } else if (strcmp(what, "host-winsize") == 0) {
        send_numbers(GUEST_FRAME_WINSIZE, 0, 0, 0, 4);
    } else if (strcmp(what, "host-quit") == 0) {
        send_header(GUEST_FRAME_QUIT, 0, 0, 0);
    } else if (strcmp(what, "exit-of-no-kind") == 0) {
        send_exit(9, 0);
    } else if (strcmp(what, "exit-too-large") == 0) {
        send_exit(GUEST_EXIT_STATUS, 256);
    } else if (strcmp(what, "exit-before-end") == 0) {
        send_exit(GUEST_EXIT_STATUS, 0);
    } else if (strcmp(what, "exit-then-data") == 0) {
        send_end_of_output();
        send_exit(GUEST_EXIT_STATUS, 5);
        send_text(GUEST_STREAM_STDOUT, ESCAPES);
        send_fail(ESCAPES);
        send_garbage();
    } else if (strcmp(what, "exit-and-stay") == 0) {
        send_end_of_output();
        send_exit(GUEST_EXIT_STATUS, 6);
    } else if (strcmp(what, "fail-late") == 0) {
        send_fail(ESCAPES);
    } else if (strcmp(what, "small-frames") == 0) {
        send_small_frames();
        power_off();
    } else if (strcmp(what, "small-data") == 0) {
        send_small_data();
        send_end_of_output();
        send_exit(GUEST_EXIT_STATUS, 4);
        await(GUEST_FRAME_QUIT);
        power_off();
    } else if (strcmp(what, "credit-flood") == 0) {
        send_credit_flood();
        reads_nothing = true;
    } else if (strcmp(what, "clock-flood") == 0) {
        send_clock_flood();
        do_nothing();
    } else if (strcmp(what, "flood") == 0) {
        flood();
    } else if (strcmp(what, "no-input") == 0) {
        send_header(GUEST_FRAME_CLOSE, 0, GUEST_STREAM_STDIN, 0);
    } else if (strcmp(what, "raw") == 0) {
        raw_export_probe(more, say_line);
        send_end_of_output();
        send_exit(GUEST_EXIT_STATUS, 0);
        await(GUEST_FRAME_QUIT);
        power_off();
    } else if (strcmp(what, "log") == 0) {
        write_log();
        send_end_of_output();
        send_exit(GUEST_EXIT_STATUS, 0);
    } else {
        return false;
    }
    return true;
}

int
main(void)
{
    static struct settings settings;
    const char *what;
    sigset_t all;

    log_open();
    settings_read(&settings);
    if (settings.machine) {
        first_root_mount();
        modules_load(&settings);
        channel_open_port();
    }
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);

    what = settings.arguments[0];
    if (do_before_program(what)) {
        do_nothing();
    }
    start();
    if (!do_changes(what) && !do_with_program(what, (const char *const *)settings.arguments + 1)) {
        send_fail("hostile-init knows no such thing");
    }
    /* It never ends by itself; but unless it is to be unheard, it takes what the host says. */
    while (!reads_nothing) {
        struct pollfd wait = { .fd = channel_descriptor(), .events = POLLIN };

        poll(&wait, 1, -1);
        channel_receive();
        for (struct guest_frame frame; channel_next_in(&frame);) {
        }
    }
    do_nothing();
}
