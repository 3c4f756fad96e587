/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/context-async-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"

/* What is done in a thread, and what undoes it where the caller has lost interest meanwhile. */
typedef struct {
    GVirSandboxContextMethod method;
    GVirSandboxContextMethod undo;
    gboolean returns_at_once; /* when it is cancelled; it is undone behind the caller's back */
} ContextTask;

/* What is made in a thread for the caller, and what frees it. */
typedef struct {
    GVirSandboxContextGetter getter;
    GDestroyNotify free;
} ContextGetTask;

/* Whether what was done is not wanted any more; once that is settled it is not called cancelled. */
static gboolean
is_too_late(GTask *task, const ContextTask *methods, GError **error)
{
    if (methods->returns_at_once) {
        if (!g_task_set_return_on_cancel(task, FALSE))
            return TRUE;
        g_task_set_check_cancellable(task, FALSE);
        return FALSE;
    }
    return methods->undo && g_cancellable_set_error_if_cancelled(g_task_get_cancellable(task), error);
}

static void
call_methods(GTask *task, GVirSandboxContext *context, const ContextTask *methods, GError **error)
{
    GMainContext *caller = g_task_get_context(task);
    g_autoptr(GError) kept = NULL;

    if (g_cancellable_set_error_if_cancelled(g_task_get_cancellable(task), error) ||
        !gvir_sandbox_context_call_locked(context, methods->method, caller, error))
        return;
    if (is_too_late(task, methods, error) && !gvir_sandbox_context_call_locked(context, methods->undo, caller, &kept)) {
        /* What is left behind is the worse news. */
        g_clear_error(error);
        g_propagate_error(error, g_steal_pointer(&kept));
    }
}

static void
call_in_thread(GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
    GError *error = NULL;

    if (cancellable)
        g_cancellable_push_current(cancellable);
    call_methods(task, source, task_data, &error);
    if (cancellable)
        g_cancellable_pop_current(cancellable);
    if (error)
        g_task_return_error(task, error);
    else
        g_task_return_boolean(task, TRUE);
}

static void
run_in_thread(GVirSandboxContext *context, const ContextTask *methods, GCancellable *cancellable,
              GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
    g_autoptr(GTask) task = g_task_new(context, cancellable, callback, user_data);

    g_task_set_source_tag(task, tag);
    g_task_set_task_data(task, g_memdup2(methods, sizeof(*methods)), g_free);
    /* What was done is not called cancelled. */
    g_task_set_check_cancellable(task, methods->returns_at_once);
    g_task_set_return_on_cancel(task, methods->returns_at_once);
    g_task_run_in_thread(task, call_in_thread);
}

void
gvir_sandbox_context_call_async(GVirSandboxContext *context, GVirSandboxContextMethod method,
                                GVirSandboxContextMethod undo, GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data, gpointer tag)
{
    const ContextTask methods = { .method = method, .undo = undo };

    run_in_thread(context, &methods, cancellable, callback, user_data, tag);
}

gboolean
gvir_sandbox_context_call_finish(GVirSandboxContext *context, GAsyncResult *result, gpointer tag, GError **error)
{
    g_return_val_if_fail(g_async_result_is_tagged(result, tag), FALSE);
    g_return_val_if_fail(g_task_is_valid(result, context), FALSE);

    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
get_in_thread(GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
    const ContextGetTask *getting = task_data;
    GError *error = NULL;
    gpointer got = NULL;

    if (cancellable)
        g_cancellable_push_current(cancellable);
    if (!g_cancellable_set_error_if_cancelled(cancellable, &error))
        got = gvir_sandbox_context_get_locked(source, getting->getter, g_task_get_context(task), &error);
    if (cancellable)
        g_cancellable_pop_current(cancellable);
    if (error)
        g_task_return_error(task, error);
    else
        g_task_return_pointer(task, got, getting->free);
}

static void
get_async(GVirSandboxContext *context, GVirSandboxContextGetter getter, GDestroyNotify free, GCancellable *cancellable,
          GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
    const ContextGetTask getting = { .getter = getter, .free = free };
    g_autoptr(GTask) task = g_task_new(context, cancellable, callback, user_data);

    g_task_set_source_tag(task, tag);
    g_task_set_task_data(task, g_memdup2(&getting, sizeof(getting)), g_free);
    g_task_run_in_thread(task, get_in_thread);
}

static gpointer
get_finish(GVirSandboxContext *context, GAsyncResult *result, gpointer tag, GError **error)
{
    g_return_val_if_fail(g_async_result_is_tagged(result, tag), NULL);
    g_return_val_if_fail(g_task_is_valid(result, context), NULL);

    return g_task_propagate_pointer(G_TASK(result), error);
}

/**
 * gvir_sandbox_context_start_async:
 * @context: the context
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async): called when the sandbox runs or could not be started
 * @user_data: for @callback
 *
 * Starts the sandbox in a thread of its own; see gvir_sandbox_context_start(). Signals are emitted in the
 * thread-default main context of the caller. When @cancellable is cancelled before the sandbox runs, @callback is
 * called at once, and what was begun is broken off and undone in that thread; the other methods of the context wait
 * for that.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_context_start_async(GVirSandboxContext *context, GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
    ContextTask methods = { .returns_at_once = TRUE };

    g_return_if_fail(GVIR_SANDBOX_IS_CONTEXT(context));

    methods.method = GVIR_SANDBOX_CONTEXT_GET_CLASS(context)->start;
    methods.undo = GVIR_SANDBOX_CONTEXT_GET_CLASS(context)->stop;
    run_in_thread(context, &methods, cancellable, callback, user_data, gvir_sandbox_context_start_async);
}

/**
 * gvir_sandbox_context_start_finish:
 * @context: the context
 * @result: what the callback was given
 * @error: return location for an error, or %NULL
 *
 * Ends gvir_sandbox_context_start_async(); the errors are those of gvir_sandbox_context_start(), and
 * %G_IO_ERROR_CANCELLED.
 *
 * Returns: %TRUE if the sandbox runs
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_context_start_finish(GVirSandboxContext *context, GAsyncResult *result, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return gvir_sandbox_context_call_finish(context, result, gvir_sandbox_context_start_async, error);
}

/**
 * gvir_sandbox_context_stop_async:
 * @context: the context
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async): called when the sandbox is gone or could not be ended
 * @user_data: for @callback
 *
 * Ends the sandbox in a thread of its own; see gvir_sandbox_context_stop(). Cancelling has no effect once
 * that has begun.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_context_stop_async(GVirSandboxContext *context, GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONTEXT(context));

    gvir_sandbox_context_call_async(context, GVIR_SANDBOX_CONTEXT_GET_CLASS(context)->stop, NULL, cancellable, callback,
                                    user_data, gvir_sandbox_context_stop_async);
}

/**
 * gvir_sandbox_context_stop_finish:
 * @context: the context
 * @result: what the callback was given
 * @error: return location for an error, or %NULL
 *
 * Ends gvir_sandbox_context_stop_async(); the errors are those of gvir_sandbox_context_stop(), and
 * %G_IO_ERROR_CANCELLED.
 *
 * Returns: %TRUE if the sandbox is gone
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_context_stop_finish(GVirSandboxContext *context, GAsyncResult *result, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return gvir_sandbox_context_call_finish(context, result, gvir_sandbox_context_stop_async, error);
}

/**
 * gvir_sandbox_context_attach_async:
 * @context: the context
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async): called when the sandbox was found or not
 * @user_data: for @callback
 *
 * Finds a running sandbox in a thread of its own; see gvir_sandbox_context_attach().
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_context_attach_async(GVirSandboxContext *context, GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONTEXT(context));

    gvir_sandbox_context_call_async(context, GVIR_SANDBOX_CONTEXT_GET_CLASS(context)->attach,
                                    GVIR_SANDBOX_CONTEXT_GET_CLASS(context)->detach, cancellable, callback, user_data,
                                    gvir_sandbox_context_attach_async);
}

/**
 * gvir_sandbox_context_attach_finish:
 * @context: the context
 * @result: what the callback was given
 * @error: return location for an error, or %NULL
 *
 * Ends gvir_sandbox_context_attach_async(); the errors are those of gvir_sandbox_context_attach(), and
 * %G_IO_ERROR_CANCELLED.
 *
 * Returns: %TRUE if the context is attached
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_context_attach_finish(GVirSandboxContext *context, GAsyncResult *result, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return gvir_sandbox_context_call_finish(context, result, gvir_sandbox_context_attach_async, error);
}

/**
 * gvir_sandbox_context_detach_async:
 * @context: the context
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async): called when the sandbox was left or could not be
 * @user_data: for @callback
 *
 * Leaves the sandbox in a thread of its own; see gvir_sandbox_context_detach().
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_context_detach_async(GVirSandboxContext *context, GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONTEXT(context));

    gvir_sandbox_context_call_async(context, GVIR_SANDBOX_CONTEXT_GET_CLASS(context)->detach, NULL, cancellable,
                                    callback, user_data, gvir_sandbox_context_detach_async);
}

/**
 * gvir_sandbox_context_detach_finish:
 * @context: the context
 * @result: what the callback was given
 * @error: return location for an error, or %NULL
 *
 * Ends gvir_sandbox_context_detach_async(); the errors are those of gvir_sandbox_context_detach(), and
 * %G_IO_ERROR_CANCELLED.
 *
 * Returns: %TRUE if the context is detached
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_context_detach_finish(GVirSandboxContext *context, GAsyncResult *result, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return gvir_sandbox_context_call_finish(context, result, gvir_sandbox_context_detach_async, error);
}

/**
 * gvir_sandbox_context_describe_async:
 * @context: the context
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async): called when the description is made or could not be
 * @user_data: for @callback
 *
 * Describes the sandbox in a thread of its own; see gvir_sandbox_context_describe().
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_context_describe_async(GVirSandboxContext *context, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONTEXT(context));

    get_async(context, gvir_sandbox_context_describe_now, g_free, cancellable, callback, user_data,
              gvir_sandbox_context_describe_async);
}

/**
 * gvir_sandbox_context_describe_finish:
 * @context: the context
 * @result: what the callback was given
 * @error: return location for an error, or %NULL
 *
 * Ends gvir_sandbox_context_describe_async(); the errors are those of gvir_sandbox_context_describe(), and
 * %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full): XML
 *
 * Since: 0.9.0
 */
gchar *
gvir_sandbox_context_describe_finish(GVirSandboxContext *context, GAsyncResult *result, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return get_finish(context, result, gvir_sandbox_context_describe_async, error);
}

static gpointer
get_shell_console(GVirSandboxContext *context, GError **error)
{
    return gvir_sandbox_context_get_shell_console(context, error);
}

/**
 * gvir_sandbox_context_get_shell_console_async:
 * @context: the context
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async): called when the console is made or could not be
 * @user_data: for @callback
 *
 * Makes a console on the shell in a thread of its own; see gvir_sandbox_context_get_shell_console().
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_context_get_shell_console_async(GVirSandboxContext *context, GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONTEXT(context));

    get_async(context, get_shell_console, g_object_unref, cancellable, callback, user_data,
              gvir_sandbox_context_get_shell_console_async);
}

/**
 * gvir_sandbox_context_get_shell_console_finish:
 * @context: the context
 * @result: what the callback was given
 * @error: return location for an error, or %NULL
 *
 * Ends gvir_sandbox_context_get_shell_console_async(); the errors are those of
 * gvir_sandbox_context_get_shell_console(), and %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full): a new console
 *
 * Since: 0.9.0
 */
GVirSandboxConsole *
gvir_sandbox_context_get_shell_console_finish(GVirSandboxContext *context, GAsyncResult *result, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return get_finish(context, result, gvir_sandbox_context_get_shell_console_async, error);
}
