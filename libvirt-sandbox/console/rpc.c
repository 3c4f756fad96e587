/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/rpc-private.h"
#include "libvirt-sandbox/console/channel-private.h"
#include "libvirt-sandbox/console/console-private.h"
#include "libvirt-sandbox/console/wire/rpc-frames-private.h"
#include "libvirt-sandbox/console/wire/watch-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/moment-private.h"
#include "libvirt-sandbox/util/visible-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/**
 * GVirSandboxConsoleRpc:
 *
 * The console of the program that a sandbox runs: its standard streams or its terminal, signals, and its
 * end. Speaks frames with the init of the guest, which is not trusted.
 */
struct _GVirSandboxConsoleRpc {
    GVirSandboxConsole parent_instance;

    int fd; /* until there is a wire */
    GVirSandboxRun run;
    GMainContext *context;
    GVirSandboxWatch *watch;
    GVirSandboxConsoleRpcLook look;
    GWeakRef look_owner;
    GVirSandboxLastWords *last_words; /* NULL: the program runs, or there is no log to read */
    gboolean wants_changes;
    GVirSandboxNewFile *changes_file; /* NULL: the signal */
    gboolean changes_lost;
    GError *failure;
    GSource *ending;
    gboolean finished;
    gboolean joined; /* to local streams */
    gboolean held;
    gboolean told_to_quit;
    gint stopped;            /* atomic: the sandbox is ended from here, which is no failure */
    guint64 waiting_signals; /* for the program, which has not started yet: bit N - 1 for signal N */
    gboolean keys_taken;     /* the program has waited for what is typed */
};

#define SIGNAL_MAX 64

enum { SIGNAL_EXITED, SIGNAL_CHANGED, SIGNAL_CHANGED_BYTES, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(GVirSandboxConsoleRpc, gvir_sandbox_console_rpc, GVIR_SANDBOX_TYPE_CONSOLE)

static void
clear_streams(GVirSandboxConsoleRpc *rpc)
{
    g_clear_pointer(&rpc->run.input, gvir_sandbox_program_input_free);
    g_clear_pointer(&rpc->run.keys, gvir_sandbox_program_input_free);
    g_clear_pointer(&rpc->run.changes, gvir_sandbox_changes_free);
    for (guint i = 0; i < GUEST_STREAM_COUNT; i++)
        g_clear_pointer(&rpc->run.outputs[i], gvir_sandbox_program_output_free);
}

static void
stop_ending(GVirSandboxConsoleRpc *rpc)
{
    if (rpc->ending)
        g_source_destroy(rpc->ending);
    g_clear_pointer(&rpc->ending, g_source_unref);
}

/* All that the program wrote was delivered: tell the guest and the caller. */
static gboolean
deliver_end(gpointer user_data)
{
    g_autoptr(GVirSandboxConsoleRpc) rpc = g_object_ref(user_data);
    g_autoptr(GError) failure = g_steal_pointer(&rpc->failure);

    stop_ending(rpc);
    gvir_sandbox_moment_passed("delivered");
    rpc->finished = TRUE;
    if (rpc->run.exited) {
        guint8 frame[GUEST_FRAME_CONTROL_MAX];

        gvir_sandbox_wire_send(rpc->run.wire, frame, guest_frame_encode_empty(frame, GUEST_FRAME_QUIT, 0));
    } else {
        gvir_sandbox_wire_hang_up(rpc->run.wire);
    }
    if (rpc->run.exited && !rpc->changes_lost)
        g_signal_emit(rpc, signals[SIGNAL_EXITED], 0, rpc->run.status);
    gvir_sandbox_console_finish(GVIR_SANDBOX_CONSOLE(rpc), failure);
    return G_SOURCE_REMOVE;
}

/* From the main loop, so that no handler of a signal runs inside the wire. */
static void
end_when_delivered(GVirSandboxConsoleRpc *rpc)
{
    if (rpc->run.state != GVIR_SANDBOX_RUN_ENDED || rpc->ending || rpc->finished)
        return;
    for (guint i = 0; i < GUEST_STREAM_COUNT; i++) {
        if (rpc->run.outputs[i] && !gvir_sandbox_program_output_is_delivered(rpc->run.outputs[i]))
            return;
    }
    rpc->ending = g_idle_source_new();
    g_source_set_priority(rpc->ending, G_PRIORITY_DEFAULT);
    g_source_set_callback(rpc->ending, deliver_end, rpc, NULL);
    g_source_attach(rpc->ending, rpc->context);
}

/* The run is over; takes @failure, or NULL. The caller is told when all output was delivered. */
static void
end(GVirSandboxConsoleRpc *rpc, GError *failure)
{
    rpc->run.state = GVIR_SANDBOX_RUN_ENDED;
    gvir_sandbox_watch_pause(rpc->watch);
    if (g_atomic_int_get(&rpc->stopped) && !rpc->run.exited)
        g_clear_error(&failure);
    if (!rpc->failure)
        rpc->failure = failure;
    else
        g_clear_error(&failure);
    if (rpc->run.input)
        gvir_sandbox_program_input_stop(rpc->run.input);
    if (rpc->run.keys)
        gvir_sandbox_program_input_stop(rpc->run.keys);
    end_when_delivered(rpc);
}

static void
changes_kept(GError *failure, gpointer user_data)
{
    GVirSandboxConsoleRpc *rpc = user_data;

    rpc->changes_lost = failure != NULL;
    end(rpc, failure);
}

/* Attached to a terminal, and started: whether that is read before the program waits for it. */
static void
update_patience(GVirSandboxConsoleRpc *rpc)
{
    GVirSandboxConsole *console = GVIR_SANDBOX_CONSOLE(rpc);
    gboolean typed = gvir_sandbox_console_terminal_is_exclusive(console) ||
                     (gvir_sandbox_console_terminal_is_input(console) && rpc->keys_taken);

    gvir_sandbox_program_input_set_patient(rpc->run.input, !typed);
    if (rpc->run.keys)
        gvir_sandbox_program_input_set_patient(rpc->run.keys, !rpc->keys_taken);
}

/*
 * Others may be at our terminal, too: those at the other ends of pipes, and further sandboxes beside this one. So it
 * is taken when the program waits for it and not before, and then for as long as the program runs.
 */
static void
take_terminal(GVirSandboxConsoleRpc *rpc, guint16 stream, GError **error)
{
    GVirSandboxConsole *console = GVIR_SANDBOX_CONSOLE(rpc);
    GVirSandboxProgramInput *input = stream == GUEST_STREAM_KEYS ? rpc->run.keys : rpc->run.input;
    gboolean is_typed = stream == GUEST_STREAM_KEYS || gvir_sandbox_console_terminal_is_input(console);

    if (!is_typed || rpc->keys_taken || !gvir_sandbox_program_input_is_wanted(input))
        return;
    rpc->keys_taken = TRUE;
    update_patience(rpc);
    gvir_sandbox_console_enter_terminal(console, error);
    gvir_sandbox_program_input_resume(input);
}

static gboolean
is_started(const GVirSandboxConsoleRpc *rpc)
{
    return rpc->run.state == GVIR_SANDBOX_RUN_STARTING || rpc->run.state == GVIR_SANDBOX_RUN_RUNNING;
}

static void
send_signal(GVirSandboxConsoleRpc *rpc, guint number)
{
    guint8 frame[GUEST_FRAME_CONTROL_MAX];

    gvir_sandbox_wire_send(rpc->run.wire, frame, guest_frame_encode_signal(frame, number));
}

static void
send_waiting_signals(GVirSandboxConsoleRpc *rpc)
{
    for (guint number = 1; is_started(rpc) && number <= SIGNAL_MAX; number++) {
        guint64 bit = G_GUINT64_CONSTANT(1) << (number - 1);

        if (rpc->waiting_signals & bit)
            send_signal(rpc, number);
        rpc->waiting_signals &= ~bit;
    }
}

static void
drop_last_words(GVirSandboxConsoleRpc *rpc)
{
    if (rpc->last_words)
        gvir_sandbox_last_words_close(rpc->last_words);
    g_clear_pointer(&rpc->last_words, gvir_sandbox_last_words_unref);
}

static void
handle_frame(GVirSandboxWire *wire G_GNUC_UNUSED, const struct guest_frame *frame, GError **error, gpointer user_data)
{
    GVirSandboxConsoleRpc *rpc = user_data;
    GError *failure = NULL;

    switch (gvir_sandbox_rpc_frames_handle(&rpc->run, frame, &failure)) {
    case GVIR_SANDBOX_VERDICT_GO_ON:
        break;
    case GVIR_SANDBOX_VERDICT_STEPPED:
        send_waiting_signals(rpc);
        gvir_sandbox_watch_expect(rpc->watch, GVIR_SANDBOX_EXPECT_STEP);
        break;
    case GVIR_SANDBOX_VERDICT_RUNS:
        gvir_sandbox_watch_expect(rpc->watch, GVIR_SANDBOX_EXPECT_RUN);
        drop_last_words(rpc);
        if (gvir_sandbox_console_terminal_is_exclusive(GVIR_SANDBOX_CONSOLE(rpc)))
            gvir_sandbox_console_enter_terminal(GVIR_SANDBOX_CONSOLE(rpc), error);
        break;
    case GVIR_SANDBOX_VERDICT_WAITS:
        take_terminal(rpc, frame->stream, error);
        break;
    case GVIR_SANDBOX_VERDICT_EXITED:
        gvir_sandbox_watch_pause(rpc->watch);
        gvir_sandbox_changes_finish(rpc->run.changes, changes_kept);
        break;
    case GVIR_SANDBOX_VERDICT_OVER:
        end(rpc, failure);
        break;
    case GVIR_SANDBOX_VERDICT_REFUSED:
        g_propagate_error(error, failure);
        break;
    }
}

static gssize
handle_splice(GVirSandboxWire *wire G_GNUC_UNUSED, guint stream, int fd, gsize length, gpointer user_data)
{
    GVirSandboxConsoleRpc *rpc = user_data;

    if (rpc->run.state != GVIR_SANDBOX_RUN_RUNNING || (stream != GUEST_STREAM_STDOUT && stream != GUEST_STREAM_STDERR))
        return 0;
    return gvir_sandbox_program_output_splice(rpc->run.outputs[stream], fd, length);
}

static void
handle_idle(GVirSandboxWire *wire G_GNUC_UNUSED, gpointer user_data)
{
    GVirSandboxConsoleRpc *rpc = user_data;

    if (rpc->run.input && rpc->run.state != GVIR_SANDBOX_RUN_ENDED)
        gvir_sandbox_program_input_resume(rpc->run.input);
    if (rpc->run.keys && rpc->run.state != GVIR_SANDBOX_RUN_ENDED)
        gvir_sandbox_program_input_resume(rpc->run.keys);
}

static void
handle_closed(GVirSandboxWire *wire G_GNUC_UNUSED, const GError *error, gpointer user_data)
{
    GVirSandboxConsoleRpc *rpc = user_data;

    if (gvir_sandbox_rpc_frames_are_over(&rpc->run))
        return;
    if (error || g_atomic_int_get(&rpc->stopped))
        end(rpc, error ? g_error_copy(error) : NULL);
    else
        gvir_sandbox_watch_expect(rpc->watch, GVIR_SANDBOX_EXPECT_REASON);
}

static void
output_delivered(gpointer user_data)
{
    end_when_delivered(user_data);
}

static void
output_failed(int saved_errno, guint stream, gpointer user_data)
{
    GVirSandboxConsoleRpc *rpc = user_data;

    /* A reader that went away is the program's business, which finds its pipe broken. */
    if (saved_errno != EPIPE && saved_errno != ECONNRESET && !rpc->failure)
        gvir_sandbox_error_set_errno(&rpc->failure, saved_errno, "%s",
                                     stream == GUEST_STREAM_STDOUT ? _("writing to standard output")
                                                                   : _("writing to standard error"));
    end_when_delivered(rpc);
}

/* The user does not wait for the disk. */
static void
leave_changes(GVirSandboxConsoleRpc *rpc)
{
    g_clear_pointer(&rpc->run.changes, gvir_sandbox_changes_free);
    rpc->changes_lost = TRUE;
    end(rpc,
        g_error_new(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_FAILED, _("changes: left before they were on the disk")));
}

static void
typed(const guint8 *data, gsize length, gpointer user_data)
{
    GVirSandboxConsoleRpc *rpc = user_data;

    if (!gvir_sandbox_console_escaped(GVIR_SANDBOX_CONSOLE(rpc), data, length))
        return;
    if (rpc->run.state == GVIR_SANDBOX_RUN_KEEPING)
        leave_changes(rpc);
    else if (gvir_sandbox_console_rpc_quit(rpc, NULL))
        gvir_sandbox_watch_expect(rpc->watch, GVIR_SANDBOX_EXPECT_EXIT);
}

static void
change_told(enum guest_change_kind kind, const gchar *path, gpointer user_data)
{
    const gchar text[] = { (gchar)kind, '\0' };
    g_autoptr(GBytes) bytes = g_bytes_new(path, strlen(path));
    g_autofree gchar *shown = g_utf8_make_valid(path, -1);

    g_signal_emit(user_data, signals[SIGNAL_CHANGED], 0, text, shown);
    g_signal_emit(user_data, signals[SIGNAL_CHANGED_BYTES], 0, text, bytes);
}

static void
make_streams(GVirSandboxConsoleRpc *rpc)
{
    static const GVirSandboxProgramOutputHandlers output_handlers = {
        .delivered = output_delivered,
        .failed = output_failed,
    };
    GVirSandboxConsole *console = GVIR_SANDBOX_CONSOLE(rpc);

    /* What comes from elsewhere is never meant for us. */
    rpc->run.input = gvir_sandbox_program_input_new(
        rpc->run.wire, GUEST_STREAM_STDIN, gvir_sandbox_console_terminal_is_input(console) ? typed : NULL, rpc);
    if (gvir_sandbox_console_terminal_is_beside_input(console))
        rpc->run.keys = gvir_sandbox_program_input_new(rpc->run.wire, GUEST_STREAM_KEYS, typed, rpc);
    for (guint16 i = GUEST_STREAM_STDOUT; i < GUEST_STREAM_COUNT; i++)
        rpc->run.outputs[i] = gvir_sandbox_program_output_new(rpc->run.wire, i, &output_handlers, rpc);
    if (rpc->wants_changes)
        rpc->run.changes = gvir_sandbox_changes_new(rpc->run.wire, rpc->changes_file, change_told, rpc);
}

void
gvir_sandbox_console_rpc_set_descriptor(GVirSandboxConsoleRpc *rpc, int fd)
{
    rpc->fd = fd;
}

void
gvir_sandbox_console_rpc_set_program(GVirSandboxConsoleRpc *rpc, const gchar *program)
{
    g_free(rpc->run.program);
    rpc->run.program = gvir_sandbox_visible_line(program, strlen(program));
}

void
gvir_sandbox_console_rpc_set_look(GVirSandboxConsoleRpc *rpc, GVirSandboxConsoleRpcLook look, GObject *owner)
{
    rpc->look = look;
    g_weak_ref_set(&rpc->look_owner, owner);
}

void
gvir_sandbox_console_rpc_set_last_words(GVirSandboxConsoleRpc *rpc, GVirSandboxLastWords *words)
{
    rpc->last_words = gvir_sandbox_last_words_ref(words);
}

void
gvir_sandbox_console_rpc_set_changes(GVirSandboxConsoleRpc *rpc, GVirSandboxNewFile *file)
{
    g_clear_pointer(&rpc->changes_file, gvir_sandbox_new_file_unref);
    rpc->wants_changes = TRUE;
    rpc->changes_file = file ? gvir_sandbox_new_file_ref(file) : NULL;
}

gboolean
gvir_sandbox_console_rpc_connect(GVirSandboxConsoleRpc *rpc, GError **error)
{
    GVirSandboxConsole *console = GVIR_SANDBOX_CONSOLE(rpc);

    if (rpc->fd < 0)
        rpc->fd = gvir_sandbox_channel_connect(gvir_sandbox_console_get_domain(console),
                                               gvir_sandbox_console_get_devname(console), error);
    return rpc->fd >= 0;
}

void
gvir_sandbox_console_rpc_set_stopped(GVirSandboxConsoleRpc *rpc, gboolean stopped)
{
    g_atomic_int_set(&rpc->stopped, stopped);
}

/* What the sandbox said before it was ended is in the wire, which then hangs up. */
static void
conclude(GVirSandboxConsoleRpc *rpc)
{
    if (gvir_sandbox_rpc_frames_are_over(&rpc->run))
        return;
    gvir_sandbox_console_rpc_set_stopped(rpc, TRUE);
    if (!rpc->run.wire)
        rpc->finished = TRUE;
    else if (rpc->joined && !rpc->held)
        gvir_sandbox_watch_expect(rpc->watch, GVIR_SANDBOX_EXPECT_REASON);
    else
        end(rpc, NULL);
}

static gboolean
release_there(gpointer console)
{
    conclude(console);
    g_object_unref(console);
    return G_SOURCE_REMOVE;
}

void
gvir_sandbox_console_rpc_release(GVirSandboxConsoleRpc *rpc)
{
    GMainContext *context = g_atomic_pointer_get(&rpc->context);
    g_autoptr(GMainContext) kept = context ? g_main_context_ref(context) : NULL;

    if (kept && !g_main_context_acquire(kept)) {
        g_main_context_invoke_full(kept, G_PRIORITY_HIGH, release_there, rpc, NULL);
        return;
    }
    /* Nobody else is at work there now. */
    release_there(rpc);
    if (kept)
        g_main_context_release(kept);
}

static GError *
check_sandbox(gboolean hung_up, gpointer console)
{
    GVirSandboxConsoleRpc *rpc = console;
    g_autoptr(GObject) owner = g_weak_ref_get(&rpc->look_owner);

    return owner ? rpc->look(owner, hung_up) : NULL;
}

static void
add_last_words(GVirSandboxLastWords *words, GError *reason)
{
    g_autofree gchar *line = gvir_sandbox_last_words_get_line(words);
    g_autofree gchar *message = NULL;

    if (!line)
        return;
    message = reason->message;
    reason->message = g_strdup_printf(_("%s; the last words of its log: %s"), message, line);
}

static void
sandbox_over(GError *reason, gpointer console)
{
    GVirSandboxConsoleRpc *rpc = console;

    if (rpc->last_words)
        add_last_words(rpc->last_words, reason);
    end(rpc, reason);
}

/* The wire belongs to the main context of whoever attaches, so it is made then and not before. */
static gboolean
make_wire(GVirSandboxConsoleRpc *rpc, GError **error)
{
    static const GVirSandboxWireHandlers handlers = {
        .frame = handle_frame,
        .splice = handle_splice,
        .idle = handle_idle,
        .closed = handle_closed,
    };
    static const GVirSandboxWatchHandlers watch_handlers = { .check = check_sandbox, .over = sandbox_over };

    if (rpc->run.wire)
        return TRUE;
    if (!gvir_sandbox_console_rpc_connect(rpc, error))
        return FALSE;
    g_atomic_pointer_set(&rpc->context, g_main_context_ref_thread_default());
    rpc->run.wire = gvir_sandbox_wire_new(rpc->fd, &handlers, rpc);
    rpc->fd = -1;
    rpc->watch = gvir_sandbox_watch_new(rpc->context, &watch_handlers, G_OBJECT(rpc));
    rpc->run.terminal = gvir_sandbox_console_has_terminal(GVIR_SANDBOX_CONSOLE(rpc));
    make_streams(rpc);
    return TRUE;
}

static void
read_on(GVirSandboxConsoleRpc *rpc)
{
    if (rpc->joined && !rpc->held)
        gvir_sandbox_wire_open(rpc->run.wire);
}

static int
input_descriptor(GUnixInputStream *stream)
{
    return stream ? g_unix_input_stream_get_fd(stream) : -1;
}

static int
output_descriptor(GUnixOutputStream *stream)
{
    return stream ? g_unix_output_stream_get_fd(stream) : -1;
}

static void
learn_size(GVirSandboxConsoleRpc *rpc, int fd)
{
    guint16 rows, columns;

    if (rpc->run.rows == 0 && fd >= 0 && gvir_sandbox_terminal_get_size(fd, &rows, &columns)) {
        rpc->run.rows = rows;
        rpc->run.columns = columns;
    }
}

static gboolean
gvir_sandbox_console_rpc_attach(GVirSandboxConsole *console, GUnixInputStream *local_stdin,
                                GUnixOutputStream *local_stdout, GUnixOutputStream *local_stderr, GError **error)
{
    GVirSandboxConsoleRpc *rpc = GVIR_SANDBOX_CONSOLE_RPC(console);

    if (rpc->finished) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE, _("the program of the console has ended"));
        return FALSE;
    }
    if (!make_wire(rpc, error))
        return FALSE;

    if (gvir_sandbox_console_has_terminal(console)) {
        learn_size(rpc, input_descriptor(local_stdin));
        learn_size(rpc, output_descriptor(local_stderr));
        learn_size(rpc, output_descriptor(local_stdout));
    }
    update_patience(rpc);
    gvir_sandbox_program_input_attach(rpc->run.input, input_descriptor(local_stdin));
    if (rpc->run.keys)
        gvir_sandbox_program_input_attach(rpc->run.keys, gvir_sandbox_console_get_keys(console));
    gvir_sandbox_program_output_attach(rpc->run.outputs[GUEST_STREAM_STDOUT], output_descriptor(local_stdout));
    gvir_sandbox_program_output_attach(rpc->run.outputs[GUEST_STREAM_STDERR], output_descriptor(local_stderr));
    rpc->joined = TRUE;
    read_on(rpc);
    if (!gvir_sandbox_rpc_frames_are_over(&rpc->run))
        gvir_sandbox_watch_resume(rpc->watch);
    return TRUE;
}

static gboolean
gvir_sandbox_console_rpc_detach(GVirSandboxConsole *console, GError **error G_GNUC_UNUSED)
{
    GVirSandboxConsoleRpc *rpc = GVIR_SANDBOX_CONSOLE_RPC(console);

    rpc->joined = FALSE;
    if (rpc->run.state != GVIR_SANDBOX_RUN_ENDED) {
        gvir_sandbox_wire_pause(rpc->run.wire);
        gvir_sandbox_watch_pause(rpc->watch);
    }
    gvir_sandbox_program_input_detach(rpc->run.input);
    if (rpc->run.keys)
        gvir_sandbox_program_input_detach(rpc->run.keys);
    gvir_sandbox_program_output_detach(rpc->run.outputs[GUEST_STREAM_STDOUT]);
    gvir_sandbox_program_output_detach(rpc->run.outputs[GUEST_STREAM_STDERR]);
    return TRUE;
}

static void
gvir_sandbox_console_rpc_finalize(GObject *object)
{
    GVirSandboxConsoleRpc *rpc = GVIR_SANDBOX_CONSOLE_RPC(object);

    stop_ending(rpc);
    g_clear_pointer(&rpc->watch, gvir_sandbox_watch_free);
    clear_streams(rpc);
    g_clear_pointer(&rpc->run.wire, gvir_sandbox_wire_free);
    if (rpc->fd >= 0)
        close(rpc->fd);
    g_clear_error(&rpc->failure);
    g_weak_ref_clear(&rpc->look_owner);
    drop_last_words(rpc);
    g_clear_pointer(&rpc->context, g_main_context_unref);
    g_free(rpc->run.program);
    g_clear_pointer(&rpc->changes_file, gvir_sandbox_new_file_unref);
    G_OBJECT_CLASS(gvir_sandbox_console_rpc_parent_class)->finalize(object);
}

static void
gvir_sandbox_console_rpc_class_init(GVirSandboxConsoleRpcClass *klass)
{
    GVirSandboxConsoleClass *console_class = GVIR_SANDBOX_CONSOLE_CLASS(klass);

    G_OBJECT_CLASS(klass)->finalize = gvir_sandbox_console_rpc_finalize;
    console_class->attach = gvir_sandbox_console_rpc_attach;
    console_class->detach = gvir_sandbox_console_rpc_detach;

    /**
     * GVirSandboxConsoleRpc::exited:
     * @console: the console
     * @status: how the program ended, as waitpid() gives it: for WIFEXITED(), WEXITSTATUS(),
     *   WIFSIGNALED() and WTERMSIG(); a program that could not be executed has the exit status 126
     *   or 127, and #GVirSandboxConsole::failed says why
     *
     * The program has ended and all its output was delivered, and what it changed in an overlay was written
     * if that was asked for. #GVirSandboxConsole::closed follows.
     */
    signals[SIGNAL_EXITED] = g_signal_new("exited", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_INT);

    /**
     * GVirSandboxConsoleRpc::changed:
     * @console: the console
     * @kind: "A" for what was added, "C" for what was changed, "D" for what was deleted
     * @path: the path in the sandbox, with U+FFFD in the place of bytes that are not UTF-8
     *
     * The program, which has ended, has changed something in its overlay. Emitted for each change if the
     * configuration's #GVirSandboxConfig:changes are "-".
     *
     * Since: 0.9.0
     */
    signals[SIGNAL_CHANGED] = g_signal_new("changed", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);

    /**
     * GVirSandboxConsoleRpc::changed-bytes:
     * @console: the console
     * @kind: as for #GVirSandboxConsoleRpc::changed
     * @path: the path in the sandbox, which can have any bytes but 0
     *
     * As #GVirSandboxConsoleRpc::changed, which comes just before it, with the path as it is.
     *
     * Since: 0.9.0
     */
    signals[SIGNAL_CHANGED_BYTES] = g_signal_new("changed-bytes", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                                 NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_BYTES);
}

static void
gvir_sandbox_console_rpc_init(GVirSandboxConsoleRpc *rpc)
{
    rpc->fd = -1;
    g_weak_ref_init(&rpc->look_owner, NULL);
}

/**
 * gvir_sandbox_console_rpc_new: (constructor)
 * @connection: the connection of the domain
 * @domain: the domain of a sandbox
 * @devname: the name of its channel
 *
 * Makes a console for the program of a running sandbox. A #GVirSandboxContextInteractive has one ready.
 *
 * Returns: (transfer full): a new console
 */
GVirSandboxConsoleRpc *
gvir_sandbox_console_rpc_new(GVirConnection *connection, GVirDomain *domain, const char *devname)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONSOLE_RPC, "connection", connection, "domain", domain, "devname", devname,
                        NULL);
}

/**
 * gvir_sandbox_console_rpc_send_signal:
 * @console: the console
 * @number: the signal's number, 1 to 64
 * @error: return location for an error, or %NULL
 *
 * Sends a signal to the program. One that has not started yet gets it when it does.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_STATE when the program has ended, and to
 * %GVIR_SANDBOX_ERROR_INVALID for a number that no signal has.
 *
 * Returns: %TRUE if the signal was sent or is kept for the program
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_console_rpc_send_signal(GVirSandboxConsoleRpc *console, guint number, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONSOLE_RPC(console), FALSE);

    if (number < 1 || number > SIGNAL_MAX) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, _("signal %u: no such signal"), number);
        return FALSE;
    }
    if (console->finished || gvir_sandbox_rpc_frames_are_over(&console->run)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE, _("the program of the console has ended"));
        return FALSE;
    }
    if (is_started(console))
        send_signal(console, number);
    else
        console->waiting_signals |= G_GUINT64_CONSTANT(1) << (number - 1);
    return TRUE;
}

/**
 * gvir_sandbox_console_rpc_is_running:
 * @console: the console
 *
 * Tells whether there is a program to talk to.
 *
 * Returns: whether the program was started, or is just being started, and has not ended
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_console_rpc_is_running(GVirSandboxConsoleRpc *console)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONSOLE_RPC(console), FALSE);

    return is_started(console);
}

/**
 * gvir_sandbox_console_rpc_set_size:
 * @console: the console
 * @rows: height in characters, 1 to 65535
 * @columns: width in characters, 1 to 65535
 * @error: return location for an error, or %NULL
 *
 * Sets the size of the program's terminal. May be called before the program runs, which then starts
 * with this size.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID for a size that no terminal has.
 *
 * Returns: %TRUE if the size was taken
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_console_rpc_set_size(GVirSandboxConsoleRpc *console, guint rows, guint columns, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONSOLE_RPC(console), FALSE);

    if (rows < 1 || rows > G_MAXUINT16 || columns < 1 || columns > G_MAXUINT16) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, _("terminal size %ux%u: no such size"),
                    columns, rows);
        return FALSE;
    }
    console->run.rows = rows;
    console->run.columns = columns;
    if (is_started(console))
        gvir_sandbox_rpc_frames_send_size(&console->run);
    return TRUE;
}

/**
 * gvir_sandbox_console_rpc_hold:
 * @console: the console
 * @hold: whether to take nothing more from the sandbox for now
 *
 * For a program that cannot keep up with #GVirSandboxConsoleRpc::changed, which a sandbox can bring about any
 * number of times: what was received is still handed over, and then nothing until the console is let go. Signals
 * and requests to end are sent meanwhile. To be called in the main context of the console.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_console_rpc_hold(GVirSandboxConsoleRpc *console, gboolean hold)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONSOLE_RPC(console));

    console->held = hold;
    if (hold && console->run.wire)
        gvir_sandbox_wire_pause(console->run.wire);
    else
        read_on(console);
}

/**
 * gvir_sandbox_console_rpc_quit:
 * @console: the console
 * @error: return location for an error, or %NULL
 *
 * Asks the sandbox to kill its program and to end. #GVirSandboxConsoleRpc::exited follows, unless the
 * guest does not obey: then gvir_sandbox_context_stop() ends it. Where the program has not started yet, it never
 * does, and #GVirSandboxConsole::closed alone follows. One that has ended needs no request.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_CONNECTION if the sandbox cannot be reached.
 *
 * Returns: %TRUE if the sandbox ends
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_console_rpc_quit(GVirSandboxConsoleRpc *console, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    guint8 frame[GUEST_FRAME_CONTROL_MAX];

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONSOLE_RPC(console), FALSE);

    if (console->finished || gvir_sandbox_rpc_frames_are_over(&console->run))
        return TRUE;
    if (!make_wire(console, error))
        return FALSE;
    console->told_to_quit = TRUE;
    if (is_started(console))
        gvir_sandbox_wire_send(console->run.wire, frame, guest_frame_encode_empty(frame, GUEST_FRAME_QUIT, 0));
    else
        end(console, NULL);
    return TRUE;
}

/**
 * gvir_sandbox_console_rpc_was_told_to_quit:
 * @console: the console
 *
 * Tells a program that was killed for us from one that a signal of its own has ended.
 *
 * Returns: whether gvir_sandbox_console_rpc_quit() or the escape key has asked the sandbox to kill its program
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_console_rpc_was_told_to_quit(GVirSandboxConsoleRpc *console)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONSOLE_RPC(console), FALSE);

    return console->told_to_quit;
}
