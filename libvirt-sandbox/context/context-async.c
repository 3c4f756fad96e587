/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/context-async.h"
#include "libvirt-sandbox/context/context-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"

/* What is done in a thread, and what undoes it where the caller has lost interest meanwhile. */
typedef struct {
    GVirSandboxContextMethod method;
    GVirSandboxContextMethod undo;
} ContextTask;

static void
call_in_thread(GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
    const ContextTask *methods = task_data;
    g_autoptr(GError) kept = NULL;
    GError *error = NULL;

    if (cancellable)
        g_cancellable_push_current(cancellable);
    if (!g_cancellable_set_error_if_cancelled(cancellable, &error) && methods->method(source, &error) &&
        methods->undo && g_cancellable_set_error_if_cancelled(cancellable, &error) && !methods->undo(source, &kept)) {
        /* What is left behind is the worse news. */
        g_clear_error(&error);
        error = g_steal_pointer(&kept);
    }
    if (cancellable)
        g_cancellable_pop_current(cancellable);
    if (error)
        g_task_return_error(task, error);
    else
        g_task_return_boolean(task, TRUE);
}

static void
call_async(GVirSandboxContext *context, GVirSandboxContextMethod method, GVirSandboxContextMethod undo,
           GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
    const ContextTask methods = { .method = method, .undo = undo };
    g_autoptr(GTask) task = g_task_new(context, cancellable, callback, user_data);

    g_task_set_source_tag(task, tag);
    g_task_set_task_data(task, g_memdup2(&methods, sizeof(methods)), g_free);
    /* What was done is not called cancelled. */
    g_task_set_check_cancellable(task, FALSE);
    g_task_run_in_thread(task, call_in_thread);
}

static gboolean
finish(GVirSandboxContext *context, GAsyncResult *result, gpointer tag, GError **error)
{
    g_return_val_if_fail(g_async_result_is_tagged(result, tag), FALSE);
    g_return_val_if_fail(g_task_is_valid(result, context), FALSE);

    return g_task_propagate_boolean(G_TASK(result), error);
}

/**
 * gvir_sandbox_context_start_async:
 * @context: the context
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async): called when the sandbox runs or could not be started
 * @user_data: for @callback
 *
 * Starts the sandbox in a thread of its own; see gvir_sandbox_context_start(). When @cancellable is
 * cancelled before it runs, it is ended again before @callback is called.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_context_start_async(GVirSandboxContext *context, GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONTEXT(context));

    call_async(context, gvir_sandbox_context_start, gvir_sandbox_context_stop, cancellable, callback, user_data,
               gvir_sandbox_context_start_async);
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

    return finish(context, result, gvir_sandbox_context_start_async, error);
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

    call_async(context, gvir_sandbox_context_stop, NULL, cancellable, callback, user_data,
               gvir_sandbox_context_stop_async);
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

    return finish(context, result, gvir_sandbox_context_stop_async, error);
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

    call_async(context, gvir_sandbox_context_attach, gvir_sandbox_context_detach, cancellable, callback, user_data,
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

    return finish(context, result, gvir_sandbox_context_attach_async, error);
}
