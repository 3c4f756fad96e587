/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/context-private.h"

/* What a program asks of a context, one at a time; the class knows how it is done. */

/**
 * gvir_sandbox_context_start:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * Creates the domain of the sandbox and returns when it runs; its program starts when the application's
 * console is attached. Blocks for as long as libvirt takes for that, and where no kernel was prepared yet
 * for as long as that takes; gvir_sandbox_context_start_async() does not.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID, %GVIR_SANDBOX_ERROR_NOT_FOUND, %GVIR_SANDBOX_ERROR_DENIED or
 * %GVIR_SANDBOX_ERROR_UNSUPPORTED for a configuration that cannot be, to %GVIR_SANDBOX_ERROR_BUSY where a
 * sandbox of that name runs, to %GVIR_SANDBOX_ERROR_STATE if it was started already, and to
 * %GVIR_SANDBOX_ERROR_CONNECTION or %GVIR_SANDBOX_ERROR_FAILED if libvirt cannot create the domain. Nothing
 * is left behind then.
 *
 * Returns: %TRUE if the sandbox runs
 */
gboolean
gvir_sandbox_context_start(GVirSandboxContext *context, GError **error)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), FALSE);

    return gvir_sandbox_context_call_locked(context, GVIR_SANDBOX_CONTEXT_GET_CLASS(context)->start, error);
}

/**
 * gvir_sandbox_context_stop:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * Ends the sandbox and removes its state on the host. Where its program has ended the guest is given time
 * to end by itself; else it is destroyed.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_STATE if the sandbox does not run, and to
 * %GVIR_SANDBOX_ERROR_CONNECTION or %GVIR_SANDBOX_ERROR_FAILED if libvirt cannot end it.
 *
 * Returns: %TRUE if the sandbox is gone
 */
gboolean
gvir_sandbox_context_stop(GVirSandboxContext *context, GError **error)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), FALSE);

    return gvir_sandbox_context_call_locked(context, GVIR_SANDBOX_CONTEXT_GET_CLASS(context)->stop, error);
}

/**
 * gvir_sandbox_context_attach:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * Finds the running sandbox with the name of the configuration, which somebody else started.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_NOT_FOUND if there is none, and to %GVIR_SANDBOX_ERROR_STATE if the
 * context has a sandbox already.
 *
 * Returns: %TRUE if the context is attached
 */
gboolean
gvir_sandbox_context_attach(GVirSandboxContext *context, GError **error)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), FALSE);

    return gvir_sandbox_context_call_locked(context, GVIR_SANDBOX_CONTEXT_GET_CLASS(context)->attach, error);
}

/**
 * gvir_sandbox_context_detach:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * Leaves a sandbox that was attached; it runs on.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_STATE if the context is not attached.
 *
 * Returns: %TRUE if the context is detached
 */
gboolean
gvir_sandbox_context_detach(GVirSandboxContext *context, GError **error)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), FALSE);

    return gvir_sandbox_context_call_locked(context, GVIR_SANDBOX_CONTEXT_GET_CLASS(context)->detach, error);
}
