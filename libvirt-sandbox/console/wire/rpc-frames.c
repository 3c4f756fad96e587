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

gboolean
gvir_sandbox_rpc_frames_are_over(const GVirSandboxRun *run)
{
    return run->state == GVIR_SANDBOX_RUN_KEEPING || run->state == GVIR_SANDBOX_RUN_ENDED;
}

void
gvir_sandbox_rpc_frames_send_size(const GVirSandboxRun *run)
{
    guint8 frame[GUEST_FRAME_CONTROL_MAX];

    if (!run->terminal)
        return;
    gvir_sandbox_wire_send(run->wire, frame,
                           guest_frame_encode_winsize(frame, run->rows > 0 ? run->rows : ROWS_DEFAULT,
                                                      run->columns > 0 ? run->columns : COLUMNS_DEFAULT));
}

static GVirSandboxVerdict
refuse(GError **error, const gchar *what)
{
    gvir_sandbox_wire_refuse(error, what);
    return GVIR_SANDBOX_VERDICT_REFUSED;
}

static GVirSandboxVerdict
handle_hello(GVirSandboxRun *run, const struct guest_frame *frame, GError **error)
{
    guint8 answer[GUEST_FRAME_CONTROL_MAX];

    if (run->state != GVIR_SANDBOX_RUN_WAITING)
        return refuse(error, _("a second greeting"));
    if (guest_frame_u32(frame, 0) != GUEST_WIRE_VERSION)
        return refuse(error, _("it speaks another version"));
    gvir_sandbox_wire_send(run->wire, answer,
                           guest_frame_encode_hello(answer, GUEST_WIRE_VERSION, GUEST_FEATURE_CLOCK));
    run->state = GVIR_SANDBOX_RUN_SETTING_UP;
    return GVIR_SANDBOX_VERDICT_STEPPED;
}

/* The wire bounds how many answers wait for a guest that does not read them. */
static GVirSandboxVerdict
handle_moment(const struct guest_frame *frame)
{
    const gchar *name = guest_moment_name(guest_frame_u32(frame, 0));

    gvir_sandbox_moment_passed_in_guest(name, guest_frame_u64(frame, 4));
    /* The guest sends this one at once, so that the two clocks can be compared. */
    if (guest_frame_u32(frame, 0) == GUEST_MOMENT_CONNECT)
        gvir_sandbox_moment_passed(name);
    return GVIR_SANDBOX_VERDICT_GO_ON;
}

static GVirSandboxVerdict
handle_clock(GVirSandboxRun *run, const struct guest_frame *frame, GError **error)
{
    guint8 answer[GUEST_FRAME_CONTROL_MAX];
    guint64 now = (guint64)g_get_real_time() * 1000;

    if (run->state == GVIR_SANDBOX_RUN_WAITING)
        return refuse(error, _("a question before the greeting"));
    gvir_sandbox_wire_send(run->wire, answer, guest_frame_encode_clock(answer, guest_frame_u64(frame, 0), now));
    return GVIR_SANDBOX_VERDICT_GO_ON;
}

/* The sandbox is set up: lets its program start. */
static void
grant_start(GVirSandboxRun *run)
{
    guint8 frame[GUEST_FRAME_CONTROL_MAX];

    gvir_sandbox_rpc_frames_send_size(run);
    gvir_sandbox_program_output_grant(run->outputs[GUEST_STREAM_STDOUT]);
    gvir_sandbox_program_output_grant(run->outputs[GUEST_STREAM_STDERR]);
    if (run->changes)
        gvir_sandbox_changes_grant(run->changes);
    gvir_sandbox_wire_send(run->wire, frame, guest_frame_encode_empty(frame, GUEST_FRAME_READY, 0));
}

static GVirSandboxVerdict
handle_ready(GVirSandboxRun *run, GError **error)
{
    switch (run->state) {
    case GVIR_SANDBOX_RUN_SETTING_UP:
        grant_start(run);
        run->state = GVIR_SANDBOX_RUN_STARTING;
        return GVIR_SANDBOX_VERDICT_STEPPED;
    case GVIR_SANDBOX_RUN_STARTING:
        run->state = GVIR_SANDBOX_RUN_RUNNING;
        gvir_sandbox_program_input_start(run->input);
        if (run->keys)
            gvir_sandbox_program_input_start(run->keys);
        return GVIR_SANDBOX_VERDICT_RUNS;
    case GVIR_SANDBOX_RUN_WAITING:
    case GVIR_SANDBOX_RUN_RUNNING:
    case GVIR_SANDBOX_RUN_KEEPING:
    case GVIR_SANDBOX_RUN_ENDED:
        break;
    }
    return refuse(error, _("readiness out of turn"));
}

static GVirSandboxVerdict
handle_fail(const struct guest_frame *frame, GError **error)
{
    g_autofree gchar *text = gvir_sandbox_visible_line((const gchar *)frame->payload + 8, frame->length - 8);

    g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST,
                        *text ? text : _("the sandbox could not be set up"));
    return GVIR_SANDBOX_VERDICT_OVER;
}

static GVirSandboxVerdict
handle_exec_failure(GVirSandboxRun *run, int saved_errno, GError **error)
{
    gboolean missing = saved_errno == ENOENT || saved_errno == ENOTDIR;

    run->exited = TRUE;
    run->status = (missing ? 127 : 126) << 8;
    g_set_error(error, GVIR_SANDBOX_ERROR, missing ? GVIR_SANDBOX_ERROR_NOT_FOUND : GVIR_SANDBOX_ERROR_NOT_EXECUTABLE,
                "%s: %s", run->program ? run->program : _("program"), g_strerror(saved_errno));
    return GVIR_SANDBOX_VERDICT_OVER;
}

static gboolean
have_streams_ended(const GVirSandboxRun *run)
{
    return gvir_sandbox_program_output_has_ended(run->outputs[GUEST_STREAM_STDOUT]) &&
           gvir_sandbox_program_output_has_ended(run->outputs[GUEST_STREAM_STDERR]) &&
           (!run->changes || gvir_sandbox_changes_have_ended(run->changes));
}

static gboolean
is_started(const GVirSandboxRun *run)
{
    return run->state == GVIR_SANDBOX_RUN_STARTING || run->state == GVIR_SANDBOX_RUN_RUNNING;
}

static GVirSandboxVerdict
handle_exit(GVirSandboxRun *run, const struct guest_frame *frame, GError **error)
{
    guint32 how = guest_frame_u32(frame, 0);
    guint32 value = guest_frame_u32(frame, 4);

    if (!is_started(run))
        return refuse(error, _("an end before the program was started"));
    if (how == GUEST_EXIT_EXEC)
        return handle_exec_failure(run, value, error);
    if (!have_streams_ended(run))
        return refuse(error, _("an end before that of the output"));
    run->exited = TRUE;
    run->status = how == GUEST_EXIT_SIGNAL ? (gint)value : (gint)value << 8;
    if (!run->changes)
        return GVIR_SANDBOX_VERDICT_OVER;
    run->state = GVIR_SANDBOX_RUN_KEEPING;
    return GVIR_SANDBOX_VERDICT_EXITED;
}

static void
pass_to_stream(GVirSandboxRun *run, const struct guest_frame *frame, GError **error)
{
    if (frame->stream == GUEST_STREAM_CHANGES)
        gvir_sandbox_changes_handle(run->changes, frame, error);
    else if (guest_stream_is_input(frame->stream))
        gvir_sandbox_program_input_handle(frame->stream == GUEST_STREAM_KEYS ? run->keys : run->input, frame, error);
    else
        gvir_sandbox_program_output_handle(run->outputs[frame->stream], frame, error);
}

static GVirSandboxVerdict
handle_stream(GVirSandboxRun *run, const struct guest_frame *frame, GError **error)
{
    GError *refused = NULL;

    if (!is_started(run))
        return refuse(error, _("streams before the program was started"));
    if (frame->stream == GUEST_STREAM_CHANGES && !run->changes)
        return refuse(error, _("changes that were not asked for"));
    if (frame->stream == GUEST_STREAM_KEYS && !run->keys)
        return refuse(error, _("it answers for keys that nobody types"));
    pass_to_stream(run, frame, &refused);
    if (!refused)
        return frame->type == GUEST_FRAME_WANTED ? GVIR_SANDBOX_VERDICT_WAITS : GVIR_SANDBOX_VERDICT_GO_ON;
    g_propagate_error(error, refused);
    return GVIR_SANDBOX_VERDICT_REFUSED;
}

GVirSandboxVerdict
gvir_sandbox_rpc_frames_handle(GVirSandboxRun *run, const struct guest_frame *frame, GError **error)
{
    /* Nothing counts after the end. */
    if (gvir_sandbox_rpc_frames_are_over(run))
        return GVIR_SANDBOX_VERDICT_GO_ON;

    switch (frame->type) {
    case GUEST_FRAME_HELLO:
        return handle_hello(run, frame, error);
    case GUEST_FRAME_READY:
        return handle_ready(run, error);
    case GUEST_FRAME_FAIL:
        return handle_fail(frame, error);
    case GUEST_FRAME_EXIT:
        return handle_exit(run, frame, error);
    case GUEST_FRAME_DATA:
    case GUEST_FRAME_EOF:
    case GUEST_FRAME_CREDIT:
    case GUEST_FRAME_TAKEN:
    case GUEST_FRAME_WANTED:
    case GUEST_FRAME_CLOSE:
        return handle_stream(run, frame, error);
    case GUEST_FRAME_CLOCK:
        return handle_clock(run, frame, error);
    case GUEST_FRAME_MOMENT:
        return handle_moment(frame);
    default:
        if (frame->flags & GUEST_FRAME_FLAG_OPTIONAL)
            return GVIR_SANDBOX_VERDICT_GO_ON;
        return refuse(error, _("a frame that only the host sends"));
    }
}
