/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/service.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/context/context-async-private.h"
#include "libvirt-sandbox/context/context-private.h"
#include "libvirt-sandbox/context/creation-private.h"
#include "libvirt-sandbox/context/service-domain-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

/**
 * GVirSandboxContextService:
 *
 * A sandbox that runs a service: a program that reads nothing, and whose output is in the log console.
 *
 * A service that is only started is there for a while, as every sandbox: it ends when it is stopped, and at
 * the latest with the process that started it. One that gvir_sandbox_context_service_define() made known to
 * libvirt stays; gvir_sandbox_context_start() or libvirt's own tools start it, and it goes on when the
 * context is unreferenced.
 */
struct _GVirSandboxContextService {
    GVirSandboxContext parent_instance;
};

G_DEFINE_FINAL_TYPE(GVirSandboxContextService, gvir_sandbox_context_service, GVIR_SANDBOX_TYPE_CONTEXT)

static gboolean
gvir_sandbox_context_service_start(GVirSandboxContext *context, GError **error)
{
    g_autoptr(GVirConnection) connection = gvir_sandbox_context_get_connection(context);
    g_autoptr(GVirSandboxConfig) config = gvir_sandbox_context_get_config(context);
    const gchar *name = gvir_sandbox_config_get_name(config);

    if (!gvir_sandbox_context_get_running(context) && gvir_sandbox_service_domain_exists(connection, name))
        return gvir_sandbox_context_adopt(context, gvir_sandbox_running_domain_start(connection, name, error), error);
    return GVIR_SANDBOX_CONTEXT_CLASS(gvir_sandbox_context_service_parent_class)->start(context, error);
}

/* A service may have something to finish. */
static gboolean
gvir_sandbox_context_service_stop(GVirSandboxContext *context, GError **error)
{
    GVirSandboxRunningDomain *domain = gvir_sandbox_context_get_running(context);

    if (domain && gvir_sandbox_running_domain_ask_to_end(domain))
        gvir_sandbox_context_expect_end(context);
    return GVIR_SANDBOX_CONTEXT_CLASS(gvir_sandbox_context_service_parent_class)->stop(context, error);
}

static void
gvir_sandbox_context_service_class_init(GVirSandboxContextServiceClass *klass)
{
    GVirSandboxContextClass *context_class = GVIR_SANDBOX_CONTEXT_CLASS(klass);

    gvir_sandbox_context_class_set_config_type(context_class, GVIR_SANDBOX_TYPE_CONFIG_SERVICE);
    context_class->start = gvir_sandbox_context_service_start;
    context_class->stop = gvir_sandbox_context_service_stop;
}

static void
gvir_sandbox_context_service_init(GVirSandboxContextService *context G_GNUC_UNUSED)
{
}

/**
 * gvir_sandbox_context_service_new: (constructor)
 * @connection: an open connection
 * @config: what to run
 *
 * Makes a context, which is not started yet.
 *
 * Returns: (transfer full): a new context
 */
GVirSandboxContextService *
gvir_sandbox_context_service_new(GVirConnection *connection, GVirSandboxConfigService *config)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONTEXT_SERVICE, "connection", connection, "config", config, NULL);
}

static gboolean
define(GVirSandboxContext *context, GError **error)
{
    g_autoptr(GVirConnection) connection = gvir_sandbox_context_get_connection(context);
    g_autoptr(GVirSandboxConfig) config = gvir_sandbox_context_get_config(context);
    g_autoptr(GVirSandboxBuilder) builder = gvir_sandbox_creation_choose_builder(connection, config, error);

    return builder && gvir_sandbox_service_domain_define(connection, config, builder, error);
}

static gboolean
undefine(GVirSandboxContext *context, GError **error)
{
    g_autoptr(GVirConnection) connection = gvir_sandbox_context_get_connection(context);
    g_autoptr(GVirSandboxConfig) config = gvir_sandbox_context_get_config(context);

    return gvir_sandbox_service_domain_undefine(connection, gvir_sandbox_config_get_name(config), error);
}

/**
 * gvir_sandbox_context_service_define:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * Makes the service known to libvirt, as a persistent domain that is not running. What it needs, its kernel
 * too, is copied to a directory that stays as long as the domain is defined: below
 * `/var/lib/libvirt-sandbox` for root, below `$XDG_DATA_HOME/libvirt-sandbox` for others. The host's root
 * and the mounts are used where they are.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID, %GVIR_SANDBOX_ERROR_NOT_FOUND, %GVIR_SANDBOX_ERROR_DENIED or
 * %GVIR_SANDBOX_ERROR_UNSUPPORTED for a configuration that cannot be, to %GVIR_SANDBOX_ERROR_UNSUPPORTED
 * also for an embedded driver, which keeps no domains, to %GVIR_SANDBOX_ERROR_BUSY where there is a domain
 * of that name, and to %GVIR_SANDBOX_ERROR_CONNECTION or %GVIR_SANDBOX_ERROR_FAILED if libvirt cannot
 * define it. Nothing is left behind then.
 *
 * Returns: %TRUE if the service is defined
 */
gboolean
gvir_sandbox_context_service_define(GVirSandboxContextService *context, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT_SERVICE(context), FALSE);

    return gvir_sandbox_context_call_locked(GVIR_SANDBOX_CONTEXT(context), define, NULL, error);
}

/**
 * gvir_sandbox_context_service_undefine:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * Undoes gvir_sandbox_context_service_define(), for a service that does not run.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_NOT_FOUND if the service is not defined, to %GVIR_SANDBOX_ERROR_STATE
 * if it runs or the domain of that name is no service, to %GVIR_SANDBOX_ERROR_BUSY while somebody else
 * defines or undefines it, and to %GVIR_SANDBOX_ERROR_CONNECTION or %GVIR_SANDBOX_ERROR_FAILED if libvirt
 * cannot undefine it.
 *
 * Returns: %TRUE if nothing is left of it
 */
gboolean
gvir_sandbox_context_service_undefine(GVirSandboxContextService *context, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT_SERVICE(context), FALSE);

    return gvir_sandbox_context_call_locked(GVIR_SANDBOX_CONTEXT(context), undefine, NULL, error);
}

/**
 * gvir_sandbox_context_service_define_async:
 * @context: the context
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async): called when the service is defined or could not be
 * @user_data: for @callback
 *
 * Defines the service in a thread of its own; see gvir_sandbox_context_service_define().
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_context_service_define_async(GVirSandboxContextService *context, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONTEXT_SERVICE(context));

    gvir_sandbox_context_call_async(GVIR_SANDBOX_CONTEXT(context), define, NULL, cancellable, callback, user_data,
                                    gvir_sandbox_context_service_define_async);
}

/**
 * gvir_sandbox_context_service_define_finish:
 * @context: the context
 * @result: what the callback was given
 * @error: return location for an error, or %NULL
 *
 * Ends gvir_sandbox_context_service_define_async(); the errors are those of
 * gvir_sandbox_context_service_define(), and %G_IO_ERROR_CANCELLED.
 *
 * Returns: %TRUE if the service is defined
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_context_service_define_finish(GVirSandboxContextService *context, GAsyncResult *result, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return gvir_sandbox_context_call_finish(GVIR_SANDBOX_CONTEXT(context), result,
                                            gvir_sandbox_context_service_define_async, error);
}

/**
 * gvir_sandbox_context_service_undefine_async:
 * @context: the context
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async): called when the service is undefined or could not be
 * @user_data: for @callback
 *
 * Undefines the service in a thread of its own; see gvir_sandbox_context_service_undefine().
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_context_service_undefine_async(GVirSandboxContextService *context, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONTEXT_SERVICE(context));

    gvir_sandbox_context_call_async(GVIR_SANDBOX_CONTEXT(context), undefine, NULL, cancellable, callback, user_data,
                                    gvir_sandbox_context_service_undefine_async);
}

/**
 * gvir_sandbox_context_service_undefine_finish:
 * @context: the context
 * @result: what the callback was given
 * @error: return location for an error, or %NULL
 *
 * Ends gvir_sandbox_context_service_undefine_async(); the errors are those of
 * gvir_sandbox_context_service_undefine(), and %G_IO_ERROR_CANCELLED.
 *
 * Returns: %TRUE if nothing is left of it
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_context_service_undefine_finish(GVirSandboxContextService *context, GAsyncResult *result, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return gvir_sandbox_context_call_finish(GVIR_SANDBOX_CONTEXT(context), result,
                                            gvir_sandbox_context_service_undefine_async, error);
}
