/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/wire/program-input-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/util/error-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define CREDIT 1000

typedef struct {
    int guest;
    GVirSandboxWire *wire;
    GVirSandboxProgramInput *input;
    GError *error;        /* with which a frame was refused */
    GByteArray *received; /* of a frame that is not complete */
    GString *delivered;   /* to the guest */
    guint16 stream;       /* of the last frame */
    guint asked;
    gboolean ended;
} Fixture;

static void
on_frame(GVirSandboxWire *wire G_GNUC_UNUSED, const struct guest_frame *frame, GError **error, gpointer user_data)
{
    Fixture *fixture = user_data;

    gvir_sandbox_program_input_handle(fixture->input, frame, error);
    if (*error)
        fixture->error = g_error_copy(*error);
}

static gssize
on_splice(GVirSandboxWire *wire G_GNUC_UNUSED, guint stream G_GNUC_UNUSED, int fd G_GNUC_UNUSED,
          gsize length G_GNUC_UNUSED, gpointer user_data G_GNUC_UNUSED)
{
    return 0;
}

static void
on_idle(GVirSandboxWire *wire G_GNUC_UNUSED, gpointer user_data)
{
    Fixture *fixture = user_data;

    gvir_sandbox_program_input_resume(fixture->input);
}

static void
on_closed(GVirSandboxWire *wire G_GNUC_UNUSED, const GError *error G_GNUC_UNUSED, gpointer user_data G_GNUC_UNUSED)
{
}

static void
on_read(const guint8 *data G_GNUC_UNUSED, gsize length G_GNUC_UNUSED, gpointer user_data G_GNUC_UNUSED)
{
}

static const GVirSandboxWireHandlers handlers = { on_frame, on_splice, on_idle, on_closed };

static void
set_up(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    int ends[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
    fixture->guest = ends[1];
    fixture->wire = gvir_sandbox_wire_new(ends[0], &handlers, fixture);
    fixture->input = gvir_sandbox_program_input_new(fixture->wire, GUEST_STREAM_STDIN, on_read, fixture);
    fixture->received = g_byte_array_new();
    fixture->delivered = g_string_new(NULL);
    gvir_sandbox_wire_open(fixture->wire);
}

static void
tear_down(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    gvir_sandbox_program_input_free(fixture->input);
    gvir_sandbox_wire_free(fixture->wire);
    g_clear_error(&fixture->error);
    g_byte_array_unref(fixture->received);
    g_string_free(fixture->delivered, TRUE);
    close(fixture->guest);
}

static void
receive(Fixture *fixture)
{
    static guint8 bytes[65536];
    gssize got = recv(fixture->guest, bytes, sizeof(bytes), MSG_DONTWAIT);
    struct guest_frame frame;
    const char *reason;
    size_t used;

    if (got > 0)
        g_byte_array_append(fixture->received, bytes, (guint)got);
    while (guest_frame_decode(fixture->received->data, fixture->received->len, &frame, &used, &reason) ==
           GUEST_FRAME_COMPLETE) {
        fixture->stream = frame.stream;
        if (frame.type == GUEST_FRAME_EOF)
            fixture->ended = TRUE;
        else if (frame.type == GUEST_FRAME_ASK)
            fixture->asked++;
        else
            g_string_append_len(fixture->delivered, (const gchar *)frame.payload, frame.length);
        g_byte_array_remove_range(fixture->received, 0, (guint)used);
    }
}

static void
turn(Fixture *fixture)
{
    gsize before;

    do {
        before = fixture->delivered->len;
        while (g_main_context_iteration(NULL, FALSE))
            receive(fixture);
        receive(fixture);
    } while (fixture->delivered->len > before);
}

static void
say(Fixture *fixture, gsize (*encode)(guint8 *, guint16, guint32), guint32 bytes)
{
    guint8 frame[GUEST_FRAME_CONTROL_MAX];
    gsize length = encode(frame, GUEST_STREAM_STDIN, bytes);

    g_assert_cmpint(send(fixture->guest, frame, length, MSG_NOSIGNAL), ==, (gssize)length);
    turn(fixture);
}

static void
start(Fixture *fixture, int source)
{
    gvir_sandbox_program_input_attach(fixture->input, source);
    gvir_sandbox_program_input_start(fixture->input);
    say(fixture, guest_frame_encode_credit, CREDIT);
}

/* What the next reader would find. */
static void
assert_left(int source, const gchar *expected)
{
    gchar text[100] = "";
    gssize got;

    fcntl(source, F_SETFL, fcntl(source, F_GETFL) | O_NONBLOCK);
    got = read(source, text, sizeof(text) - 1);
    g_assert_true(got >= 0 || errno == EAGAIN);
    g_assert_cmpstr(text, ==, expected);
}

/* A source that has @text: a "file", a "pipe" or a "socket"; @writer is its other end, or -1. */
static int
make_source(const gchar *kind, const gchar *text, int *writer)
{
    int ends[2] = { -1, -1 };
    gboolean is_file = g_str_equal(kind, "file");

    if (is_file)
        ends[0] = ends[1] = memfd_create("source", MFD_CLOEXEC);
    else if (g_str_equal(kind, "pipe"))
        g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
    else
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
    g_assert_cmpint(write(ends[1], text, strlen(text)), ==, (gssize)strlen(text));
    *writer = is_file ? -1 : ends[1];
    if (is_file)
        lseek(ends[0], 0, SEEK_SET);
    return ends[0];
}

static void
close_source(int source, int writer)
{
    close(source);
    if (writer >= 0)
        close(writer);
}

static void
test_unread(Fixture *fixture, gconstpointer data)
{
    int writer, source = make_source(data, "a\nb\n", &writer);

    start(fixture, source);
    g_assert_cmpstr(fixture->delivered->str, ==, "a\nb\n");
    gvir_sandbox_program_input_stop(fixture->input);
    gvir_sandbox_program_input_detach(fixture->input);
    assert_left(source, "a\nb\n");
    close_source(source, writer);
}

static void
test_part(Fixture *fixture, gconstpointer data)
{
    int writer, source = make_source(data, "a\nb\nc\n", &writer);

    start(fixture, source);
    say(fixture, guest_frame_encode_taken, 1);
    say(fixture, guest_frame_encode_taken, 2);
    g_assert_no_error(fixture->error);
    g_assert_cmpstr(fixture->delivered->str, ==, "a\nb\nc\n");
    assert_left(source, "\nc\n");
    close_source(source, writer);
}

static void
test_all(Fixture *fixture, gconstpointer data)
{
    int writer, source = make_source(data, "first", &writer);

    start(fixture, source);
    say(fixture, guest_frame_encode_taken, 5);
    if (writer >= 0) {
        g_assert_false(fixture->ended);
        g_assert_cmpint(write(writer, "second", 6), ==, 6);
        turn(fixture);
        g_assert_cmpstr(fixture->delivered->str, ==, "firstsecond");
        close(writer);
        turn(fixture);
        g_assert_false(fixture->ended);
        say(fixture, guest_frame_encode_taken, 6);
    }
    g_assert_true(fixture->ended);
    assert_left(source, "");
    close(source);
}

static void
test_small_credit(Fixture *fixture, gconstpointer data)
{
    int writer, source = make_source(data, "abcdef", &writer);

    gvir_sandbox_program_input_attach(fixture->input, source);
    gvir_sandbox_program_input_start(fixture->input);
    turn(fixture);
    g_assert_cmpstr(fixture->delivered->str, ==, "");
    say(fixture, guest_frame_encode_credit, 3);
    g_assert_cmpstr(fixture->delivered->str, ==, "abc");
    say(fixture, guest_frame_encode_taken, 3);
    g_assert_cmpstr(fixture->delivered->str, ==, "abcdef");
    assert_left(source, "def");
    close_source(source, writer);
}

/* As who stops virt-sandbox at a terminal does it. */
static void
test_again(Fixture *fixture, gconstpointer data)
{
    int writer, source = make_source(data, "abcdef", &writer);

    start(fixture, source);
    say(fixture, guest_frame_encode_taken, 2);
    gvir_sandbox_program_input_detach(fixture->input);
    say(fixture, guest_frame_encode_taken, 1);
    gvir_sandbox_program_input_attach(fixture->input, source);
    turn(fixture);
    g_assert_cmpstr(fixture->delivered->str, ==, "abcdef");
    say(fixture, guest_frame_encode_taken, 1);
    assert_left(source, "ef");
    close_source(source, writer);
}

/* A file would have ended. */
static void
test_other(Fixture *fixture, gconstpointer data)
{
    int writer, other_writer;
    int source = make_source(data, "abc", &writer), other = make_source(data, "DEF", &other_writer);

    start(fixture, source);
    gvir_sandbox_program_input_detach(fixture->input);
    gvir_sandbox_program_input_attach(fixture->input, other);
    turn(fixture);
    g_assert_cmpstr(fixture->delivered->str, ==, "abcDEF");
    say(fixture, guest_frame_encode_taken, 4);
    assert_left(source, "abc");
    assert_left(other, "EF");
    close_source(source, writer);
    close_source(other, other_writer);
}

static void
test_too_much(Fixture *fixture, gconstpointer data)
{
    int writer, source = make_source(data, "abc", &writer);

    start(fixture, source);
    say(fixture, guest_frame_encode_taken, 2);
    g_assert_no_error(fixture->error);
    say(fixture, guest_frame_encode_taken, 2);
    g_assert_error(fixture->error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_PROTOCOL);
    assert_left(source, "c");
    close_source(source, writer);
}

/* Another reader was faster: nothing waits for what is not there. */
static void
test_stolen(Fixture *fixture, gconstpointer data)
{
    int writer, source = make_source(data, "abc", &writer);

    start(fixture, source);
    assert_left(source, "abc");
    say(fixture, guest_frame_encode_taken, 3);
    g_assert_no_error(fixture->error);
    close_source(source, writer);
}

static void
want(Fixture *fixture)
{
    guint8 frame[GUEST_FRAME_CONTROL_MAX];
    gsize length = guest_frame_encode_empty(frame, GUEST_FRAME_WANTED, GUEST_STREAM_KEYS);

    g_assert_cmpint(send(fixture->guest, frame, length, MSG_NOSIGNAL), ==, (gssize)length);
    turn(fixture);
}

/* What is typed is left to others until somebody wants it; and then it is a stream of its own. */
static void
test_keys(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    int keyboard = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    int terminal;

    gvir_sandbox_program_input_free(fixture->input);
    fixture->input = gvir_sandbox_program_input_new(fixture->wire, GUEST_STREAM_KEYS, NULL, fixture);
    gvir_sandbox_program_input_set_patient(fixture->input, TRUE);
    g_assert_cmpint(grantpt(keyboard), ==, 0);
    g_assert_cmpint(unlockpt(keyboard), ==, 0);
    terminal = open(ptsname(keyboard), O_RDWR | O_NOCTTY | O_CLOEXEC);
    g_assert_cmpint(write(keyboard, "one\n", 4), ==, 4);
    start(fixture, terminal);
    g_assert_cmpuint(fixture->asked, ==, 1);
    g_assert_cmpuint(fixture->stream, ==, GUEST_STREAM_KEYS);
    g_assert_false(gvir_sandbox_program_input_is_wanted(fixture->input));
    g_assert_cmpstr(fixture->delivered->str, ==, "");
    want(fixture);
    g_assert_cmpstr(fixture->delivered->str, ==, "one\n");
    g_assert_cmpuint(fixture->stream, ==, GUEST_STREAM_KEYS);
    g_assert_cmpint(write(keyboard, "two\n", 4), ==, 4);
    turn(fixture);
    g_assert_cmpstr(fixture->delivered->str, ==, "one\n");
    gvir_sandbox_program_input_set_patient(fixture->input, FALSE);
    gvir_sandbox_program_input_resume(fixture->input);
    turn(fixture);
    g_assert_cmpstr(fixture->delivered->str, ==, "one\ntwo\n");
    say(fixture, guest_frame_encode_taken, 9);
    g_assert_error(fixture->error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_PROTOCOL);
    close(terminal);
    close(keyboard);
}

/* What was delivered since is taken. */
static void
take_all(Fixture *fixture, gsize *told)
{
    gsize length = fixture->delivered->len - *told;

    *told += length;
    if (length > 0)
        say(fixture, guest_frame_encode_taken, (guint32)length);
}

/* More than a frame or a pipe holds, and all of it different. */
static void
test_bulk(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int writer, source = make_source(data, "", &writer);
    gsize written = 0, told = 0;

    for (guint i = 0; i < 60000; i++)
        g_string_append_printf(text, "line %u\n", i);
    if (writer < 0) {
        g_assert_cmpint(write(source, text->str, text->len), ==, (gssize)text->len);
        lseek(source, 0, SEEK_SET);
        written = text->len;
    }
    start(fixture, source);
    say(fixture, guest_frame_encode_credit, GUEST_STREAM_WINDOW);
    while (told < text->len) {
        if (writer >= 0 && written < text->len) {
            gsize length = MIN(text->len - written, 40000);

            g_assert_cmpint(write(writer, text->str + written, length), ==, (gssize)length);
            written += length;
        }
        turn(fixture);
        take_all(fixture, &told);
    }
    g_assert_true(g_string_equal(fixture->delivered, text));
    assert_left(source, "");
    close_source(source, writer);
}

#define ADD(name, test)                                                                                                \
    g_test_add("/program-input/" name "/file", Fixture, "file", set_up, test, tear_down);                              \
    g_test_add("/program-input/" name "/pipe", Fixture, "pipe", set_up, test, tear_down);                              \
    g_test_add("/program-input/" name "/socket", Fixture, "socket", set_up, test, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("unread", test_unread);
    ADD("part", test_part);
    ADD("all", test_all);
    ADD("small-credit", test_small_credit);
    ADD("again", test_again);
    g_test_add("/program-input/other/pipe", Fixture, "pipe", set_up, test_other, tear_down);
    g_test_add("/program-input/other/socket", Fixture, "socket", set_up, test_other, tear_down);
    ADD("too-much", test_too_much);
    ADD("stolen", test_stolen);
    ADD("bulk", test_bulk);
    g_test_add("/program-input/keys", Fixture, NULL, set_up, test_keys, tear_down);
    return g_test_run();
}
