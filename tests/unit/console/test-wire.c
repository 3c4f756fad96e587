/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/wire/wire-private.h"
#include "libvirt-sandbox/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The host's end of the wire, with a peer that does what it should not. */

typedef struct {
    GVirSandboxWire *wire;
    int peer;
    GString *types;
    GByteArray *data; /* of all DATA */
    gsize spliced;    /* so much of it past the wire */
    gboolean can_splice;
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
    if (frame->type == GUEST_FRAME_DATA)
        g_byte_array_append(fixture->data, frame->payload, frame->length);
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

static gssize
on_splice(GVirSandboxWire *wire, guint stream, int fd, gsize length, gpointer user_data)
{
    Fixture *fixture = user_data;
    guint8 bytes[GUEST_FRAME_PAYLOAD_MAX];
    gssize got;

    g_assert_cmpuint(stream, ==, GUEST_STREAM_STDOUT);
    g_assert_cmpuint(length, <=, sizeof bytes);
    if (!fixture->can_splice)
        return 0;
    got = recv(fd, bytes, length, MSG_DONTWAIT);
    if (got < 0)
        return -1;
    g_byte_array_append(fixture->data, bytes, (guint)got);
    fixture->spliced += (gsize)got;
    return got;
}

static const GVirSandboxWireHandlers handlers = { on_frame, on_splice, on_idle, on_closed };

static void
set_up(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    int pair[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    fixture->wire = gvir_sandbox_wire_new(pair[0], &handlers, fixture);
    fixture->peer = pair[1];
    fixture->types = g_string_new(NULL);
    fixture->data = g_byte_array_new();
    gvir_sandbox_wire_open(fixture->wire);
}

static void
tear_down(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_clear_pointer(&fixture->wire, gvir_sandbox_wire_free);
    if (fixture->peer >= 0)
        close(fixture->peer);
    g_string_free(fixture->types, TRUE);
    g_byte_array_unref(fixture->data);
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

static void
fill(guint8 *data, gsize length)
{
    for (gsize i = 0; i < length; i++)
        data[i] = (guint8)(i * 7 + i / 251);
}

/* What a peer does not take at once is kept for it, in order, and then it is said that all has left. */
static void
test_slow_reader(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    const gsize length = 3 * 1024 * 1024;
    g_autofree guint8 *sent = g_malloc(length);
    g_autofree guint8 *received = g_malloc(length);
    gsize done = 0;

    fill(sent, length);
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

/* Nor while we do not read. */
static void
test_gone_while_paused(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    guint8 frames[64];
    gsize length = make_frames(frames);

    gvir_sandbox_wire_pause(fixture->wire);
    send_bytes(fixture, frames, length);
    hang_up(fixture);
    gvir_sandbox_wire_send(fixture->wire, frames, length);
    gvir_sandbox_wire_open(fixture->wire);
    run_until_quiet();
    g_assert_cmpstr(fixture->types->str, ==, "2 4 10 ");
    g_assert_cmpuint(fixture->closed, ==, 1);
    g_assert_no_error(fixture->error);
}

/* Frames with @length bytes of DATA, short and long ones, and credit between them; sent in steps. */
static void
send_data(Fixture *fixture, const guint8 *data, gsize length, gsize step)
{
    static const guint32 lengths[] = { 65536, 1, 5000, 4096, 4095, 30000 };
    g_autoptr(GByteArray) frames = g_byte_array_new();
    guint8 header[GUEST_FRAME_CONTROL_MAX];

    for (guint i = 0; length > 0; i++) {
        guint32 some = MIN(lengths[i % G_N_ELEMENTS(lengths)], length);

        guest_frame_encode_header(header, GUEST_FRAME_DATA, GUEST_STREAM_STDOUT, some);
        g_byte_array_append(frames, header, GUEST_FRAME_HEADER_SIZE);
        g_byte_array_append(frames, data, some);
        g_byte_array_append(frames, header, (guint)guest_frame_encode_credit(header, GUEST_STREAM_STDIN, 1 + i));
        data += some;
        length -= some;
    }
    for (gsize done = 0; done < frames->len; done += step) {
        send_bytes(fixture, frames->data + done, MIN(step, frames->len - done));
        run_until_quiet();
    }
}

/* Whether or not it goes past the wire, and however it arrives, DATA is all there and in order. */
static void
test_data(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    const gsize length = 400000;
    static const gsize steps[] = { 150000, 65544, 20000, 777 };
    g_autofree guint8 *sent = g_malloc(length);

    fill(sent, length);
    for (guint i = 0; i < 2 * G_N_ELEMENTS(steps); i++) {
        fixture->can_splice = i % 2 == 1;
        g_byte_array_set_size(fixture->data, 0);
        fixture->spliced = 0;
        send_data(fixture, sent, length, steps[i / 2]);
        g_assert_cmpmem(sent, length, fixture->data->data, fixture->data->len);
        if (fixture->can_splice)
            g_assert_cmpuint(fixture->spliced, >, 0);
        else
            g_assert_cmpuint(fixture->spliced, ==, 0);
        g_assert_nonnull(strstr(fixture->types->str, "6 "));
    }
    g_assert_cmpuint(fixture->closed, ==, 0);
}

/* Much of it goes past. */
static void
test_bulk(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree guint8 *frame = g_malloc0(GUEST_FRAME_HEADER_SIZE + GUEST_FRAME_PAYLOAD_MAX);

    fixture->can_splice = TRUE;
    guest_frame_encode_header(frame, GUEST_FRAME_DATA, GUEST_STREAM_STDOUT, GUEST_FRAME_PAYLOAD_MAX);
    for (guint i = 0; i < 20; i++) {
        send_bytes(fixture, frame, GUEST_FRAME_HEADER_SIZE + GUEST_FRAME_PAYLOAD_MAX);
        run_until_quiet();
    }
    g_assert_cmpuint(fixture->data->len, ==, 20 * GUEST_FRAME_PAYLOAD_MAX);
    g_assert_cmpuint(fixture->spliced, >=, 19 * GUEST_FRAME_PAYLOAD_MAX);
}

/* What is sent from a pipe arrives behind its header, and the pipe is empty, whether or not the peer reads. */
static void
test_send_spliced(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    const gsize size = 60000, frame_size = GUEST_FRAME_HEADER_SIZE + size;
    g_autofree guint8 *sent = g_malloc(frame_size);
    g_autofree guint8 *received = g_malloc(frame_size);
    int ends[2];
    guint frames = 0;

    g_assert_cmpint(pipe2(ends, O_CLOEXEC | O_NONBLOCK), ==, 0);
    guest_frame_encode_header(sent, GUEST_FRAME_DATA, GUEST_STREAM_STDIN, size);
    fill(sent + GUEST_FRAME_HEADER_SIZE, size);
    for (; gvir_sandbox_wire_is_idle(fixture->wire); frames++) {
        g_assert_cmpint(write(ends[1], sent + GUEST_FRAME_HEADER_SIZE, size), ==, (gssize)size);
        gvir_sandbox_wire_send_spliced(fixture->wire, sent, ends[0], size);
        g_assert_cmpint(read(ends[0], received, 1), ==, -1);
        g_assert_cmpint(errno, ==, EAGAIN);
    }
    g_assert_cmpuint(frames, >, 1);
    for (guint i = 0; i < frames; i++) {
        for (gsize done = 0; done < frame_size;) {
            gssize got = recv(fixture->peer, received + done, frame_size - done, MSG_DONTWAIT);

            done += got > 0 ? (gsize)got : 0;
            run_until_quiet();
        }
        g_assert_cmpmem(sent, frame_size, received, frame_size);
    }
    g_assert_true(gvir_sandbox_wire_is_idle(fixture->wire));
    close(fixture->peer);
    fixture->peer = -1;
    g_assert_cmpint(write(ends[1], sent, size), ==, (gssize)size);
    gvir_sandbox_wire_send_spliced(fixture->wire, sent, ends[0], size);
    g_assert_cmpint(read(ends[0], received, 1), ==, -1);
    close(ends[0]);
    close(ends[1]);
}

/* In more parts than splice() sends at once. */
static void
fill_pipe(int pipe, const guint8 *data, gsize length)
{
    for (gsize done = 0; done < length; done += 3000) {
        gsize part = MIN(3000, length - done);

        g_assert_cmpint(write(pipe, data + done, part), ==, (gssize)part);
    }
}

/* A peer that stops reading in the middle of a frame stops nobody else: nothing waits for it. */
static void
test_full_in_a_frame(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree guint8 *sent = g_malloc(GUEST_FRAME_HEADER_SIZE + GUEST_FRAME_PAYLOAD_MAX);
    g_autofree guint8 *received = g_malloc(1024 * 1024);

    fill(sent, GUEST_FRAME_HEADER_SIZE + GUEST_FRAME_PAYLOAD_MAX);
    alarm(60);
    for (gsize size = 4096; size <= GUEST_FRAME_PAYLOAD_MAX; size += 1331) {
        gsize total = 0, got = 0;
        int ends[2];

        g_assert_cmpint(pipe2(ends, O_CLOEXEC | O_NONBLOCK), ==, 0);
        g_assert_cmpint(fcntl(ends[1], F_SETPIPE_SZ, 256 * 1024), >, 0);
        guest_frame_encode_header(sent, GUEST_FRAME_DATA, GUEST_STREAM_STDIN, (uint32_t)size);
        while (gvir_sandbox_wire_is_idle(fixture->wire)) {
            fill_pipe(ends[1], sent + GUEST_FRAME_HEADER_SIZE, size);
            gvir_sandbox_wire_send_spliced(fixture->wire, sent, ends[0], size);
            total += GUEST_FRAME_HEADER_SIZE + size;
        }
        while (got < total) {
            gssize some = recv(fixture->peer, received + got, total - got, MSG_DONTWAIT);

            got += some > 0 ? (gsize)some : 0;
            run_until_quiet();
        }
        for (gsize i = 0; i < total; i += GUEST_FRAME_HEADER_SIZE + size)
            g_assert_cmpmem(received + i, GUEST_FRAME_HEADER_SIZE + size, sent, GUEST_FRAME_HEADER_SIZE + size);
        close(ends[0]);
        close(ends[1]);
    }
    alarm(0);
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
    ADD("gone-while-paused", test_gone_while_paused);
    ADD("data", test_data);
    ADD("bulk", test_bulk);
    ADD("send-spliced", test_send_spliced);
    ADD("full-in-a-frame", test_full_in_a_frame);
    return g_test_run();
}
