/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/wire/program-input-private.h"
#include "libvirt-sandbox/console/local/input-private.h"
#include "libvirt-sandbox/console/local/splice-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* So many frames are read and sent in one turn of the main loop. */
#define FRAMES_PER_TURN 8

struct _GVirSandboxProgramInput {
    GVirSandboxWire *wire;
    guint16 stream;
    GVirSandboxProgramInputRead read; /* or NULL */
    gpointer user_data;
    GVirSandboxInput *input;
    GVirSandboxSight sight; /* into @input */
    guint64 credit;
    guint64 sent;    /* bytes so far */
    guint64 taken;   /* of these the program has read */
    guint64 settled; /* and these are not in the descriptor any more */
    dev_t device;    /* of what it is attached to, or was last */
    ino_t inode;
    gboolean started; /* the program runs */
    gboolean empty;   /* attached to nothing, or to something that has no more */
    gboolean closed;  /* EOF was sent, or the guest closed the stream */
    gboolean stopped;
    gboolean patient; /* a terminal is not read before the program waits for it */
    gboolean asked;   /* the guest, to tell when it does */
    gboolean wanted;  /* it does */
    int pipe[2];      /* of our own: of what is in it we know how much it is */
    gsize piped;      /* which is to be sent */
    guint8 *frame;
    gsize held; /* bytes of the frame that were read and not sent yet */
};

GVirSandboxProgramInput *
gvir_sandbox_program_input_new(GVirSandboxWire *wire, guint16 stream, GVirSandboxProgramInputRead read,
                               gpointer user_data)
{
    GVirSandboxProgramInput *input = g_new0(GVirSandboxProgramInput, 1);

    input->wire = wire;
    input->stream = stream;
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

/* What was typed and not read stays for who comes next: it cannot be looked at. */
static gboolean
has_to_wait(const GVirSandboxProgramInput *input)
{
    return input->patient && !input->wanted && is_terminal(input);
}

/*
 * From a pipe nothing is read that could not be sent. A terminal of a program that has one is read in any case,
 * for the key that leaves the program must be found also if that, or its guest, does not read.
 */
static gsize
readable_bytes(const GVirSandboxProgramInput *input)
{
    if (!input->started || input->empty || input->stopped)
        return 0;
    if (is_terminal(input) && !input->patient)
        return GUEST_FRAME_PAYLOAD_MAX - input->held;
    if (input->piped > 0 || has_to_wait(input) || input->closed || !gvir_sandbox_wire_is_idle(input->wire))
        return 0;
    /* Behind what the program has not read yet nothing can be seen. */
    if (input->settled < input->sent && input->sight != GVIR_SANDBOX_SIGHT_ALL)
        return 0;
    return MIN(input->credit, GUEST_FRAME_PAYLOAD_MAX);
}

static void
count_sent(GVirSandboxProgramInput *input, gsize length)
{
    input->credit -= length;
    input->sent += length;
    if (input->sight == GVIR_SANDBOX_SIGHT_NONE)
        input->settled = input->sent;
}

/* What is in the frame, from its start on. */
static void
send_frame(GVirSandboxProgramInput *input, gsize length)
{
    guest_frame_encode_header(input->frame, GUEST_FRAME_DATA, input->stream, length);
    gvir_sandbox_wire_send(input->wire, input->frame, GUEST_FRAME_HEADER_SIZE + length);
    count_sent(input, length);
}

static void
send_held(GVirSandboxProgramInput *input)
{
    gsize length = MIN(input->held, input->credit);
    guint8 *payload = input->frame + GUEST_FRAME_HEADER_SIZE;

    if (input->closed)
        input->held = 0;
    else if (length > 0 && gvir_sandbox_wire_is_idle(input->wire)) {
        send_frame(input, length);
        input->held -= length;
        memmove(payload, payload + length, input->held);
    }
}

static void
send_end(GVirSandboxProgramInput *input)
{
    guint8 frame[GUEST_FRAME_CONTROL_MAX];

    gvir_sandbox_wire_send(input->wire, frame, guest_frame_encode_empty(frame, GUEST_FRAME_EOF, input->stream));
    input->closed = TRUE;
}

static gssize
copy_some(GVirSandboxProgramInput *input, gsize room)
{
    guint8 *data = input->frame + GUEST_FRAME_HEADER_SIZE + input->held;
    gssize got = gvir_sandbox_input_read(input->input, data, room);

    if (got > 0) {
        if (input->read)
            input->read(data, got, input->user_data);
        input->held += got;
        input->wanted = FALSE;
        send_held(input);
    }
    return got;
}

static gssize
peek_some(GVirSandboxProgramInput *input, gsize room)
{
    gssize got = gvir_sandbox_input_peek(input->input, input->sent - input->settled,
                                         input->frame + GUEST_FRAME_HEADER_SIZE, room);

    if (got > 0)
        send_frame(input, got);
    return got;
}

/* Little is cheaper copied. */
static void
send_piped(GVirSandboxProgramInput *input)
{
    guint8 header[GUEST_FRAME_HEADER_SIZE];

    while (input->piped > 0 && !input->closed && gvir_sandbox_wire_is_idle(input->wire)) {
        gsize length = MIN(input->piped, GUEST_FRAME_PAYLOAD_MAX);

        if (length >= GUEST_STREAM_BULK_MIN) {
            guest_frame_encode_header(header, GUEST_FRAME_DATA, input->stream, length);
            gvir_sandbox_wire_send_spliced(input->wire, header, input->pipe[0], length);
            count_sent(input, length);
        } else {
            gssize got = read(input->pipe[0], input->frame + GUEST_FRAME_HEADER_SIZE, length);

            if (got <= 0)
                break;
            length = (gsize)got;
            send_frame(input, length);
        }
        input->piped -= length;
    }
}

static gssize
tee_some(GVirSandboxProgramInput *input)
{
    gssize got = gvir_sandbox_input_tee(input->input, input->pipe[1], MIN(input->credit, GUEST_STREAM_WINDOW));

    if (got > 0) {
        input->piped = (gsize)got;
        if (got >= GUEST_FRAME_PAYLOAD_MAX)
            gvir_sandbox_input_expect_much(input->input);
        send_piped(input);
    }
    return got;
}

static gssize
send_some(GVirSandboxProgramInput *input, gsize room)
{
    switch (input->sight) {
    case GVIR_SANDBOX_SIGHT_FRONT:
    case GVIR_SANDBOX_SIGHT_ALL:
        return peek_some(input, room);
    case GVIR_SANDBOX_SIGHT_PIPE:
        return tee_some(input);
    case GVIR_SANDBOX_SIGHT_NONE:
        break;
    }
    return copy_some(input, room);
}

/* FALSE when there is nothing more to read now. */
static gboolean
read_some(GVirSandboxProgramInput *input)
{
    gsize room = readable_bytes(input);
    gssize got;

    if (room == 0)
        return FALSE;
    got = send_some(input, room);
    if (got < 0 && errno == EAGAIN)
        return FALSE;
    /* What cannot be read has no more to give; so a program at the terminal sees it, too. */
    if (got <= 0) {
        input->empty = TRUE;
        return FALSE;
    }
    return (gsize)got == room || got >= GUEST_STREAM_BULK_MIN;
}

static void
ready(GVirSandboxInput *local G_GNUC_UNUSED, gpointer user_data)
{
    GVirSandboxProgramInput *input = user_data;

    for (int i = 0; i < FRAMES_PER_TURN && read_some(input); i++)
        ;
    gvir_sandbox_program_input_resume(input);
}

/* What was sent from one descriptor is not taken from another. */
static void
note_source(GVirSandboxProgramInput *input, int fd)
{
    struct stat info = { 0 };

    if (fd < 0 || fstat(fd, &info) < 0 || info.st_dev != input->device || info.st_ino != input->inode)
        input->settled = input->sent;
    input->device = info.st_dev;
    input->inode = info.st_ino;
}

static void
open_source(GVirSandboxProgramInput *input, int fd)
{
    input->input = gvir_sandbox_input_new(fd, ready, input);
    input->sight = gvir_sandbox_input_get_sight(input->input);
    if (input->sight == GVIR_SANDBOX_SIGHT_PIPE && input->pipe[0] < 0) {
        gvir_sandbox_splice_pipe_open(input->pipe);
        if (input->pipe[0] < 0)
            input->sight = GVIR_SANDBOX_SIGHT_NONE;
    }
}

void
gvir_sandbox_program_input_attach(GVirSandboxProgramInput *input, int fd)
{
    note_source(input, fd);
    input->empty = fd < 0;
    if (!input->stopped && fd >= 0)
        open_source(input, fd);
    gvir_sandbox_program_input_resume(input);
}

void
gvir_sandbox_program_input_detach(GVirSandboxProgramInput *input)
{
    g_clear_pointer(&input->input, gvir_sandbox_input_free);
    /* What was not sent yet is still in the source. */
    gvir_sandbox_splice_pipe_close(input->pipe);
    input->piped = 0;
}

void
gvir_sandbox_program_input_set_patient(GVirSandboxProgramInput *input, gboolean patient)
{
    input->patient = patient;
}

gboolean
gvir_sandbox_program_input_is_wanted(const GVirSandboxProgramInput *input)
{
    return input->wanted;
}

void
gvir_sandbox_program_input_start(GVirSandboxProgramInput *input)
{
    input->started = TRUE;
    gvir_sandbox_program_input_resume(input);
}

static void
ask(GVirSandboxProgramInput *input)
{
    guint8 frame[GUEST_FRAME_CONTROL_MAX];

    gvir_sandbox_wire_send(input->wire, frame, guest_frame_encode_empty(frame, GUEST_FRAME_ASK, input->stream));
    input->asked = TRUE;
}

void
gvir_sandbox_program_input_resume(GVirSandboxProgramInput *input)
{
    if (!input->started || input->stopped)
        return;
    send_held(input);
    send_piped(input);
    if (input->empty && input->held == 0 && !input->closed)
        send_end(input);
    if (has_to_wait(input) && !input->asked && !input->closed)
        ask(input);
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

/* What the program has read is not for others any more. */
static gboolean
handle_taken(GVirSandboxProgramInput *input, guint32 length)
{
    if (length > input->sent - input->taken)
        return FALSE;
    input->taken += length;
    input->credit += length;
    if (input->taken > input->settled && input->input) {
        gvir_sandbox_input_take(input->input, input->taken - input->settled);
        input->settled = input->taken;
    }
    gvir_sandbox_program_input_resume(input);
    return TRUE;
}

void
gvir_sandbox_program_input_handle(GVirSandboxProgramInput *input, const struct guest_frame *frame, GError **error)
{
    switch (frame->type) {
    case GUEST_FRAME_CREDIT:
        /* Only a number: what is read at once does not depend on it. */
        input->credit = MIN(input->credit + guest_frame_u32(frame, 0), G_MAXUINT32);
        gvir_sandbox_program_input_resume(input);
        break;
    case GUEST_FRAME_WANTED:
        input->wanted = input->asked;
        input->asked = FALSE;
        gvir_sandbox_program_input_resume(input);
        break;
    case GUEST_FRAME_CLOSE:
        input->closed = TRUE;
        gvir_sandbox_program_input_resume(input);
        break;
    case GUEST_FRAME_TAKEN:
        if (!handle_taken(input, guest_frame_u32(frame, 0)))
            gvir_sandbox_wire_refuse(error, _("its program has read more than there was"));
        break;
    default:
        gvir_sandbox_wire_refuse(error, _("it sends a stream that it receives"));
    }
}
