/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/run.h"

#include "bin/changes.h"
#include "bin/messages/error-output.h"
#include "bin/messages/message.h"
#include "bin/messages/missing-program.h"
#include "bin/messages/status.h"
#include "bin/reaper.h"
#include "bin/signals.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A second SIGINT or SIGTERM within this time is not for the program any more. */
#define IMPATIENCE_USEC (2 * G_USEC_PER_SEC)
/* A program that was told to end, and a guest that was told to kill it, each get so long for it. */
#define OBEY_SECONDS 2
/* And libvirt so long, to start what is to be ended and to end it. */
#define STUCK_SECONDS 60

typedef struct {
    GMainLoop *loop;
    GVirSandboxContext *context;
    GVirSandboxConsole *console;
    GVirSandboxConsole *log;
    GVirSandboxConfig *config;
    const Options *options;
    Ending *ending;
    gboolean has_terminal;  /* so has the program, which may read what is typed */
    gboolean is_typed_on;   /* and nobody else does */
    GCancellable *starting; /* until it runs */
    int status;             /* of the program, or -1 */
    gboolean by_signal;     /* which is that of its death */
    int forced_status;      /* what we ended it for, or -1 */
    gboolean tells;         /* the program is over, and its changes are told */
    gboolean holds;         /* until those are read that were told */
    int last_end_signal;
    gint64 last_end_time; /* microseconds, monotonic */
    gboolean stopping;
} Run;

/* What cannot go on as it should is the reason for our end, whatever else there was before. */
static void
break_off(Run *run, const GError *error)
{
    ending_fail(run->ending, error);
    run->forced_status = STATUS_BROKEN;
}

static void
stopped(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Run *run = user_data;
    g_autoptr(GError) error = NULL;

    if (!gvir_sandbox_context_stop_finish(GVIR_SANDBOX_CONTEXT(source), result, &error) &&
        !g_error_matches(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE)) {
        break_off(run, error);
    }
    g_main_loop_quit(run->loop);
}

/* What it may still be doing ends with this process, and the guard and libvirt clear up behind us. */
static gboolean
abandon(gpointer user_data)
{
    Run *run = user_data;
    g_autoptr(GError) error =
        g_error_new(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_FAILED,
                    _("libvirt has not ended the sandbox in %d seconds; not waiting for it any longer"), STUCK_SECONDS);

    /* A program that has ended did so, however long it takes to remove what it wrote. */
    if (run->forced_status < 0 && run->status < 0)
        break_off(run, error);
    else
        message("%s", error->message);
    g_main_loop_quit(run->loop);
    return G_SOURCE_REMOVE;
}

/* One that is just being started ends as soon as that can be undone. */
static void
stop(Run *run)
{
    if (run->stopping)
        return;
    run->stopping = TRUE;
    g_timeout_add_seconds(STUCK_SECONDS, abandon, run);
    if (run->starting)
        g_cancellable_cancel(run->starting);
    else
        gvir_sandbox_context_stop_async(run->context, NULL, stopped, run);
}

static gboolean
stop_disobedient(gpointer user_data)
{
    stop(user_data);
    return G_SOURCE_REMOVE;
}

/* First the guest is asked, then it is not asked any more. */
static void
end_sandbox(Run *run, int status)
{
    run->ending->hurried = TRUE;
    if (run->forced_status < 0)
        run->forced_status = status;
    if (run->console && gvir_sandbox_console_rpc_quit(GVIR_SANDBOX_CONSOLE_RPC(run->console), NULL))
        g_timeout_add_seconds(OBEY_SECONDS, stop_disobedient, run);
    else
        stop(run);
}

static void
exited(GVirSandboxConsoleRpc *console G_GNUC_UNUSED, gint status, gpointer user_data)
{
    Run *run = user_data;

    run->by_signal = WIFSIGNALED(status);
    run->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static gboolean
was_not_executed(const GError *error)
{
    return g_error_matches(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND) ||
           g_error_matches(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_EXECUTABLE);
}

static void
fail_program(Run *run, const GError *error)
{
    g_autofree gchar *reason = g_error_matches(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND)
                                   ? missing_program_explain(run->config)
                                   : NULL;
    g_autoptr(GError) explained = g_error_copy(error);

    if (reason) {
        g_autofree gchar *message = g_steal_pointer(&explained->message);

        explained->message = g_strdup_printf("%s: %s", message, reason);
    }
    ending_fail(run->ending, explained);
}

static void
failed(GVirSandboxConsole *console G_GNUC_UNUSED, const GError *error, gpointer user_data)
{
    Run *run = user_data;

    /* What we end ourselves is no failure. */
    if (run->forced_status >= 0)
        return;
    if (run->status > 0 && !was_not_executed(error)) {
        message("%s", error->message);
        return;
    }
    fail_program(run, error);
    if (run->status <= 0)
        run->status = STATUS_BROKEN;
}

static void
closed(GVirSandboxConsole *console G_GNUC_UNUSED, gboolean failed_early G_GNUC_UNUSED, gpointer user_data)
{
    stop(user_data);
}

static gboolean
tell_on(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, gpointer user_data)
{
    Run *run = user_data;

    run->holds = FALSE;
    if (run->console)
        gvir_sandbox_console_rpc_hold(GVIR_SANDBOX_CONSOLE_RPC(run->console), FALSE);
    return G_SOURCE_REMOVE;
}

/* There may be any number, so that no more is taken from the guest than is read on the other side. */
static void
changed(GVirSandboxConsoleRpc *console, const gchar *kind, GBytes *bytes, gpointer user_data)
{
    g_autofree gchar *path = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    Run *run = user_data;

    run->tells = TRUE;
    changes_print(kind, path);
    if (run->holds || !error_output_is_full())
        return;
    run->holds = TRUE;
    gvir_sandbox_console_rpc_hold(console, TRUE);
    g_unix_fd_add(error_output_get_idle_fd(), G_IO_IN, tell_on, run);
}

static void
set_size(Run *run)
{
    struct winsize size = { 0 };

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && ioctl(fd, TIOCGWINSZ, &size) < 0; fd++)
        ;
    if (run->console && size.ws_row > 0 && size.ws_col > 0)
        gvir_sandbox_console_rpc_set_size(GVIR_SANDBOX_CONSOLE_RPC(run->console), size.ws_row, size.ws_col, NULL);
}

/* Anew, with the mode and the size that it has by now. */
static void
take_terminal(Run *run)
{
    g_autoptr(GError) error = NULL;

    set_size(run);
    if (gvir_sandbox_console_attach_stdio(run->console, &error))
        return;
    break_off(run, error);
    stop(run);
}

/* Whoever uses the terminal while we are stopped shall find it in its usual mode. */
static void
suspend(Run *run)
{
    gboolean detached = run->console && gvir_sandbox_console_detach(run->console, NULL);

    signals_stop_here();
    if (detached)
        take_terminal(run);
}

/* Without having been stopped by SIGTSTP: a shell may have taken the terminal from us. */
static void
resume(Run *run)
{
    if (run->has_terminal && run->console && gvir_sandbox_console_detach(run->console, NULL))
        take_terminal(run);
}

static gboolean
is_impatient(Run *run, int number)
{
    gint64 now = g_get_monotonic_time();
    gboolean again;

    if ((run->is_typed_on && run->console) || (number != SIGINT && number != SIGTERM))
        return FALSE;
    again = run->last_end_signal == number && now - run->last_end_time < IMPATIENCE_USEC;
    run->last_end_signal = number;
    run->last_end_time = now;
    return again;
}

/* FALSE where there is none that could do something about it. */
static gboolean
signal_program(Run *run, guint number)
{
    GVirSandboxConsoleRpc *console = run->console ? GVIR_SANDBOX_CONSOLE_RPC(run->console) : NULL;

    return console && !run->tells && gvir_sandbox_console_rpc_is_running(console) &&
           gvir_sandbox_console_rpc_send_signal(console, number, NULL);
}

static void
hand_on(Run *run, int number)
{
    if (is_impatient(run, number)) {
        /* Neither starting nor stopping can be hurried; the guard and libvirt clear up behind us. */
        if (run->starting || run->stopping)
            _exit(128 + number);
        end_sandbox(run, 128 + number);
        return;
    }
    if (signal_program(run, number))
        return;
    /* There is no program, so that its default is ours. */
    if (number != SIGUSR1 && number != SIGUSR2)
        end_sandbox(run, 128 + number);
}

static void
signal_came(int number, gpointer user_data)
{
    Run *run = user_data;

    switch (number) {
    case SIGWINCH:
        set_size(run);
        break;
    case SIGTSTP:
        suspend(run);
        break;
    case SIGCONT:
        resume(run);
        break;
    default:
        hand_on(run, number);
    }
}

static gboolean
kill_overdue(gpointer user_data)
{
    end_sandbox(user_data, STATUS_TIMEOUT);
    return G_SOURCE_REMOVE;
}

static gboolean
timed_out(gpointer user_data)
{
    Run *run = user_data;

    run->ending->hurried = TRUE;
    run->forced_status = STATUS_TIMEOUT;
    if (signal_program(run, SIGTERM))
        g_timeout_add_seconds(OBEY_SECONDS, kill_overdue, run);
    else
        end_sandbox(run, STATUS_TIMEOUT);
    return G_SOURCE_REMOVE;
}

static void
show_progress(GVirSandboxContext *context G_GNUC_UNUSED, const gchar *text, gpointer user_data G_GNUC_UNUSED)
{
    if (isatty(STDERR_FILENO))
        message("%s", text);
}

static gboolean
attach_log(Run *run, GError **error)
{
    if (!run->options->debug)
        return TRUE;
    run->log = gvir_sandbox_context_get_log_console(run->context, error);
    return run->log && gvir_sandbox_console_attach_stderr(run->log, error);
}

static gboolean
attach_program(Run *run, GError **error)
{
    GVirSandboxContextInteractive *interactive = GVIR_SANDBOX_CONTEXT_INTERACTIVE(run->context);

    run->console = gvir_sandbox_context_interactive_get_app_console(interactive, error);
    if (!run->console)
        return FALSE;
    g_signal_connect(run->console, "exited", G_CALLBACK(exited), run);
    g_signal_connect(run->console, "changed-bytes", G_CALLBACK(changed), run);
    g_signal_connect(run->console, "failed", G_CALLBACK(failed), run);
    g_signal_connect(run->console, "closed", G_CALLBACK(closed), run);
    return gvir_sandbox_console_attach_stdio(run->console, error);
}

/* A start that was told to end and says anything else may have left the sandbox running. */
static void
fail_to_start(Run *run, const GError *error)
{
    if (run->stopping)
        break_off(run, error);
    else
        ending_fail(run->ending, error);
}

static void
started(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Run *run = user_data;
    g_autoptr(GError) error = NULL;

    g_clear_object(&run->starting);
    if (!gvir_sandbox_context_start_finish(GVIR_SANDBOX_CONTEXT(source), result, &error)) {
        /* What was begun is still being undone. */
        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
            gvir_sandbox_context_stop_async(run->context, NULL, stopped, run);
            return;
        }
        fail_to_start(run, error);
        g_main_loop_quit(run->loop);
        return;
    }
    g_info(_("the sandbox runs"));
    reaper_watch(gvir_sandbox_context_get_process_id(run->context));
    status_started(run->context);
    if (run->stopping) {
        gvir_sandbox_context_stop_async(run->context, NULL, stopped, run);
        return;
    }
    if (!attach_log(run, &error) || !attach_program(run, &error)) {
        ending_fail(run->ending, error);
        stop(run);
    }
}

static EndingHow
how_it_ended(const Run *run)
{
    if (run->forced_status == STATUS_TIMEOUT)
        return ENDING_TIMEOUT;
    if (run->forced_status >= 0 ||
        (run->console && gvir_sandbox_console_rpc_was_told_to_quit(GVIR_SANDBOX_CONSOLE_RPC(run->console))))
        return ENDING_KILLED;
    return run->by_signal ? ENDING_SIGNAL : ENDING_EXITED;
}

static void
conclude(const Run *run)
{
    Ending *ending = run->ending;

    if (run->forced_status >= 0)
        ending->status = run->forced_status;
    else
        ending->status = run->status >= 0 ? run->status : STATUS_BROKEN;
    ending->how = how_it_ended(run);
    /* A signal or the time-out came first. */
    if (run->forced_status >= 0 && run->forced_status != STATUS_BROKEN)
        ending_clear(ending);
}

/* A deadline, as the interval of a timer ends at 49 days. */
static void
watch_time(Run *run, gint64 milliseconds)
{
    g_autoptr(GSource) timer = NULL;

    if (milliseconds == 0)
        return;
    run->ending->deadline = g_get_monotonic_time() + milliseconds * G_TIME_SPAN_MILLISECOND;
    timer = g_timeout_source_new(G_MAXINT);
    g_source_set_ready_time(timer, run->ending->deadline);
    g_source_set_callback(timer, timed_out, run, NULL);
    g_source_attach(timer, NULL);
}

static void
look_at_terminal(Run *run, GVirSandboxConfigInteractive *config)
{
    gboolean input, output;

    gvir_sandbox_config_interactive_get_tty_streams(config, &input, &output, NULL);
    run->has_terminal = output || input;
    run->is_typed_on = input && output && isatty(STDIN_FILENO);
}

gboolean
run_sandbox(GVirConnection *connection, GVirSandboxConfigInteractive *config, const Options *options, Ending *ending,
            GError **error)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    /* Ends with the process, as does its connection. */
    static GVirSandboxContextInteractive *context;
    Run run = { .loop = loop,
                .config = GVIR_SANDBOX_CONFIG(config),
                .options = options,
                .ending = ending,
                .status = -1,
                .forced_status = -1 };

    context = gvir_sandbox_context_interactive_new(connection, config);
    run.context = GVIR_SANDBOX_CONTEXT(context);
    look_at_terminal(&run, config);
    g_object_set(context, "impatient", TRUE, NULL);
    g_signal_connect(context, "progress", G_CALLBACK(show_progress), NULL);
    if (!signals_watch(signal_came, &run, error))
        return FALSE;
    watch_time(&run, (gint64)gvir_sandbox_config_get_timeout(GVIR_SANDBOX_CONFIG(config)));
    reaper_start();
    run.starting = g_cancellable_new();
    gvir_sandbox_context_start_async(run.context, run.starting, started, &run);
    g_main_loop_run(loop);

    g_clear_object(&run.log);
    /* One that was abandoned is kept by its context, and would keep the terminal as it is. */
    if (run.console)
        gvir_sandbox_console_detach(run.console, NULL);
    conclude(&run);
    g_clear_object(&run.console);
    return TRUE;
}
