/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/run.h"
#include "libvirt-sandbox/context/connection.h"
#include "libvirt-sandbox/context/context-async.h"
#include "libvirt-sandbox/context/interactive.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/file-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* What a run has; the task data of its GTask, which is also what each callback gets. */
typedef struct {
    GVirConnection *connection;
    GVirSandboxContext *context;
    GVirSandboxConsole *console; /* while the program is joined to the streams */
    GUnixInputStream *input;     /* files in memory */
    GUnixOutputStream *output;
    GUnixOutputStream *errors;
    GCancellable *start; /* cancels the start, for whatever reason */
    GSource *cancelled;
    GSource *timeout;
    gboolean has_exited;
    gint wait_status;
    GError *error; /* the first */
} Run;

static void
forget_source(GSource *source)
{
    g_source_destroy(source);
    g_source_unref(source);
}

static void
run_free(Run *run)
{
    g_clear_pointer(&run->cancelled, forget_source);
    g_clear_pointer(&run->timeout, forget_source);
    g_clear_object(&run->context);
    g_clear_object(&run->connection);
    g_clear_object(&run->input);
    g_clear_object(&run->output);
    g_clear_object(&run->errors);
    g_clear_object(&run->start);
    g_clear_error(&run->error);
    g_free(run);
}

static Run *
get_run(GTask *task)
{
    return g_task_get_task_data(task);
}

/* Takes over @error. */
static void
keep_first_error(Run *run, GError *error)
{
    if (run->error)
        g_error_free(error);
    else
        run->error = error;
}

/* -- The streams -- */

static int
open_memory(const gchar *name, GError **error)
{
    int fd = memfd_create(name, MFD_CLOEXEC);

    if (fd < 0)
        gvir_sandbox_error_set_errno(error, errno, _("memory for the %s of the program"), name);
    return fd;
}

static gboolean
open_input(Run *run, GBytes *input, GError **error)
{
    gsize length = 0;
    const gchar *data = input ? g_bytes_get_data(input, &length) : NULL;
    int fd;

    if (length == 0)
        return TRUE;
    fd = open_memory("input", error);
    if (fd < 0)
        return FALSE;
    run->input = G_UNIX_INPUT_STREAM(g_unix_input_stream_new(fd, TRUE));
    if (gvir_sandbox_file_write_all(fd, data, length) && lseek(fd, 0, SEEK_SET) == 0)
        return TRUE;
    gvir_sandbox_error_set_errno(error, errno, _("memory for the %s of the program"), "input");
    return FALSE;
}

static gboolean
open_output(const gchar *name, GUnixOutputStream **stream, GError **error)
{
    int fd = open_memory(name, error);

    if (fd >= 0)
        *stream = G_UNIX_OUTPUT_STREAM(g_unix_output_stream_new(fd, TRUE));
    return fd >= 0;
}

static GBytes *
read_output(GUnixOutputStream *stream, GError **error)
{
    g_autoptr(GMappedFile) file = g_mapped_file_new_from_fd(g_unix_output_stream_get_fd(stream), FALSE, error);

    return file ? g_mapped_file_get_bytes(file) : NULL;
}

/* -- The end -- */

/* Gives up the reference to @task that goes from step to step. */
static void
complete(GTask *task)
{
    Run *run = get_run(task);

    if (!run->has_exited && !run->error)
        g_set_error(&run->error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST,
                    _("the sandbox ended before its program did"));
    g_clear_pointer(&run->cancelled, forget_source);
    g_clear_pointer(&run->timeout, forget_source);
    if (run->error)
        g_task_return_error(task, g_steal_pointer(&run->error));
    else
        g_task_return_boolean(task, TRUE);
    g_object_unref(task);
}

static void
stopped(GObject *context, GAsyncResult *result, gpointer task)
{
    GError *error = NULL;

    if (!gvir_sandbox_context_stop_finish(GVIR_SANDBOX_CONTEXT(context), result, &error))
        keep_first_error(get_run(task), error);
    complete(task);
}

/* Once: who has no console has stopped, or has not started yet. */
static void
stop(GTask *task)
{
    Run *run = get_run(task);
    g_autoptr(GVirSandboxConsole) console = g_steal_pointer(&run->console);

    if (!console)
        return;
    g_signal_handlers_disconnect_by_data(console, task);
    gvir_sandbox_context_stop_async(run->context, NULL, stopped, task);
}

/* Takes over @error. */
static void
give_up(GTask *task, GError *error)
{
    Run *run = get_run(task);

    keep_first_error(run, error);
    g_cancellable_cancel(run->start);
    stop(task);
}

static gboolean
on_cancelled(GCancellable *cancellable, gpointer task)
{
    GError *error = NULL;

    g_cancellable_set_error_if_cancelled(cancellable, &error);
    give_up(task, error);
    return G_SOURCE_REMOVE;
}

static gboolean
on_timeout(gpointer task)
{
    give_up(task, g_error_new(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_TIMED_OUT,
                              _("the program did not end in the time that it was given")));
    return G_SOURCE_REMOVE;
}

static void
on_exited(GVirSandboxConsole *console G_GNUC_UNUSED, gint wait_status, GTask *task)
{
    Run *run = get_run(task);

    run->has_exited = TRUE;
    run->wait_status = wait_status;
}

static void
on_failed(GVirSandboxConsole *console G_GNUC_UNUSED, GError *error, GTask *task)
{
    keep_first_error(get_run(task), g_error_copy(error));
}

static void
on_closed(GVirSandboxConsole *console G_GNUC_UNUSED, gboolean early G_GNUC_UNUSED, GTask *task)
{
    stop(task);
}

/* -- The way there -- */

static void
join_program(GTask *task)
{
    Run *run = get_run(task);
    GError *error = NULL;

    run->console =
        gvir_sandbox_context_interactive_get_app_console(GVIR_SANDBOX_CONTEXT_INTERACTIVE(run->context), &error);
    if (!run->console) {
        keep_first_error(run, error);
        gvir_sandbox_context_stop_async(run->context, NULL, stopped, task);
        return;
    }
    g_signal_connect(run->console, "exited", G_CALLBACK(on_exited), task);
    g_signal_connect(run->console, "failed", G_CALLBACK(on_failed), task);
    g_signal_connect(run->console, "closed", G_CALLBACK(on_closed), task);
    /* Who gave up meanwhile does not let the program begin. */
    if (run->error)
        stop(task);
    else if (!gvir_sandbox_console_attach(run->console, run->input, run->output, run->errors, &error))
        give_up(task, error);
}

/* Whether there was anything to be stopped does not matter. */
static void
undone(GObject *context, GAsyncResult *result, gpointer task)
{
    gvir_sandbox_context_stop_finish(GVIR_SANDBOX_CONTEXT(context), result, NULL);
    complete(task);
}

static void
started(GObject *context, GAsyncResult *result, gpointer task)
{
    GError *error = NULL;

    if (gvir_sandbox_context_start_finish(GVIR_SANDBOX_CONTEXT(context), result, &error)) {
        join_program(task);
        return;
    }
    keep_first_error(get_run(task), error);
    /* A start that was cancelled is still being undone. */
    gvir_sandbox_context_stop_async(GVIR_SANDBOX_CONTEXT(context), NULL, undone, task);
}

static void
start(GTask *task)
{
    Run *run = get_run(task);
    GVirSandboxConfigInteractive *config = g_task_get_source_object(task);

    run->context = GVIR_SANDBOX_CONTEXT(gvir_sandbox_context_interactive_new(run->connection, config));
    gvir_sandbox_context_start_async(run->context, run->start, started, task);
}

static void
open_in_thread(GTask *opening, gpointer config G_GNUC_UNUSED, gpointer task_data G_GNUC_UNUSED,
               GCancellable *cancellable G_GNUC_UNUSED)
{
    GError *error = NULL;
    GVirConnection *connection = gvir_sandbox_connection_open(NULL, &error);

    if (connection)
        g_task_return_pointer(opening, connection, g_object_unref);
    else
        g_task_return_error(opening, error);
}

static void
opened(GObject *config G_GNUC_UNUSED, GAsyncResult *result, gpointer task)
{
    Run *run = get_run(task);
    GError *error = NULL;

    run->connection = g_task_propagate_pointer(G_TASK(result), &error);
    if (!run->connection)
        keep_first_error(run, error);
    if (run->error)
        complete(task);
    else
        start(task);
}

static GSource *
attach_source(GSource *source, GSourceFunc callback, GTask *task)
{
    g_source_set_callback(source, callback, task, NULL);
    g_source_attach(source, g_task_get_context(task));
    return source;
}

static void
watch_limits(GTask *task, GVirSandboxConfig *config)
{
    Run *run = get_run(task);
    GCancellable *cancellable = g_task_get_cancellable(task);
    guint64 timeout = gvir_sandbox_config_get_timeout(config);

    if (cancellable)
        run->cancelled = attach_source(g_cancellable_source_new(cancellable), G_SOURCE_FUNC(on_cancelled), task);
    if (timeout > 0) {
        run->timeout = attach_source(g_timeout_source_new(0), on_timeout, task);
        g_source_set_ready_time(run->timeout, g_get_monotonic_time() + (gint64)timeout * 1000);
    }
}

/**
 * gvir_sandbox_run_async:
 * @config: the description of the sandbox and its program
 * @connection: (nullable): an open connection, or %NULL for one to the default driver that ends with the program
 * @input: (nullable): what the program reads from its standard input, or %NULL for nothing
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async): called when the program has ended and its sandbox is gone
 * @user_data: for @callback
 *
 * Does what gvir_sandbox_run() does, for a program that goes on meanwhile. Any number may be on their way at once.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_run_async(GVirSandboxConfigInteractive *config, GVirConnection *connection, GBytes *input,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    GTask *task;
    Run *run;

    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_INTERACTIVE(config));
    g_return_if_fail(!connection || GVIR_IS_CONNECTION(connection));

    task = g_task_new(config, cancellable, callback, user_data);
    g_task_set_source_tag(task, gvir_sandbox_run_async);
    /* What was done is not called cancelled. */
    g_task_set_check_cancellable(task, FALSE);
    run = g_new0(Run, 1);
    g_task_set_task_data(task, run, (GDestroyNotify)run_free);
    run->start = g_cancellable_new();
    if (g_cancellable_set_error_if_cancelled(cancellable, &run->error) || !open_input(run, input, &run->error) ||
        !open_output("output", &run->output, &run->error) || !open_output("errors", &run->errors, &run->error)) {
        complete(task);
        return;
    }
    watch_limits(task, GVIR_SANDBOX_CONFIG(config));
    if (connection) {
        run->connection = g_object_ref(connection);
        start(task);
    } else {
        g_autoptr(GTask) opening = g_task_new(config, NULL, opened, task);

        g_task_set_source_tag(opening, opened);
        g_task_run_in_thread(opening, open_in_thread);
    }
}

/**
 * gvir_sandbox_run_finish:
 * @result: what the callback was given
 * @output: (out) (optional) (transfer full): what the program wrote to its standard output
 * @errors: (out) (optional) (transfer full): what it wrote to its standard error
 * @wait_status: (out) (optional): how it ended, as waitpid() says
 * @error: return location for an error, or %NULL
 *
 * Ends gvir_sandbox_run_async(); the errors are those of gvir_sandbox_run().
 *
 * Returns: %TRUE if the program has run
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_run_finish(GAsyncResult *result, GBytes **output, GBytes **errors, gint *wait_status, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autoptr(GBytes) written = NULL;
    g_autoptr(GBytes) complaints = NULL;
    Run *run;

    g_return_val_if_fail(g_async_result_is_tagged(result, gvir_sandbox_run_async), FALSE);

    run = get_run(G_TASK(result));
    if (!g_task_propagate_boolean(G_TASK(result), error))
        return FALSE;
    written = read_output(run->output, error);
    if (!written)
        return FALSE;
    complaints = read_output(run->errors, error);
    if (!complaints)
        return FALSE;
    if (output)
        *output = g_steal_pointer(&written);
    if (errors)
        *errors = g_steal_pointer(&complaints);
    if (wait_status)
        *wait_status = run->wait_status;
    return TRUE;
}

static void
keep_result(GObject *config G_GNUC_UNUSED, GAsyncResult *result, gpointer kept)
{
    *(GAsyncResult **)kept = g_object_ref(result);
}

/**
 * gvir_sandbox_run:
 * @config: the description of the sandbox and its program
 * @connection: (nullable): an open connection, or %NULL for one to the default driver that ends with the program
 * @input: (nullable): what the program reads from its standard input, or %NULL for nothing
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @output: (out) (optional) (transfer full): what the program wrote to its standard output
 * @errors: (out) (optional) (transfer full): what it wrote to its standard error
 * @wait_status: (out) (optional): how it ended, as waitpid() says
 * @error: return location for an error, or %NULL
 *
 * Runs a program in a sandbox of its own, and returns when both are gone. As @wait_status is that of waitpid(),
 * g_spawn_check_wait_status() makes an error of a program that failed. All that the program writes is kept in memory.
 *
 * The time that gvir_sandbox_config_set_timeout() gives is that of the whole run. Cancelling ends the sandbox, whatever
 * it is doing; the error is then %G_IO_ERROR_CANCELLED.
 *
 * Sets @error to the errors of gvir_sandbox_connection_open() and gvir_sandbox_context_start(), to
 * %GVIR_SANDBOX_ERROR_NOT_FOUND, %GVIR_SANDBOX_ERROR_DENIED or %GVIR_SANDBOX_ERROR_NOT_EXECUTABLE if the sandbox cannot
 * execute the program, to %GVIR_SANDBOX_ERROR_TIMED_OUT if it did not end in time, to %GVIR_SANDBOX_ERROR_GUEST if the
 * sandbox ended before it, and to %GVIR_SANDBOX_ERROR_PROTOCOL if the guest sent what it may not send.
 *
 * Returns: %TRUE if the program has run, however it ended
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_run(GVirSandboxConfigInteractive *config, GVirConnection *connection, GBytes *input,
                 GCancellable *cancellable, GBytes **output, GBytes **errors, gint *wait_status, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autoptr(GMainContext) main_context = NULL;
    g_autoptr(GAsyncResult) result = NULL;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_INTERACTIVE(config), FALSE);
    g_return_val_if_fail(!connection || GVIR_IS_CONNECTION(connection), FALSE);

    main_context = g_main_context_new();
    g_main_context_push_thread_default(main_context);
    gvir_sandbox_run_async(config, connection, input, cancellable, keep_result, &result);
    while (!result)
        g_main_context_iteration(main_context, TRUE);
    g_main_context_pop_thread_default(main_context);
    return gvir_sandbox_run_finish(result, output, errors, wait_status, error);
}
