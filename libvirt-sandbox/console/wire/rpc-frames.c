/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/wire/rpc-frames-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/moment-private.h"
#include "libvirt-sandbox/util/visible-private.h"

#include <errno.h>

/* The size of a program's terminal where ours has none. */
#define ROWS_DEFAULT 24
#define COLUMNS_DEFAULT 80

static void
refuse(GError **error, const gchar *what)
{
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_PROTOCOL, _("the guest broke the wire protocol: %s"),
                what);
}

void
gvir_sandbox_console_rpc_send_size(GVirSandboxConsoleRpc *rpc)
{
    guint8 frame[GUEST_FRAME_CONTROL_MAX];

    if (!gvir_sandbox_console_has_terminal(GVIR_SANDBOX_CONSOLE(rpc)))
        return;
    gvir_sandbox_wire_send(rpc->wire, frame,
                           guest_frame_encode_winsize(frame, rpc->rows > 0 ? rpc->rows : ROWS_DEFAULT,
                                                      rpc->columns > 0 ? rpc->columns : COLUMNS_DEFAULT));
}

static void
handle_hello(GVirSandboxConsoleRpc *rpc, const struct guest_frame *frame, GError **error)
{
    guint8 answer[GUEST_FRAME_CONTROL_MAX];

    if (rpc->state != STATE_WAITING) {
        refuse(error, _("a second greeting"));
        return;
    }
    if (guest_frame_u32(frame, 0) != GUEST_WIRE_VERSION) {
        refuse(error, _("it speaks another version"));
        return;
    }
    gvir_sandbox_wire_send(rpc->wire, answer,
                           guest_frame_encode_hello(answer, GUEST_WIRE_VERSION, GUEST_FEATURE_CLOCK));
    rpc->state = STATE_SETTING_UP;
    gvir_sandbox_console_rpc_expect_progress(rpc);
}

/* The wire bounds how many answers wait for a guest that does not read them. */
static void
handle_clock(GVirSandboxConsoleRpc *rpc, const struct guest_frame *frame, GError **error)
{
    guint8 answer[GUEST_FRAME_CONTROL_MAX];
    guint64 now = (guint64)g_get_real_time() * 1000;

    if (rpc->state == STATE_WAITING) {
        refuse(error, _("a question before the greeting"));
        return;
    }
    gvir_sandbox_wire_send(rpc->wire, answer, guest_frame_encode_clock(answer, guest_frame_u64(frame, 0), now));
}

static void
handle_ready(GVirSandboxConsoleRpc *rpc, GError **error)
{
    guint8 frame[GUEST_FRAME_CONTROL_MAX];

    switch (rpc->state) {
    case STATE_SETTING_UP:
        gvir_sandbox_console_rpc_send_size(rpc);
        gvir_sandbox_program_output_grant(rpc->outputs[GUEST_STREAM_STDOUT]);
        gvir_sandbox_program_output_grant(rpc->outputs[GUEST_STREAM_STDERR]);
        if (rpc->changes)
            gvir_sandbox_changes_grant(rpc->changes);
        gvir_sandbox_wire_send(rpc->wire, frame, guest_frame_encode_empty(frame, GUEST_FRAME_READY, 0));
        rpc->state = STATE_STARTING;
        break;
    case STATE_STARTING:
        rpc->state = STATE_RUNNING;
        gvir_sandbox_program_input_start(rpc->input);
        if (rpc->keys)
            gvir_sandbox_program_input_start(rpc->keys);
        if (gvir_sandbox_console_terminal_is_exclusive(GVIR_SANDBOX_CONSOLE(rpc)))
            gvir_sandbox_console_enter_terminal(GVIR_SANDBOX_CONSOLE(rpc), error);
        break;
    case STATE_WAITING:
    case STATE_RUNNING:
    case STATE_KEEPING:
    case STATE_ENDED:
        refuse(error, _("readiness out of turn"));
        return;
    }
    gvir_sandbox_console_rpc_expect_progress(rpc);
}

static void
handle_fail(GVirSandboxConsoleRpc *rpc, const struct guest_frame *frame)
{
    g_autofree gchar *text = gvir_sandbox_visible_line((const gchar *)frame->payload + 8, frame->length - 8);

    gvir_sandbox_console_rpc_end(rpc, g_error_new(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST, "%s",
                                                  *text ? text : _("the sandbox could not be set up")));
}

static void
set_exec_failure(GVirSandboxConsoleRpc *rpc, int saved_errno)
{
    gboolean missing = saved_errno == ENOENT || saved_errno == ENOTDIR;

    rpc->status = (missing ? 127 : 126) << 8;
    gvir_sandbox_console_rpc_end(
        rpc, g_error_new(GVIR_SANDBOX_ERROR, missing ? GVIR_SANDBOX_ERROR_NOT_FOUND : GVIR_SANDBOX_ERROR_NOT_EXECUTABLE,
                         "%s: %s", rpc->program ? rpc->program : _("program"), g_strerror(saved_errno)));
}

static void
changes_kept(GError *failure, gpointer user_data)
{
    GVirSandboxConsoleRpc *rpc = user_data;

    rpc->changes_lost = failure != NULL;
    gvir_sandbox_console_rpc_end(rpc, failure);
}

static void
handle_exit(GVirSandboxConsoleRpc *rpc, const struct guest_frame *frame, GError **error)
{
    guint32 how = guest_frame_u32(frame, 0);
    guint32 value = guest_frame_u32(frame, 4);

    if (rpc->state != STATE_STARTING && rpc->state != STATE_RUNNING) {
        refuse(error, _("an end before the program was started"));
        return;
    }
    rpc->exited = TRUE;
    if (how == GUEST_EXIT_EXEC) {
        set_exec_failure(rpc, value);
        return;
    }
    if (!gvir_sandbox_program_output_has_ended(rpc->outputs[GUEST_STREAM_STDOUT]) ||
        !gvir_sandbox_program_output_has_ended(rpc->outputs[GUEST_STREAM_STDERR]) ||
        (rpc->changes && !gvir_sandbox_changes_have_ended(rpc->changes))) {
        rpc->exited = FALSE;
        refuse(error, _("an end before that of the output"));
        return;
    }
    rpc->status = how == GUEST_EXIT_SIGNAL ? (gint)value : (gint)value << 8;
    if (!rpc->changes) {
        gvir_sandbox_console_rpc_end(rpc, NULL);
        return;
    }
    rpc->state = STATE_KEEPING;
    gvir_sandbox_console_rpc_expect_nothing(rpc);
    gvir_sandbox_changes_finish(rpc->changes, changes_kept);
}

void
gvir_sandbox_console_rpc_update_patience(GVirSandboxConsoleRpc *rpc)
{
    GVirSandboxConsole *console = GVIR_SANDBOX_CONSOLE(rpc);
    gboolean typed = gvir_sandbox_console_terminal_is_exclusive(console) ||
                     (gvir_sandbox_console_terminal_is_input(console) && rpc->keys_taken);

    gvir_sandbox_program_input_set_patient(rpc->input, !typed);
    if (rpc->keys)
        gvir_sandbox_program_input_set_patient(rpc->keys, !rpc->keys_taken);
}

/*
 * Others may be at our terminal, too: those at the other ends of pipes, and further sandboxes beside this one. So it
 * is taken when the program waits for it and not before, and then for as long as the program runs.
 */
static void
handle_input(GVirSandboxConsoleRpc *rpc, GVirSandboxProgramInput *input, const struct guest_frame *frame,
             GError **error)
{
    GVirSandboxConsole *console = GVIR_SANDBOX_CONSOLE(rpc);
    gboolean is_typed = input == rpc->keys || gvir_sandbox_console_terminal_is_input(console);

    gvir_sandbox_program_input_handle(input, frame, error);
    if (frame->type != GUEST_FRAME_WANTED || !is_typed || rpc->keys_taken ||
        !gvir_sandbox_program_input_is_wanted(input))
        return;
    rpc->keys_taken = TRUE;
    gvir_sandbox_console_rpc_update_patience(rpc);
    gvir_sandbox_console_enter_terminal(console, error);
    gvir_sandbox_program_input_resume(input);
}

static void
handle_stream(GVirSandboxConsoleRpc *rpc, const struct guest_frame *frame, GError **error)
{
    if (rpc->state != STATE_STARTING && rpc->state != STATE_RUNNING) {
        refuse(error, _("streams before the program was started"));
        return;
    }
    if (frame->stream == GUEST_STREAM_CHANGES && !rpc->changes)
        refuse(error, _("changes that nobody asked for"));
    else if (frame->stream == GUEST_STREAM_CHANGES)
        gvir_sandbox_changes_handle(rpc->changes, frame, error);
    else if (frame->stream == GUEST_STREAM_KEYS && !rpc->keys)
        refuse(error, _("it answers for keys that nobody types"));
    else if (guest_stream_is_input(frame->stream))
        handle_input(rpc, frame->stream == GUEST_STREAM_KEYS ? rpc->keys : rpc->input, frame, error);
    else
        gvir_sandbox_program_output_handle(rpc->outputs[frame->stream], frame, error);
}

void
gvir_sandbox_console_rpc_handle_frame(GVirSandboxConsoleRpc *rpc, const struct guest_frame *frame, GError **error)
{
    /* Nothing counts after the end. */
    if (gvir_sandbox_console_rpc_is_over(rpc))
        return;

    switch (frame->type) {
    case GUEST_FRAME_HELLO:
        handle_hello(rpc, frame, error);
        break;
    case GUEST_FRAME_READY:
        handle_ready(rpc, error);
        break;
    case GUEST_FRAME_FAIL:
        handle_fail(rpc, frame);
        break;
    case GUEST_FRAME_EXIT:
        handle_exit(rpc, frame, error);
        break;
    case GUEST_FRAME_DATA:
    case GUEST_FRAME_EOF:
    case GUEST_FRAME_CREDIT:
    case GUEST_FRAME_TAKEN:
    case GUEST_FRAME_WANTED:
    case GUEST_FRAME_CLOSE:
        handle_stream(rpc, frame, error);
        break;
    case GUEST_FRAME_CLOCK:
        handle_clock(rpc, frame, error);
        break;
    case GUEST_FRAME_MOMENT:
        gvir_sandbox_moment_passed_in_guest(guest_frame_u32(frame, 0), guest_frame_u64(frame, 4));
        break;
    default:
        if (!(frame->flags & GUEST_FRAME_FLAG_OPTIONAL))
            refuse(error, _("a frame that only the host sends"));
    }
}
