/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/wire-private.h"
#include "libvirt-sandbox/error.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The host's end of the wire, with a peer that does what it should not. */

typedef struct {
    GVirSandboxWire *wire;
    int peer;
    GString *types;
    guint idle;
    guint closed;
    GError *error;
    guint8 refused_type;
} Fixture;

static void
on_frame(GVirSandboxWire *wire, const struct guest_frame *frame, GError **error, gpointer user_data)
{
    Fixture *fixture = user_data;

    g_assert_cmpuint(fixture->closed, ==, 0);
    g_string_append_printf(fixture->types, "%u ", frame->type);
    if (frame->type == fixture->refused_type)
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST, "not now");
}

static void
on_idle(GVirSandboxWire *wire, gpointer user_data)
{
    ((Fixture *)user_data)->idle++;
}

/* Frees the wire, as it may. */
static void
on_closed(GVirSandboxWire *wire, const GError *error, gpointer user_data)
{
    Fixture *fixture = user_data;

    fixture->closed++;
    fixture->error = error ? g_error_copy(error) : NULL;
    g_clear_pointer(&fixture->wire, gvir_sandbox_wire_free);
}

static const GVirSandboxWireHandlers handlers = { on_frame, on_idle, on_closed };

static void
set_up(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    int pair[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    fixture->wire = gvir_sandbox_wire_new(pair[0], &handlers, fixture);
    fixture->peer = pair[1];
    fixture->types = g_string_new(NULL);
    gvir_sandbox_wire_open(fixture->wire);
}

static void
tear_down(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_clear_pointer(&fixture->wire, gvir_sandbox_wire_free);
    if (fixture->peer >= 0)
        close(fixture->peer);
    g_string_free(fixture->types, TRUE);
    g_clear_error(&fixture->error);
}

static void
run_until_quiet(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static void
send_bytes(Fixture *fixture, const guint8 *data, gsize length)
{
    g_assert_cmpint(send(fixture->peer, data, length, MSG_NOSIGNAL), ==, (gssize)length);
}

static void
hang_up(Fixture *fixture)
{
    close(fixture->peer);
    fixture->peer = -1;
    run_until_quiet();
}

static gsize
make_frames(guint8 *out)
{
    gsize length = guest_frame_encode_empty(out, GUEST_FRAME_READY, 0);

    guest_frame_encode_header(out + length, GUEST_FRAME_DATA, GUEST_STREAM_STDOUT, 3);
    length += GUEST_FRAME_HEADER_SIZE;
    memcpy(out + length, "abc", 3);
    length += 3;
    return length + guest_frame_encode_exit(out + length, GUEST_EXIT_STATUS, 7);
}

static void
test_whole(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    guint8 frames[64];

    send_bytes(fixture, frames, make_frames(frames));
    run_until_quiet();
    g_assert_cmpstr(fixture->types->str, ==, "2 4 10 ");
    hang_up(fixture);
    g_assert_cmpuint(fixture->closed, ==, 1);
    g_assert_no_error(fixture->error);
}

/* Frames are frames however they arrive. */
static void
test_byte_by_byte(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    guint8 frames[64];
    gsize length = make_frames(frames);

    for (gsize i = 0; i < length; i++) {
        send_bytes(fixture, frames + i, 1);
        run_until_quiet();
    }
    g_assert_cmpstr(fixture->types->str, ==, "2 4 10 ");
    g_assert_cmpuint(fixture->closed, ==, 0);
}

static void
assert_broken(Fixture *fixture)
{
    run_until_quiet();
    g_assert_cmpuint(fixture->closed, ==, 1);
    g_assert_error(fixture->error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_PROTOCOL);
    g_assert_true(g_str_has_prefix(fixture->error->message, "the guest "));
}

/* What came before the nonsense counts, nothing after it does. */
static void
test_nonsense(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    guint8 frames[64];
    gsize length = guest_frame_encode_empty(frames, GUEST_FRAME_READY, 0);

    memset(frames + length, 0xff, 16);
    send_bytes(fixture, frames, length + 16);
    assert_broken(fixture);
    g_assert_cmpstr(fixture->types->str, ==, "2 ");
}

static void
test_huge_length(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    guint8 header[GUEST_FRAME_HEADER_SIZE];

    guest_frame_encode_header(header, GUEST_FRAME_DATA, GUEST_STREAM_STDOUT, G_MAXUINT32);
    send_bytes(fixture, header, sizeof header);
    assert_broken(fixture);
}

/* A guest that is killed does not finish its frame: an end like another, of which others know why. */
static void
test_half_a_frame(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    guint8 frames[64];
    gsize length = make_frames(frames);

    send_bytes(fixture, frames, length - 1);
    hang_up(fixture);
    run_until_quiet();
    g_assert_cmpuint(fixture->closed, ==, 1);
    g_assert_no_error(fixture->error);
    g_assert_cmpstr(fixture->types->str, ==, "2 4 ");
}

static void
test_refused(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    guint8 frames[64];

    fixture->refused_type = GUEST_FRAME_DATA;
    send_bytes(fixture, frames, make_frames(frames));
    run_until_quiet();
    g_assert_cmpstr(fixture->types->str, ==, "2 4 ");
    g_assert_cmpuint(fixture->closed, ==, 1);
    g_assert_error(fixture->error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST);
}

static void
test_paused(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    guint8 frames[64];
    gsize length = make_frames(frames);

    gvir_sandbox_wire_pause(fixture->wire);
    send_bytes(fixture, frames, length);
    run_until_quiet();
    g_assert_cmpstr(fixture->types->str, ==, "");
    gvir_sandbox_wire_open(fixture->wire);
    gvir_sandbox_wire_open(fixture->wire);
    run_until_quiet();
    g_assert_cmpstr(fixture->types->str, ==, "2 4 10 ");
}

/* What a peer does not take at once is kept for it, in order, and then it is said that all has left. */
static void
test_slow_reader(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    const gsize length = 3 * 1024 * 1024;
    g_autofree guint8 *sent = g_malloc(length);
    g_autofree guint8 *received = g_malloc(length);
    gsize done = 0;

    for (gsize i = 0; i < length; i++)
        sent[i] = (guint8)(i * 7 + i / 251);
    gvir_sandbox_wire_send(fixture->wire, sent, length / 2);
    g_assert_false(gvir_sandbox_wire_is_idle(fixture->wire));
    gvir_sandbox_wire_send(fixture->wire, sent + length / 2, length - length / 2);
    while (done < length) {
        gssize got = recv(fixture->peer, received + done, length - done, MSG_DONTWAIT);

        if (got > 0)
            done += (gsize)got;
        run_until_quiet();
    }
    g_assert_cmpmem(sent, length, received, length);
    g_assert_true(gvir_sandbox_wire_is_idle(fixture->wire));
    g_assert_cmpuint(fixture->idle, ==, 1);
    g_assert_cmpuint(fixture->closed, ==, 0);
}

/* A peer that never reads is not kept an ever growing pile for. */
static void
test_no_reader(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree guint8 *chunk = g_malloc0(65536);

    for (guint i = 0; i < 1000 && fixture->wire; i++)
        gvir_sandbox_wire_send(fixture->wire, chunk, 65536);
    assert_broken(fixture);
}

/* Sending to a peer that is gone neither kills us nor hides its last frames. */
static void
test_gone(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    guint8 frames[64];
    gsize length = make_frames(frames);

    send_bytes(fixture, frames, length);
    close(fixture->peer);
    fixture->peer = -1;
    gvir_sandbox_wire_send(fixture->wire, frames, length);
    run_until_quiet();
    g_assert_cmpstr(fixture->types->str, ==, "2 4 10 ");
    g_assert_cmpuint(fixture->closed, ==, 1);
    g_assert_no_error(fixture->error);
}

#define ADD(name, function) g_test_add("/wire/" name, Fixture, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("whole", test_whole);
    ADD("byte-by-byte", test_byte_by_byte);
    ADD("nonsense", test_nonsense);
    ADD("huge-length", test_huge_length);
    ADD("half-a-frame", test_half_a_frame);
    ADD("refused", test_refused);
    ADD("paused", test_paused);
    ADD("slow-reader", test_slow_reader);
    ADD("no-reader", test_no_reader);
    ADD("gone", test_gone);
    return g_test_run();
}
