/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/wire/wire-private.h"
#include "libvirt-sandbox/console/local/splice-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Some frames at once, and always room for the rest of the largest one. */
#define READ_BUFFER_SIZE (4 * (GUEST_FRAME_HEADER_SIZE + GUEST_FRAME_PAYLOAD_MAX))
/* So much may be read in one turn of the main loop before the others have theirs. */
#define READS_PER_TURN 8
/* Nor may it take longer, whatever there is to do with what was read. */
#define TURN_USEC (20 * 1000)
/* Bulk is sent only while nothing waits; a peer that lets so much else pile up does not read at all. */
#define WAITING_MAX (4 * 1024 * 1024)

struct _GVirSandboxWire {
    int fd;
    const GVirSandboxWireHandlers *handlers;
    gpointer user_data;
    GMainContext *context;
    GSource *readable;
    GSource *writable;
    guint8 *buffer;
    gsize filled;
    struct guest_frame_reader reader;
    GByteArray *waiting;
    gsize offset;
    gboolean broken;   /* nothing is sent any more; what was sent to us may still be there */
    gboolean finished; /* nor is anything read */
    GError *refused;
};

GVirSandboxWire *
gvir_sandbox_wire_new(int fd, const GVirSandboxWireHandlers *handlers, gpointer user_data)
{
    GVirSandboxWire *wire = g_new0(GVirSandboxWire, 1);

    wire->fd = fd;
    /* splice() knows no other way not to wait for a socket. */
    g_unix_set_fd_nonblocking(fd, TRUE, NULL);
    wire->handlers = handlers;
    wire->user_data = user_data;
    wire->context = g_main_context_ref_thread_default();
    wire->buffer = g_malloc(READ_BUFFER_SIZE);
    wire->waiting = g_byte_array_new();
    return wire;
}

static void
stop(GSource **source)
{
    if (*source)
        g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

void
gvir_sandbox_wire_free(GVirSandboxWire *wire)
{
    stop(&wire->readable);
    stop(&wire->writable);
    close(wire->fd);
    g_clear_error(&wire->refused);
    g_main_context_unref(wire->context);
    g_byte_array_unref(wire->waiting);
    g_free(wire->buffer);
    g_free(wire);
}

/* The last thing that is done with the wire: the handler may free it. */
static void
finish(GVirSandboxWire *wire, const GError *error)
{
    stop(&wire->readable);
    stop(&wire->writable);
    wire->broken = TRUE;
    wire->finished = TRUE;
    wire->handlers->closed(wire, error, wire->user_data);
}

void
gvir_sandbox_wire_refuse(GError **error, const gchar *what)
{
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_PROTOCOL, _("the guest broke the wire protocol: %s"),
                what);
}

static gboolean
handle_frames(GVirSandboxWire *wire, GError **error)
{
    gsize start = 0;

    for (;;) {
        g_autoptr(GError) refused = NULL;
        struct guest_frame frame;
        const char *reason = NULL;
        gsize used = 0;
        enum guest_frame_result result =
            guest_frame_next(&wire->reader, wire->buffer + start, wire->filled - start, &frame, &used, &reason);

        if (result == GUEST_FRAME_INCOMPLETE)
            break;
        if (result == GUEST_FRAME_BROKEN) {
            gvir_sandbox_wire_refuse(error, reason);
            return FALSE;
        }
        start += used;
        if (frame.type == GUEST_FRAME_DATA && frame.length == 0)
            continue;
        wire->handlers->frame(wire, &frame, &refused, wire->user_data);
        if (refused) {
            g_propagate_error(error, g_steal_pointer(&refused));
            return FALSE;
        }
    }

    wire->filled -= start;
    memmove(wire->buffer, wire->buffer + start, wire->filled);
    return TRUE;
}

/* DATA that goes past here: how much, 0 if what comes next has to be read, -1 if nothing has come. */
static gssize
splice_rest(GVirSandboxWire *wire)
{
    gssize moved;

    if (wire->reader.rest == 0 || wire->filled > 0)
        return 0;
    moved = wire->handlers->splice(wire, wire->reader.stream, wire->fd, wire->reader.rest, wire->user_data);
    if (moved >= 0)
        guest_frame_rest_spliced(&wire->reader, moved);
    return moved;
}

/* FALSE if there is nothing more now, or the wire has ended. */
static gboolean
receive_some(GVirSandboxWire *wire)
{
    g_autoptr(GError) error = NULL;
    gsize room = wire->reader.bulk ? guest_frame_missing(wire->buffer, wire->filled) : READ_BUFFER_SIZE - wire->filled;
    gssize got = recv(wire->fd, wire->buffer + wire->filled, room, MSG_DONTWAIT);

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return FALSE;
    /* A peer that died with unread bytes resets the socket: no more of an error than its end. */
    if (got < 0 && errno != ECONNRESET)
        gvir_sandbox_error_set_errno(&error, errno, _("reading from the guest"));
    if (got <= 0) {
        finish(wire, wire->refused ? wire->refused : error);
        return FALSE;
    }
    wire->filled += got;
    if (!handle_frames(wire, &error)) {
        finish(wire, error);
        return FALSE;
    }
    return (gsize)got == room || wire->reader.rest > 0;
}

static gboolean
receive(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, gpointer user_data)
{
    GVirSandboxWire *wire = user_data;
    gint64 end = g_get_monotonic_time() + TURN_USEC;

    for (int turn = 0; turn < READS_PER_TURN && wire->readable && g_get_monotonic_time() < end; turn++) {
        gssize moved = splice_rest(wire);

        if (moved < 0 || (moved == 0 && !receive_some(wire)))
            break;
    }
    return G_SOURCE_CONTINUE;
}

void
gvir_sandbox_wire_open(GVirSandboxWire *wire)
{
    if (wire->readable || wire->finished)
        return;
    wire->readable = g_unix_fd_source_new(wire->fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
    g_source_set_callback(wire->readable, G_SOURCE_FUNC(receive), wire, NULL);
    g_source_attach(wire->readable, wire->context);
}

void
gvir_sandbox_wire_pause(GVirSandboxWire *wire)
{
    stop(&wire->readable);
}

static gsize
send_some(GVirSandboxWire *wire, const guint8 *data, gsize length)
{
    gsize done = 0;

    while (done < length) {
        gssize sent = send(wire->fd, data + done, length - done, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            /* A peer that is gone is noticed where it is read from, after its last frames. */
            if (errno != EAGAIN)
                wire->broken = TRUE;
            break;
        }
        done += sent;
    }
    return done;
}

static gboolean
transmit(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, gpointer user_data)
{
    GVirSandboxWire *wire = user_data;

    wire->offset += send_some(wire, wire->waiting->data + wire->offset, wire->waiting->len - wire->offset);
    if (!wire->broken && wire->offset < wire->waiting->len)
        return G_SOURCE_CONTINUE;

    wire->offset = 0;
    g_byte_array_set_size(wire->waiting, 0);
    stop(&wire->writable);
    wire->handlers->idle(wire, wire->user_data);
    return G_SOURCE_REMOVE;
}

/* Seen by receive(), where a wire ends. */
static void
break_off(GVirSandboxWire *wire, GError *error)
{
    wire->broken = TRUE;
    g_clear_error(&wire->refused);
    wire->refused = error;
    shutdown(wire->fd, SHUT_RDWR);
}

static void
wait_to_send(GVirSandboxWire *wire, const guint8 *data, gsize length)
{
    if (wire->waiting->len - wire->offset + length > WAITING_MAX) {
        break_off(wire, g_error_new(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_PROTOCOL,
                                    _("the guest does not read what it asked for")));
        return;
    }

    g_byte_array_append(wire->waiting, data, length);
    if (!wire->writable) {
        wire->writable = g_unix_fd_source_new(wire->fd, G_IO_OUT);
        g_source_set_callback(wire->writable, G_SOURCE_FUNC(transmit), wire, NULL);
        g_source_attach(wire->writable, wire->context);
    }
}

void
gvir_sandbox_wire_send(GVirSandboxWire *wire, const guint8 *frames, gsize length)
{
    gsize done = 0;

    if (wire->broken)
        return;
    if (gvir_sandbox_wire_is_idle(wire))
        done = send_some(wire, frames, length);
    if (done < length && !wire->broken)
        wait_to_send(wire, frames + done, length - done);
}

/* What is still in the pipe waits with all else, so that the pipe is empty again. */
static void
keep_piped(GVirSandboxWire *wire, int pipe, gsize length)
{
    guint8 data[16384];

    while (length > 0) {
        gssize got = read(pipe, data, MIN(length, sizeof(data)));

        if (got <= 0) {
            GError *error = NULL;

            gvir_sandbox_error_set_errno(&error, got < 0 ? errno : EPIPE, _("a pipe to the guest"));
            break_off(wire, error);
            break;
        }
        if (!wire->broken)
            wait_to_send(wire, data, got);
        length -= got;
    }
}

void
gvir_sandbox_wire_send_spliced(GVirSandboxWire *wire, const guint8 *header, int pipe, gsize length)
{
    gvir_sandbox_wire_send(wire, header, GUEST_FRAME_HEADER_SIZE);
    while (length > 0 && !wire->broken && gvir_sandbox_wire_is_idle(wire)) {
        gssize moved = gvir_sandbox_splice(pipe, wire->fd, length);

        /* Why it is not taken is found where it is sent by a copy. */
        if (moved <= 0)
            break;
        length -= moved;
    }
    keep_piped(wire, pipe, length);
}

void
gvir_sandbox_wire_hang_up(GVirSandboxWire *wire)
{
    stop(&wire->readable);
    stop(&wire->writable);
    wire->broken = TRUE;
    wire->finished = TRUE;
    shutdown(wire->fd, SHUT_RDWR);
}

gboolean
gvir_sandbox_wire_is_idle(const GVirSandboxWire *wire)
{
    return wire->offset == wire->waiting->len;
}
