/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/program-stream-private.h"
#include "libvirt-sandbox/console/input-private.h"
#include "libvirt-sandbox/console/splice-private.h"
#include "libvirt-sandbox/error-private.h"
#include "libvirt-sandbox/i18n-private.h"

#include <errno.h>
#include <string.h>

/* So many frames are read and sent in one turn of the main loop. */
#define FRAMES_PER_TURN 8

struct _GVirSandboxProgramInput {
    GVirSandboxWire *wire;
    GVirSandboxProgramInputRead read;
    gpointer user_data;
    GVirSandboxInput *input;
    guint64 credit;
    gboolean started;   /* the program runs */
    gboolean empty;     /* attached to nothing, or to something that has no more */
    gboolean closed;    /* EOF was sent, or the guest closed the stream */
    gboolean stopped;
    gboolean bulk;      /* much comes at once from a pipe, so it is handed on without a copy */
    int pipe[2];        /* of our own, empty between two frames: of what is in it we know how much it is */
    guint8 *frame;
    gsize held;         /* bytes of the frame that were read and not sent yet */
};

GVirSandboxProgramInput *
gvir_sandbox_program_input_new(GVirSandboxWire *wire, GVirSandboxProgramInputRead read,
                               gpointer user_data)
{
    GVirSandboxProgramInput *input = g_new0(GVirSandboxProgramInput, 1);

    input->wire = wire;
    input->read = read;
    input->user_data = user_data;
    input->pipe[0] = input->pipe[1] = -1;
    input->frame = g_malloc(GUEST_FRAME_HEADER_SIZE + GUEST_FRAME_PAYLOAD_MAX);
    return input;
}

void
gvir_sandbox_program_input_free(GVirSandboxProgramInput *input)
{
    g_clear_pointer(&input->input, gvir_sandbox_input_free);
    gvir_sandbox_splice_pipe_close(input->pipe);
    g_free(input->frame);
    g_free(input);
}

static gboolean
is_terminal(const GVirSandboxProgramInput *input)
{
    return input->input && gvir_sandbox_input_is_terminal(input->input);
}

/*
 * From a pipe nothing is read that could not be sent. A terminal is read in any case, for the key that leaves
 * the program must be found also if that, or its guest, does not read.
 */
static gsize
readable_bytes(const GVirSandboxProgramInput *input)
{
    if (!input->started || input->empty || input->stopped)
        return 0;
    if (is_terminal(input))
        return GUEST_FRAME_PAYLOAD_MAX - input->held;
    if (input->closed || !gvir_sandbox_wire_is_idle(input->wire))
        return 0;
    return MIN(input->credit, GUEST_FRAME_PAYLOAD_MAX);
}

static void
send_held(GVirSandboxProgramInput *input)
{
    gsize length = MIN(input->held, input->credit);
    guint8 *payload = input->frame + GUEST_FRAME_HEADER_SIZE;

    if (input->closed)
        input->held = 0;
    else if (length > 0 && gvir_sandbox_wire_is_idle(input->wire)) {
        guest_frame_encode_header(input->frame, GUEST_FRAME_DATA, GUEST_STREAM_STDIN, length);
        gvir_sandbox_wire_send(input->wire, input->frame, GUEST_FRAME_HEADER_SIZE + length);
        input->credit -= length;
        input->held -= length;
        memmove(payload, payload + length, input->held);
    }
}

static void
send_end(GVirSandboxProgramInput *input)
{
    guint8 frame[GUEST_FRAME_CONTROL_MAX];

    gvir_sandbox_wire_send(
        input->wire, frame,
        guest_frame_encode_empty(frame, GUEST_FRAME_EOF, GUEST_STREAM_STDIN));
    input->closed = TRUE;
}

static gssize
copy_some(GVirSandboxProgramInput *input, gsize room)
{
    guint8 *data = input->frame + GUEST_FRAME_HEADER_SIZE + input->held;
    gssize got = gvir_sandbox_input_read(input->input, data, room);

    if (got > 0) {
        input->read(data, got, input->user_data);
        input->held += got;
        send_held(input);
    }
    return got;
}

static gssize
splice_some(GVirSandboxProgramInput *input, gsize room)
{
    guint8 header[GUEST_FRAME_HEADER_SIZE];
    gssize got = gvir_sandbox_input_splice(input->input, input->pipe[1], room);

    if (got > 0) {
        guest_frame_encode_header(header, GUEST_FRAME_DATA, GUEST_STREAM_STDIN, got);
        gvir_sandbox_wire_send_spliced(input->wire, header, input->pipe[0], got);
        input->credit -= got;
    } else if (got < 0 && errno != EAGAIN) {
        return copy_some(input, room);
    }
    return got;
}

static gboolean
can_splice(GVirSandboxProgramInput *input)
{
    if (!input->bulk || input->held > 0 || !gvir_sandbox_input_is_pipe(input->input))
        return FALSE;
    if (input->pipe[0] < 0)
        gvir_sandbox_splice_pipe_open(input->pipe);
    return input->pipe[0] >= 0;
}

/* FALSE when there is nothing more to read now. */
static gboolean
read_some(GVirSandboxProgramInput *input)
{
    gsize room = readable_bytes(input);
    gssize got;

    if (room == 0)
        return FALSE;
    got = can_splice(input) ? splice_some(input, room) : copy_some(input, room);
    if (got < 0 && errno == EAGAIN)
        return FALSE;
    /* What cannot be read has no more to give; so a program at the terminal sees it, too. */
    if (got <= 0) {
        input->empty = TRUE;
        return FALSE;
    }
    input->bulk = got >= GUEST_STREAM_BULK_MIN;
    return (gsize)got == room || input->bulk;
}

static void
ready(GVirSandboxInput *local G_GNUC_UNUSED, gpointer user_data)
{
    GVirSandboxProgramInput *input = user_data;

    for (int i = 0; i < FRAMES_PER_TURN && read_some(input); i++)
        ;
    gvir_sandbox_program_input_resume(input);
}

void
gvir_sandbox_program_input_attach(GVirSandboxProgramInput *input, int fd)
{
    input->empty = fd < 0;
    if (!input->stopped && fd >= 0)
        input->input = gvir_sandbox_input_new(fd, ready, input);
    gvir_sandbox_program_input_resume(input);
}

void
gvir_sandbox_program_input_detach(GVirSandboxProgramInput *input)
{
    g_clear_pointer(&input->input, gvir_sandbox_input_free);
}

void
gvir_sandbox_program_input_start(GVirSandboxProgramInput *input)
{
    input->started = TRUE;
    gvir_sandbox_program_input_resume(input);
}

void
gvir_sandbox_program_input_resume(GVirSandboxProgramInput *input)
{
    if (!input->started || input->stopped)
        return;
    send_held(input);
    if (input->empty && input->held == 0 && !input->closed)
        send_end(input);
    if (input->input)
        gvir_sandbox_input_set_wanted(input->input, readable_bytes(input) > 0);
}

void
gvir_sandbox_program_input_stop(GVirSandboxProgramInput *input)
{
    input->stopped = TRUE;
    if (input->input)
        gvir_sandbox_input_set_wanted(input->input, FALSE);
}

void
gvir_sandbox_program_input_handle(GVirSandboxProgramInput *input, const struct guest_frame *frame,
                                  GError **error)
{
    switch (frame->type) {
    case GUEST_FRAME_CREDIT:
        /* Only a number: what is read at once does not depend on it. */
        input->credit = MIN(input->credit + guest_frame_u32(frame, 0), G_MAXUINT32);
        gvir_sandbox_program_input_resume(input);
        break;
    case GUEST_FRAME_CLOSE:
        input->closed = TRUE;
        gvir_sandbox_program_input_resume(input);
        break;
    default:
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_PROTOCOL,
                    _("the guest broke the wire protocol: %s"),
                    _("it sends a stream that it receives"));
    }
}
