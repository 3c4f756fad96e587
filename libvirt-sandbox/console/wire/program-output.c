/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/wire/program-output-private.h"
#include "libvirt-sandbox/console/local/output-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

struct _GVirSandboxProgramOutput {
    GVirSandboxWire *wire;
    guint stream;
    const GVirSandboxProgramOutputHandlers *handlers;
    gpointer user_data;
    GVirSandboxOutput *output;
    GBytes *kept;    /* while detached */
    gsize granted;   /* the guest may still send so much */
    gsize delivered; /* left since the last grant */
    gboolean ended;
    gboolean closed;
};

GVirSandboxProgramOutput *
gvir_sandbox_program_output_new(GVirSandboxWire *wire, guint stream, const GVirSandboxProgramOutputHandlers *handlers,
                                gpointer user_data)
{
    GVirSandboxProgramOutput *output = g_new0(GVirSandboxProgramOutput, 1);

    output->wire = wire;
    output->stream = stream;
    output->handlers = handlers;
    output->user_data = user_data;
    return output;
}

void
gvir_sandbox_program_output_free(GVirSandboxProgramOutput *output)
{
    g_clear_pointer(&output->output, gvir_sandbox_output_free);
    g_clear_pointer(&output->kept, g_bytes_unref);
    g_free(output);
}

static void
send_credit(GVirSandboxProgramOutput *output, gsize bytes)
{
    guint8 frame[GUEST_FRAME_CONTROL_MAX];

    output->granted += bytes;
    gvir_sandbox_wire_send(output->wire, frame, guest_frame_encode_credit(frame, output->stream, bytes));
}

void
gvir_sandbox_program_output_grant(GVirSandboxProgramOutput *output)
{
    send_credit(output, GUEST_STREAM_WINDOW);
}

/* Grants again what has left, in steps that are worth a frame. */
static void
count_delivered(GVirSandboxProgramOutput *output, gsize length)
{
    output->delivered += length;
    if (output->ended || output->delivered < GUEST_STREAM_WINDOW / 4)
        return;
    send_credit(output, output->delivered);
    output->delivered = 0;
}

static void
written(GVirSandboxOutput *local G_GNUC_UNUSED, gsize length, gpointer user_data)
{
    GVirSandboxProgramOutput *output = user_data;

    count_delivered(output, length);
    if (gvir_sandbox_program_output_is_delivered(output))
        output->handlers->delivered(output->user_data);
}

static void
failed(GVirSandboxOutput *local G_GNUC_UNUSED, int saved_errno, gpointer user_data)
{
    GVirSandboxProgramOutput *output = user_data;
    guint8 frame[GUEST_FRAME_CONTROL_MAX];

    if (!output->closed && !output->ended)
        gvir_sandbox_wire_send(output->wire, frame, guest_frame_encode_empty(frame, GUEST_FRAME_CLOSE, output->stream));
    output->closed = TRUE;
    output->handlers->failed(saved_errno, output->stream, output->user_data);
}

void
gvir_sandbox_program_output_attach(GVirSandboxProgramOutput *output, int fd)
{
    static const GVirSandboxOutputHandlers handlers = { .written = written, .failed = failed };
    g_autoptr(GBytes) kept = g_steal_pointer(&output->kept);

    if (fd >= 0)
        output->output = gvir_sandbox_output_new(fd, &handlers, output);
    if (kept && output->output)
        count_delivered(output,
                        gvir_sandbox_output_push(output->output, g_bytes_get_data(kept, NULL), g_bytes_get_size(kept)));
}

void
gvir_sandbox_program_output_detach(GVirSandboxProgramOutput *output)
{
    if (!output->output)
        return;
    if (!gvir_sandbox_output_is_empty(output->output))
        output->kept = gvir_sandbox_output_steal_waiting(output->output);
    g_clear_pointer(&output->output, gvir_sandbox_output_free);
}

static void
take_data(GVirSandboxProgramOutput *output, const struct guest_frame *frame)
{
    gsize done = frame->length;

    output->granted -= frame->length;
    if (output->output)
        done = gvir_sandbox_output_push(output->output, frame->payload, frame->length);
    count_delivered(output, done);
}

gssize
gvir_sandbox_program_output_splice(GVirSandboxProgramOutput *output, int from, gsize length)
{
    gsize left;
    gssize moved;

    if (!output->output || output->ended || length > output->granted)
        return 0;
    moved = gvir_sandbox_output_splice(output->output, from, length, &left);
    if (moved > 0) {
        output->granted -= moved;
        count_delivered(output, left);
    }
    return moved;
}

void
gvir_sandbox_program_output_handle(GVirSandboxProgramOutput *output, const struct guest_frame *frame, GError **error)
{
    const gchar *wrong = NULL;

    if (frame->type != GUEST_FRAME_DATA && frame->type != GUEST_FRAME_EOF)
        wrong = _("it answers for a stream that it sends");
    else if (output->ended)
        wrong = _("output after its end");
    else if (frame->type == GUEST_FRAME_DATA && frame->length > output->granted)
        wrong = _("more output than was asked for");
    if (wrong) {
        gvir_sandbox_wire_refuse(error, wrong);
        return;
    }

    if (frame->type == GUEST_FRAME_EOF)
        output->ended = TRUE;
    else
        take_data(output, frame);
}

gboolean
gvir_sandbox_program_output_has_ended(const GVirSandboxProgramOutput *output)
{
    return output->ended;
}

gboolean
gvir_sandbox_program_output_is_delivered(const GVirSandboxProgramOutput *output)
{
    return !output->kept && (!output->output || gvir_sandbox_output_is_empty(output->output));
}
