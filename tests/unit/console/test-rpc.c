/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/libvirt-sandbox.h"

#include "libvirt-sandbox/console/console-private.h"
#include "libvirt-sandbox/console/rpc-private.h"
#include "libvirt-sandbox/guest/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The life of a console, with this test at the guest's end of the wire. Guests that break the rules are elsewhere. */

typedef struct {
    GVirSandboxConsole *console;
    int guest;
    int input[2]; /* of the program, as its user has them */
    int output[2];
    int errors[2];
    GByteArray *heard; /* of the host, without whole frames */
    GString *frames;   /* those, in words */
    GString *events;   /* signals of the console, in order */
} Fixture;

/* --- the user -------------------------------------------------------------------------------- */

static void
on_exited(GVirSandboxConsoleRpc *console G_GNUC_UNUSED, gint status, gpointer user_data)
{
    g_string_append_printf(((Fixture *)user_data)->events, "exited %d,", status);
}

static void
on_failed(GVirSandboxConsole *console G_GNUC_UNUSED, const GError *error, gpointer user_data)
{
    g_assert_true(error->domain == GVIR_SANDBOX_ERROR);
    g_string_append_printf(((Fixture *)user_data)->events, "failed %d %s,", error->code, error->message);
}

static void
on_closed(GVirSandboxConsole *console G_GNUC_UNUSED, gboolean early, gpointer user_data)
{
    g_string_append(((Fixture *)user_data)->events, early ? "closed early," : "closed,");
}

static void
turn(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static void
attach(Fixture *fixture)
{
    g_autoptr(GInputStream) input = g_unix_input_stream_new(fixture->input[0], FALSE);
    g_autoptr(GOutputStream) output = g_unix_output_stream_new(fixture->output[1], FALSE);
    g_autoptr(GOutputStream) errors = g_unix_output_stream_new(fixture->errors[1], FALSE);
    g_autoptr(GError) error = NULL;

    gvir_sandbox_console_attach(fixture->console, G_UNIX_INPUT_STREAM(input), G_UNIX_OUTPUT_STREAM(output),
                                G_UNIX_OUTPUT_STREAM(errors), &error);
    g_assert_no_error(error);
    turn();
}

static void
make_pipe(int *ends)
{
    g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
    g_assert_cmpint(fcntl(ends[0], F_SETFL, O_NONBLOCK), ==, 0);
}

static void
set_up(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    int ends[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
    fixture->guest = ends[1];
    make_pipe(fixture->input);
    make_pipe(fixture->output);
    make_pipe(fixture->errors);
    fixture->heard = g_byte_array_new();
    fixture->frames = g_string_new(NULL);
    fixture->events = g_string_new(NULL);
    fixture->console = GVIR_SANDBOX_CONSOLE(gvir_sandbox_console_rpc_new(NULL, NULL, "test"));
    gvir_sandbox_console_rpc_set_descriptor(GVIR_SANDBOX_CONSOLE_RPC(fixture->console), ends[0]);
    gvir_sandbox_console_rpc_set_program(GVIR_SANDBOX_CONSOLE_RPC(fixture->console), "program");
    g_signal_connect(fixture->console, "exited", G_CALLBACK(on_exited), fixture);
    g_signal_connect(fixture->console, "failed", G_CALLBACK(on_failed), fixture);
    g_signal_connect(fixture->console, "closed", G_CALLBACK(on_closed), fixture);
}

static void
close_pipe(int *ends)
{
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0)
            close(ends[i]);
    }
}

static void
tear_down(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_clear_object(&fixture->console);
    if (fixture->guest >= 0)
        close(fixture->guest);
    close_pipe(fixture->input);
    close_pipe(fixture->output);
    close_pipe(fixture->errors);
    g_byte_array_unref(fixture->heard);
    g_string_free(fixture->frames, TRUE);
    g_string_free(fixture->events, TRUE);
}

static void
user_types(Fixture *fixture, const gchar *text)
{
    g_assert_cmpint(write(fixture->input[1], text, strlen(text)), ==, (gssize)strlen(text));
    turn();
}

static void
expect_text(int fd, const gchar *expected)
{
    gchar text[256];
    gssize got = read(fd, text, sizeof(text) - 1);

    text[MAX(got, 0)] = '\0';
    g_assert_cmpstr(text, ==, expected);
}

static void
expect_events(Fixture *fixture, const gchar *expected)
{
    turn();
    g_assert_cmpstr(fixture->events->str, ==, expected);
    g_string_truncate(fixture->events, 0);
}

/* --- the guest ------------------------------------------------------------------------------- */

static void
say(Fixture *fixture, const guint8 *frame, gsize length)
{
    g_assert_cmpint(send(fixture->guest, frame, length, MSG_NOSIGNAL), ==, (gssize)length);
    turn();
}

#define SAY(fixture, encode, ...)                                                                                      \
    G_STMT_START                                                                                                       \
    {                                                                                                                  \
        guint8 frame_[GUEST_FRAME_CONTROL_MAX];                                                                        \
        say(fixture, frame_, encode(frame_, __VA_ARGS__));                                                             \
    }                                                                                                                  \
    G_STMT_END

static void
say_data(Fixture *fixture, guint16 stream, const gchar *text)
{
    guint8 frame[256];

    guest_frame_encode_header(frame, GUEST_FRAME_DATA, stream, strlen(text));
    memcpy(frame + GUEST_FRAME_HEADER_SIZE, text, strlen(text));
    say(fixture, frame, GUEST_FRAME_HEADER_SIZE + strlen(text));
}

static void
describe(GString *text, const struct guest_frame *frame)
{
    switch (frame->type) {
    case GUEST_FRAME_HELLO:
        g_string_append_printf(text, "hello %u,", guest_frame_u32(frame, 0));
        break;
    case GUEST_FRAME_READY:
        g_string_append(text, "ready,");
        break;
    case GUEST_FRAME_DATA:
        g_string_append_printf(text, "data %u %.*s,", frame->stream, (int)frame->length, frame->payload);
        break;
    case GUEST_FRAME_EOF:
        g_string_append_printf(text, "eof %u,", frame->stream);
        break;
    case GUEST_FRAME_CREDIT:
        g_string_append_printf(text, "credit %u,", frame->stream);
        g_assert_cmpuint(guest_frame_u32(frame, 0), <=, GUEST_STREAM_WINDOW);
        break;
    case GUEST_FRAME_CLOSE:
        g_string_append_printf(text, "close %u,", frame->stream);
        break;
    case GUEST_FRAME_WINSIZE:
        g_string_append_printf(text, "size %ux%u,", guest_frame_u16(frame, 2), guest_frame_u16(frame, 0));
        break;
    case GUEST_FRAME_SIGNAL:
        g_string_append_printf(text, "signal %u,", guest_frame_u32(frame, 0));
        break;
    case GUEST_FRAME_QUIT:
        g_string_append(text, "quit,");
        break;
    case GUEST_FRAME_CLOCK:
        g_string_append_printf(text, "clock %" G_GUINT64_FORMAT ",", guest_frame_u64(frame, 0));
        g_assert_cmpuint(guest_frame_u64(frame, 8), >, 0);
        break;
    default:
        g_string_append_printf(text, "type %u,", frame->type);
    }
}

static void
hear(Fixture *fixture)
{
    struct guest_frame frame;
    const gchar *reason;
    guint8 bytes[4096];
    gssize got;
    gsize used;

    while ((got = recv(fixture->guest, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
        g_byte_array_append(fixture->heard, bytes, (guint)got);
    while (guest_frame_decode(fixture->heard->data, fixture->heard->len, &frame, &used, &reason) ==
           GUEST_FRAME_COMPLETE) {
        describe(fixture->frames, &frame);
        g_byte_array_remove_range(fixture->heard, 0, (guint)used);
    }
    g_assert_cmpuint(fixture->heard->len, ==, 0);
}

/* What the host has said since this was called last. */
static void
expect_frames(Fixture *fixture, const gchar *expected)
{
    turn();
    hear(fixture);
    g_assert_cmpstr(fixture->frames->str, ==, expected);
    g_string_truncate(fixture->frames, 0);
}

static void
greet(Fixture *fixture)
{
    SAY(fixture, guest_frame_encode_hello, GUEST_WIRE_VERSION, 0);
    expect_frames(fixture, "hello 1,");
}

/* To where the program runs. */
static void
start(Fixture *fixture)
{
    attach(fixture);
    greet(fixture);
    SAY(fixture, guest_frame_encode_empty, GUEST_FRAME_READY, 0);
    expect_frames(fixture, "credit 1,credit 2,ready,");
    SAY(fixture, guest_frame_encode_empty, GUEST_FRAME_READY, 0);
    expect_frames(fixture, "");
}

static void
end(Fixture *fixture, guint how, guint value)
{
    SAY(fixture, guest_frame_encode_empty, GUEST_FRAME_EOF, GUEST_STREAM_STDOUT);
    SAY(fixture, guest_frame_encode_empty, GUEST_FRAME_EOF, GUEST_STREAM_STDERR);
    SAY(fixture, guest_frame_encode_exit, how, value);
}

/* --- the tests ------------------------------------------------------------------------------- */

static void
test_whole_life(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    attach(fixture);
    /* The guest is the first to speak. */
    expect_frames(fixture, "");
    greet(fixture);
    SAY(fixture, guest_frame_encode_clock, 42, 0);
    expect_frames(fixture, "clock 42,");
    SAY(fixture, guest_frame_encode_empty, GUEST_FRAME_READY, 0);
    expect_frames(fixture, "credit 1,credit 2,ready,");

    /* Input is not sent to a program that does not run yet. */
    SAY(fixture, guest_frame_encode_credit, GUEST_STREAM_STDIN, 100);
    user_types(fixture, "hello");
    expect_frames(fixture, "");
    SAY(fixture, guest_frame_encode_empty, GUEST_FRAME_READY, 0);
    expect_frames(fixture, "data 0 hello,");

    say_data(fixture, GUEST_STREAM_STDOUT, "out");
    say_data(fixture, GUEST_STREAM_STDERR, "err");
    expect_text(fixture->output[0], "out");
    expect_text(fixture->errors[0], "err");

    SAY(fixture, guest_frame_encode_taken, GUEST_STREAM_STDIN, 5);
    close(fixture->input[1]);
    fixture->input[1] = -1;
    expect_frames(fixture, "eof 0,");
    expect_events(fixture, "");

    end(fixture, GUEST_EXIT_STATUS, 7);
    expect_events(fixture, "exited 1792,closed,");
    expect_frames(fixture, "quit,");
}

/* What the program did not read is left in the pipe for who reads it next. */
static void
test_input_left(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    start(fixture);
    SAY(fixture, guest_frame_encode_credit, GUEST_STREAM_STDIN, 100);
    user_types(fixture, "onetwo");
    expect_frames(fixture, "data 0 onetwo,");
    SAY(fixture, guest_frame_encode_taken, GUEST_STREAM_STDIN, 3);
    end(fixture, GUEST_EXIT_STATUS, 0);
    expect_events(fixture, "exited 0,closed,");
    expect_text(fixture->input[0], "two");
}

/* No more is sent than was granted. */
static void
test_credit(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    start(fixture);
    user_types(fixture, "abcdef");
    expect_frames(fixture, "");
    SAY(fixture, guest_frame_encode_credit, GUEST_STREAM_STDIN, 2);
    expect_frames(fixture, "data 0 ab,");
    SAY(fixture, guest_frame_encode_taken, GUEST_STREAM_STDIN, 2);
    expect_frames(fixture, "data 0 cd,");
}

static void
test_signals(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    GVirSandboxConsoleRpc *rpc = GVIR_SANDBOX_CONSOLE_RPC(fixture->console);
    g_autoptr(GError) error = NULL;

    start(fixture);
    g_assert_false(gvir_sandbox_console_rpc_send_signal(rpc, 65, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_true(gvir_sandbox_console_rpc_send_signal(rpc, SIGTERM, &error));
    expect_frames(fixture, "signal 15,");
    end(fixture, GUEST_EXIT_SIGNAL, SIGTERM);
    expect_events(fixture, "exited 15,closed,");
    g_assert_false(gvir_sandbox_console_rpc_send_signal(rpc, SIGTERM, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
}

/* While the guest boots there is nobody to take them yet. */
static void
test_early_signals(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    GVirSandboxConsoleRpc *rpc = GVIR_SANDBOX_CONSOLE_RPC(fixture->console);
    g_autoptr(GError) error = NULL;

    g_assert_true(gvir_sandbox_console_rpc_send_signal(rpc, SIGUSR1, &error));
    attach(fixture);
    greet(fixture);
    g_assert_true(gvir_sandbox_console_rpc_send_signal(rpc, 64, &error));
    g_assert_true(gvir_sandbox_console_rpc_send_signal(rpc, 64, &error));
    g_assert_no_error(error);
    g_assert_false(gvir_sandbox_console_rpc_is_running(rpc));
    expect_frames(fixture, "");
    SAY(fixture, guest_frame_encode_empty, GUEST_FRAME_READY, 0);
    expect_frames(fixture, "credit 1,credit 2,ready,signal 10,signal 64,");
    g_assert_true(gvir_sandbox_console_rpc_is_running(rpc));
}

static void
test_early_quit(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    GVirSandboxConsoleRpc *rpc = GVIR_SANDBOX_CONSOLE_RPC(fixture->console);
    g_autoptr(GError) error = NULL;

    attach(fixture);
    greet(fixture);
    g_assert_true(gvir_sandbox_console_rpc_quit(rpc, &error));
    g_assert_no_error(error);
    expect_events(fixture, "closed,");
    g_assert_cmpint(recv(fixture->guest, &error, 1, MSG_DONTWAIT), ==, 0);
    /* It is over already. */
    g_assert_true(gvir_sandbox_console_rpc_quit(rpc, &error));
    expect_events(fixture, "");
}

/* Before anybody was joined to it. */
static void
test_quit_unattached(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(gvir_sandbox_console_rpc_quit(GVIR_SANDBOX_CONSOLE_RPC(fixture->console), &error));
    g_assert_no_error(error);
    expect_events(fixture, "closed,");
    g_assert_false(gvir_sandbox_console_isolate(fixture->console, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
}

/* Whoever ends a sandbox sees its last output, and is told of no failure. */
static void
test_stopped(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    GVirSandboxConsoleRpc *rpc = GVIR_SANDBOX_CONSOLE_RPC(fixture->console);

    start(fixture);
    say_data(fixture, GUEST_STREAM_STDOUT, "last");
    gvir_sandbox_console_rpc_set_stopped(rpc, TRUE);
    expect_events(fixture, "");
    close(fixture->guest);
    fixture->guest = -1;
    expect_events(fixture, "closed,");
    expect_text(fixture->output[0], "last");
    gvir_sandbox_console_rpc_release(g_object_ref(rpc));
    expect_events(fixture, "");
}

/* The wire of a detached console is not read, so that its end is not seen. */
static void
test_stopped_detached(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    start(fixture);
    g_assert_true(gvir_sandbox_console_detach(fixture->console, NULL));
    gvir_sandbox_console_rpc_release(g_object_ref(GVIR_SANDBOX_CONSOLE_RPC(fixture->console)));
    expect_events(fixture, "closed,");
}

/* In Python and JavaScript a stream goes with its wrapper, and its descriptor goes with the stream. */
static void
test_streams_held(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    GOutputStream *output = g_unix_output_stream_new(fixture->output[1], TRUE);
    g_autoptr(GError) error = NULL;

    fixture->output[1] = -1;
    g_object_add_weak_pointer(G_OBJECT(output), (gpointer *)&output);
    g_assert_true(gvir_sandbox_console_attach(fixture->console, NULL, G_UNIX_OUTPUT_STREAM(output), NULL, &error));
    g_assert_no_error(error);
    g_object_unref(output);
    g_assert_nonnull(output);
    greet(fixture);
    SAY(fixture, guest_frame_encode_empty, GUEST_FRAME_READY, 0);
    SAY(fixture, guest_frame_encode_empty, GUEST_FRAME_READY, 0);
    say_data(fixture, GUEST_STREAM_STDOUT, "out");
    expect_text(fixture->output[0], "out");
    g_assert_true(gvir_sandbox_console_detach(fixture->console, &error));
    g_assert_null(output);
}

static void
test_quit(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    GVirSandboxConsoleRpc *rpc = GVIR_SANDBOX_CONSOLE_RPC(fixture->console);
    g_autoptr(GError) error = NULL;

    start(fixture);
    g_assert_false(gvir_sandbox_console_rpc_was_told_to_quit(rpc));
    g_assert_true(gvir_sandbox_console_rpc_quit(rpc, &error));
    g_assert_no_error(error);
    expect_frames(fixture, "quit,");
    end(fixture, GUEST_EXIT_SIGNAL, SIGKILL);
    expect_events(fixture, "exited 9,closed,");
    g_assert_true(gvir_sandbox_console_rpc_was_told_to_quit(rpc));
}

/* The program has a terminal, though its user does not. */
static void
test_terminal_size(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    GVirSandboxConsoleRpc *rpc = GVIR_SANDBOX_CONSOLE_RPC(fixture->console);
    g_autoptr(GError) error = NULL;

    gvir_sandbox_console_set_terminal(fixture->console, TRUE, TRUE, TRUE);
    attach(fixture);
    greet(fixture);
    SAY(fixture, guest_frame_encode_empty, GUEST_FRAME_READY, 0);
    expect_frames(fixture, "size 80x24,credit 1,credit 2,ready,");
    g_assert_true(gvir_sandbox_console_rpc_set_size(rpc, 50, 132, &error));
    expect_frames(fixture, "size 132x50,");
    g_assert_false(gvir_sandbox_console_rpc_set_size(rpc, 0, 132, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
}

/* A program that is not there has the status that a shell gives it, and a reason. */
static void
test_no_program(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree gchar *expected = g_strdup_printf("exited %d,failed %d program: %s,closed early,", 127 << 8,
                                                 GVIR_SANDBOX_ERROR_NOT_FOUND, g_strerror(ENOENT));

    attach(fixture);
    greet(fixture);
    SAY(fixture, guest_frame_encode_empty, GUEST_FRAME_READY, 0);
    SAY(fixture, guest_frame_encode_exit, GUEST_EXIT_EXEC, ENOENT);
    expect_events(fixture, expected);
    expect_frames(fixture, "credit 1,credit 2,ready,quit,");
}

static void
test_no_sandbox(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree gchar *expected = g_strdup_printf("failed %d no such disk,closed early,", GVIR_SANDBOX_ERROR_GUEST);

    attach(fixture);
    greet(fixture);
    SAY(fixture, guest_frame_encode_fail, GUEST_STAGE_DISKS, ENOENT, "no such disk");
    expect_events(fixture, expected);
}

/* Nothing is lost while nobody is there to read it. */
static void
test_attached_again(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;

    start(fixture);
    say_data(fixture, GUEST_STREAM_STDOUT, "one");
    expect_text(fixture->output[0], "one");
    g_assert_true(gvir_sandbox_console_detach(fixture->console, &error));
    g_assert_no_error(error);
    say_data(fixture, GUEST_STREAM_STDOUT, "two");
    end(fixture, GUEST_EXIT_STATUS, 0);
    expect_text(fixture->output[0], "");
    expect_events(fixture, "");
    attach(fixture);
    expect_text(fixture->output[0], "two");
    expect_events(fixture, "exited 0,closed,");
}

/* A reader that goes away is the program's business, which is told. */
static void
test_reader_gone(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    start(fixture);
    close(fixture->output[0]);
    fixture->output[0] = -1;
    say_data(fixture, GUEST_STREAM_STDOUT, "out");
    expect_frames(fixture, "close 1,");
    end(fixture, GUEST_EXIT_SIGNAL, SIGPIPE);
    expect_events(fixture, "exited 13,closed,");
}

int
main(int argc, char **argv)
{
    static const struct {
        const gchar *path;
        void (*test)(Fixture *fixture, gconstpointer data);
    } tests[] = {
        { "/rpc/whole-life", test_whole_life },
        { "/rpc/input-left", test_input_left },
        { "/rpc/credit", test_credit },
        { "/rpc/signals", test_signals },
        { "/rpc/early-signals", test_early_signals },
        { "/rpc/early-quit", test_early_quit },
        { "/rpc/quit-unattached", test_quit_unattached },
        { "/rpc/stopped", test_stopped },
        { "/rpc/stopped-detached", test_stopped_detached },
        { "/rpc/streams-held", test_streams_held },
        { "/rpc/quit", test_quit },
        { "/rpc/terminal-size", test_terminal_size },
        { "/rpc/no-program", test_no_program },
        { "/rpc/no-sandbox", test_no_sandbox },
        { "/rpc/attached-again", test_attached_again },
        { "/rpc/reader-gone", test_reader_gone },
    };

    g_test_init(&argc, &argv, NULL);
    signal(SIGPIPE, SIG_IGN);
    for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
    return g_test_run();
}
