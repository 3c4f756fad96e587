/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "run.h"

#include "changes.h"
#include "message.h"
#include "reaper.h"
#include "signals.h"
#include "status.h"

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

typedef struct {
    GMainLoop *loop;
    GVirSandboxContext *context;
    GVirSandboxConsole *console;
    GVirSandboxConsole *log;
    const Options *options;
    gboolean has_terminal; /* so has the program, and its keys are ours */
    GCancellable *starting; /* until it runs */
    int status;          /* of the program, or -1 */
    int forced_status;   /* what we ended it for, or -1 */
    int last_end_signal;
    gint64 last_end_time; /* microseconds, monotonic */
    gboolean stopping;
} Run;

static void
stopped(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Run *run = user_data;
    g_autoptr(GError) error = NULL;

    if (!gvir_sandbox_context_stop_finish(GVIR_SANDBOX_CONTEXT(source), result, &error) &&
        !g_error_matches(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE)) {
        message("%s", error->message);
        run->forced_status = STATUS_BROKEN;
    }
    g_main_loop_quit(run->loop);
}

/* One that is just being started ends as soon as that can be undone. */
static void
stop(Run *run)
{
    if (run->stopping)
        return;
    run->stopping = TRUE;
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

    run->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void
failed(GVirSandboxConsole *console G_GNUC_UNUSED, const GError *error, gpointer user_data)
{
    Run *run = user_data;

    /* What we end ourselves is no failure. */
    if (run->forced_status >= 0)
        return;
    message("%s", error->message);
    if (run->status <= 0)
        run->status = STATUS_BROKEN;
}

static void
closed(GVirSandboxConsole *console G_GNUC_UNUSED, gboolean failed_early G_GNUC_UNUSED, gpointer user_data)
{
    stop(user_data);
}

static void
changed(GVirSandboxConsoleRpc *console G_GNUC_UNUSED, const gchar *kind, const gchar *path,
        gpointer user_data G_GNUC_UNUSED)
{
    changes_print(kind, path);
}

static void
set_size(Run *run)
{
    struct winsize size = { 0 };

    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0)
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    if (run->console && size.ws_row > 0 && size.ws_col > 0)
        gvir_sandbox_console_rpc_set_size(GVIR_SANDBOX_CONSOLE_RPC(run->console), size.ws_row, size.ws_col,
                                          NULL);
}

/* Anew, with the mode and the size that it has by now. */
static void
take_terminal(Run *run)
{
    g_autoptr(GError) error = NULL;

    set_size(run);
    if (gvir_sandbox_console_attach_stdio(run->console, &error))
        return;
    message("%s", error->message);
    run->forced_status = STATUS_BROKEN;
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

    if ((run->has_terminal && run->console) || (number != SIGINT && number != SIGTERM))
        return FALSE;
    again = run->last_end_signal == number && now - run->last_end_time < IMPATIENCE_USEC;
    run->last_end_signal = number;
    run->last_end_time = now;
    return again;
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
    if (run->console &&
        gvir_sandbox_console_rpc_send_signal(GVIR_SANDBOX_CONSOLE_RPC(run->console), number, NULL))
        return;
    /* There is no program yet, so that its default is ours. */
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

    run->forced_status = STATUS_TIMEOUT;
    if (run->console &&
        gvir_sandbox_console_rpc_send_signal(GVIR_SANDBOX_CONSOLE_RPC(run->console), SIGTERM, NULL))
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
    g_signal_connect(run->console, "changed", G_CALLBACK(changed), run);
    g_signal_connect(run->console, "failed", G_CALLBACK(failed), run);
    g_signal_connect(run->console, "closed", G_CALLBACK(closed), run);
    return gvir_sandbox_console_attach_stdio(run->console, error);
}

static void
started(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Run *run = user_data;
    g_autoptr(GError) error = NULL;

    g_clear_object(&run->starting);
    if (!gvir_sandbox_context_start_finish(GVIR_SANDBOX_CONTEXT(source), result, &error)) {
        if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
            message("%s", error->message);
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
        message("%s", error->message);
        stop(run);
    }
}

static int
final_status(const Run *run)
{
    if (run->forced_status >= 0)
        return run->forced_status;
    return run->status >= 0 ? run->status : STATUS_BROKEN;
}

int
run_sandbox(GVirConnection *connection, GVirSandboxConfigInteractive *config, const Options *options)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    /* Ends with the process, as does its connection. */
    static GVirSandboxContextInteractive *context;
    g_autoptr(GError) error = NULL;
    Run run = { .loop = loop, .options = options, .status = -1, .forced_status = -1 };

    context = gvir_sandbox_context_interactive_new(connection, config);
    run.context = GVIR_SANDBOX_CONTEXT(context);
    run.has_terminal = gvir_sandbox_config_interactive_get_tty(config) && isatty(STDIN_FILENO);
    g_object_set(context, "impatient", TRUE, NULL);
    g_signal_connect(context, "progress", G_CALLBACK(show_progress), NULL);
    if (!signals_watch(signal_came, &run, &error)) {
        message("%s", error->message);
        return STATUS_BROKEN;
    }
    if (options->timeout_seconds > 0)
        g_timeout_add((guint)MIN(options->timeout_seconds * 1000, G_MAXUINT), timed_out, &run);

    reaper_start();
    run.starting = g_cancellable_new();
    gvir_sandbox_context_start_async(run.context, run.starting, started, &run);
    g_main_loop_run(loop);

    g_clear_object(&run.log);
    g_clear_object(&run.console);
    return final_status(&run);
}
