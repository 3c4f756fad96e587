/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/context-validate.h"
#include "libvirt-sandbox/config/config-check-private.h"
#include "libvirt-sandbox/builder/findings-private.h"
#include "libvirt-sandbox/context/connection-failure-private.h"
#include "libvirt-sandbox/context/context-private.h"
#include "libvirt-sandbox/context/embedded/driver-start-private.h"
#include "libvirt-sandbox/context/state-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/libvirt/handle-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/builder/builder.h"

/* The files of a run: for a machine, the initrd. */
#define RUN_ROOM (G_GUINT64_CONSTANT(32) << 20)

static void
add_run_directory(GList **findings)
{
    g_autoptr(GError) error = NULL;
    g_autofree gchar *base = gvir_sandbox_state_find_base(&error);

    if (base)
        gvir_sandbox_findings_add_directory(findings, _("run directory"), base, RUN_ROOM);
    else
        gvir_sandbox_findings_add_error(findings, _("run directory"), error);
}

/* FALSE if it cannot be opened. */
static gboolean
add_connection(GList **findings, GVirConnection *connection)
{
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);
    const gchar *uri = gvir_connection_get_uri(connection);
    g_autoptr(GError) error = NULL;
    g_autofree gchar *text = NULL;

    if (handle || gvir_sandbox_driver_start(connection, &error)) {
        gvir_sandbox_findings_pass(findings, _("connection"), "%s", uri);
        return TRUE;
    }
    text = gvir_sandbox_connection_describe_failure(connection, error);
    gvir_sandbox_findings_fail(findings, _("connection"), "%s", text);
    return FALSE;
}

static GVirSandboxBuilder *
add_driver(GList **findings, GVirConnection *connection)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVirSandboxBuilder) builder = gvir_sandbox_builder_for_connection(connection, &error);
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);
    unsigned long version = 0;

    if (!builder) {
        gvir_sandbox_findings_add_error(findings, _("driver"), error);
        return NULL;
    }
    virConnectGetLibVersion(handle, &version);
    gvir_sandbox_findings_pass(findings, _("driver"), _("%s of libvirt %lu.%lu.%lu"), virConnectGetType(handle),
                               version / 1000000, version / 1000 % 1000, version % 1000);
    return g_steal_pointer(&builder);
}

/* What a start would refuse before it makes anything. */
static void
add_description(GList **findings, GVirSandboxBuilder *builder, GVirSandboxConfig *config)
{
    g_autoptr(GError) error = NULL;

    if (gvir_sandbox_builder_check(builder, config, &error))
        gvir_sandbox_findings_pass(findings, _("description"), _("all that it names is there"));
    else
        gvir_sandbox_findings_add_error(findings, _("description"), error);
}

/**
 * gvir_sandbox_context_validate:
 * @context: the context
 *
 * Looks at what this host has of what the sandbox needs, and opens the connection if it is not open yet.
 * Nothing is started, and no file of the sandbox is made. Blocks for as long as libvirt takes to open the
 * connection and to learn what QEMU can do, some seconds the first time;
 * gvir_sandbox_context_validate_async() does not.
 *
 * Returns: (element-type GVirSandboxFinding) (transfer full): what was found, in the order in which it
 *   should be read. Where none is a failure, nothing is known that would keep the sandbox from starting.
 *
 * Since: 0.9.0
 */
GList *
gvir_sandbox_context_validate(GVirSandboxContext *context)
{
    g_autoptr(GVirConnection) connection = NULL;
    g_autoptr(GVirSandboxConfig) config = NULL;
    g_autoptr(GVirSandboxBuilder) builder = NULL;
    g_autoptr(GError) error = NULL;
    GList *findings = NULL;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), NULL);

    if (!gvir_sandbox_context_check_complete(context, &error)) {
        gvir_sandbox_findings_add_error(&findings, _("context"), error);
        return findings;
    }
    connection = gvir_sandbox_context_get_connection(context);
    config = gvir_sandbox_context_get_config(context);
    if (add_connection(&findings, connection))
        builder = add_driver(&findings, connection);
    add_run_directory(&findings);
    if (!gvir_sandbox_config_check(config, &error)) {
        gvir_sandbox_findings_add_error(&findings, _("description"), error);
    } else if (builder) {
        findings = g_list_concat(findings, gvir_sandbox_builder_validate(builder, config));
        add_description(&findings, builder, config);
    }
    return findings;
}

static void
free_findings(gpointer findings)
{
    gvir_sandbox_findings_free(findings);
}

static void
validate_in_thread(GTask *task, gpointer source, gpointer task_data G_GNUC_UNUSED,
                   GCancellable *cancellable G_GNUC_UNUSED)
{
    if (!g_task_return_error_if_cancelled(task))
        g_task_return_pointer(task, gvir_sandbox_context_validate(source), free_findings);
}

/**
 * gvir_sandbox_context_validate_async:
 * @context: the context
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async): called when all was looked at
 * @user_data: for @callback
 *
 * Looks at this host in a thread of its own; see gvir_sandbox_context_validate().
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_context_validate_async(GVirSandboxContext *context, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = NULL;

    g_return_if_fail(GVIR_SANDBOX_IS_CONTEXT(context));

    task = g_task_new(context, cancellable, callback, user_data);
    g_task_set_source_tag(task, gvir_sandbox_context_validate_async);
    g_task_run_in_thread(task, validate_in_thread);
}

/**
 * gvir_sandbox_context_validate_finish:
 * @context: the context
 * @result: what the callback was given
 * @error: return location for an error, or %NULL
 *
 * Ends gvir_sandbox_context_validate_async(); the only error is %G_IO_ERROR_CANCELLED.
 *
 * Returns: (element-type GVirSandboxFinding) (transfer full): what was found
 *
 * Since: 0.9.0
 */
GList *
gvir_sandbox_context_validate_finish(GVirSandboxContext *context, GAsyncResult *result, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(g_async_result_is_tagged(result, gvir_sandbox_context_validate_async), NULL);
    g_return_val_if_fail(g_task_is_valid(result, context), NULL);

    return g_task_propagate_pointer(G_TASK(result), error);
}
