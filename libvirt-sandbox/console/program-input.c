/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/program-stream-private.h"
#include "libvirt-sandbox/console/input-private.h"
#include "libvirt-sandbox/error-private.h"
#include "libvirt-sandbox/i18n-private.h"

#include <errno.h>

/* So many frames are read and sent in one turn of the main loop. */
#define FRAMES_PER_TURN 8

struct _GVirSandboxProgramInput {
    GVirSandboxWire *wire;
    GVirSandboxProgramInputRead read;
    gpointer user_data;
    GVirSandboxInput *input;
    guint64 credit;
    gboolean empty;     /* attached to nothing */
    gboolean ended;     /* EOF was sent, or the guest closed the stream */
    guint8 *frame;
};

GVirSandboxProgramInput *
gvir_sandbox_program_input_new(GVirSandboxWire *wire, GVirSandboxProgramInputRead read,
                               gpointer user_data)
{
    GVirSandboxProgramInput *input = g_new0(GVirSandboxProgramInput, 1);

    input->wire = wire;
    input->read = read;
    input->user_data = user_data;
    input->frame = g_malloc(GUEST_FRAME_HEADER_SIZE + GUEST_FRAME_PAYLOAD_MAX);
    return input;
}

void
gvir_sandbox_program_input_free(GVirSandboxProgramInput *input)
{
    g_clear_pointer(&input->input, gvir_sandbox_input_free);
    g_free(input->frame);
    g_free(input);
}

static void
send_end(GVirSandboxProgramInput *input)
{
    guint8 frame[GUEST_FRAME_CONTROL_MAX];

    if (input->ended)
        return;
    gvir_sandbox_wire_send(
        input->wire, frame,
        guest_frame_encode_empty(frame, GUEST_FRAME_EOF, GUEST_STREAM_STDIN));
    gvir_sandbox_program_input_stop(input);
}

/* One frame; FALSE when there is nothing more to do now. */
static gboolean
send_frame(GVirSandboxProgramInput *input)
{
    gssize got = gvir_sandbox_input_read(input->input, input->frame + GUEST_FRAME_HEADER_SIZE,
                                         MIN(input->credit, GUEST_FRAME_PAYLOAD_MAX));

    if (got < 0 && errno == EAGAIN)
        return FALSE;
    /* What cannot be read has no more to give; so a program at the terminal sees it, too. */
    if (got <= 0) {
        send_end(input);
        return FALSE;
    }

    input->read(input->frame + GUEST_FRAME_HEADER_SIZE, got, input->user_data);
    input->credit -= got;
    guest_frame_encode_header(input->frame, GUEST_FRAME_DATA, GUEST_STREAM_STDIN, got);
    gvir_sandbox_wire_send(input->wire, input->frame, GUEST_FRAME_HEADER_SIZE + got);
    return input->credit > 0 && gvir_sandbox_wire_is_idle(input->wire);
}

static void
ready(GVirSandboxInput *local G_GNUC_UNUSED, gpointer user_data)
{
    GVirSandboxProgramInput *input = user_data;

    for (int i = 0; i < FRAMES_PER_TURN && !input->ended; i++) {
        if (!send_frame(input))
            break;
    }
    gvir_sandbox_program_input_resume(input);
}

void
gvir_sandbox_program_input_attach(GVirSandboxProgramInput *input, int fd)
{
    input->empty = fd < 0;
    if (!input->ended && fd >= 0)
        input->input = gvir_sandbox_input_new(fd, ready, input);
    gvir_sandbox_program_input_resume(input);
}

void
gvir_sandbox_program_input_detach(GVirSandboxProgramInput *input)
{
    g_clear_pointer(&input->input, gvir_sandbox_input_free);
}

void
gvir_sandbox_program_input_resume(GVirSandboxProgramInput *input)
{
    if (input->ended)
        return;
    if (input->empty && input->credit > 0)
        send_end(input);
    else if (input->input)
        gvir_sandbox_input_set_wanted(input->input, input->credit > 0 &&
                                                        gvir_sandbox_wire_is_idle(input->wire));
}

void
gvir_sandbox_program_input_stop(GVirSandboxProgramInput *input)
{
    input->ended = TRUE;
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
        gvir_sandbox_program_input_stop(input);
        break;
    default:
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_PROTOCOL,
                    _("the guest broke the wire protocol: %s"),
                    _("it sends a stream that it receives"));
    }
}
