/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/connection.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/builder/builder-private.h"
#include "libvirt-sandbox/context/connection-failure-private.h"
#include "libvirt-sandbox/context/ready-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/util/trusted-directory-private.h"
#include "libvirt-sandbox/util/user-access-private.h"
#include "libvirt-sandbox/libvirt/virtualization-private.h"
#include "libvirt-sandbox/context/embedded/driver-start-private.h"
#include "libvirt-sandbox/context/embedded/embedded-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/moment-private.h"

#include <unistd.h>

/* As libvirt has it, an empty variable is as good as none. */
static const gchar *
default_uri(void)
{
    const gchar *uri = g_getenv("LIBVIRT_DEFAULT_URI");

    return uri && *uri ? uri : NULL;
}

/*
 * A session's driver takes its settings, its sockets and what it remembers from where the environment says.
 * Root may have kept that of another user, who would be obeyed as root.
 */
static gboolean
check_session(const GVirSandboxDriver *driver, const gchar *uri, GError **error)
{
    const gchar *(*const places[])(void) = { g_get_user_config_dir, g_get_user_data_dir, g_get_user_cache_dir,
                                             g_get_user_runtime_dir };

    if (geteuid() != 0 || !g_str_equal(driver->path, "session"))
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        if (!gvir_sandbox_trusted_directory_check(places[i](), TRUE, error))
            return gvir_sandbox_error_prefix(error, _("%s (see HOME and XDG_*_HOME, XDG_RUNTIME_DIR)"), uri);
    }
    return TRUE;
}

/* Its settings are ours, so that it need not be asked for them. */
static GVirConnection *
new_embedded(const gchar *uri, const gchar *qemu_user)
{
    GVirConnection *connection = gvir_connection_new(uri);
    guint uid, gid;

    if (geteuid() == 0 && gvir_sandbox_user_find(qemu_user ? qemu_user : DEFAULT_QEMU_USER, &uid, &gid))
        gvir_sandbox_virtualization_set_qemu_user(connection, uid, gid);
    return connection;
}

/**
 * gvir_sandbox_connection_new:
 * @uri: (nullable): a libvirt URI, or %NULL for the default
 * @qemu_user: (nullable): for root and the embedded driver, whom QEMU runs as; %NULL for the usual user
 * @error: return location for an error, or %NULL
 *
 * Makes a connection for sandboxes, which is not open yet. Without @uri it is what the environment
 * variable `LIBVIRT_DEFAULT_URI` says, else libvirt's QEMU driver embedded in this process, which needs
 * neither a daemon nor root. A process has one embedded driver at a time, shared by all its connections;
 * its machines end with the process, in whatever way that ends. It logs where the variable `LIBVIRT_LOG_OUTPUTS`
 * says when the library is made ready, else nowhere. Where nobody has made the library ready, this does.
 *
 * Root's driver has to let QEMU's user pass through what it makes. gvir_sandbox_connection_open() sees to that
 * whatever the umask of the process; who opens the connection himself needs one of 022.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID for what is no URI or no user, to
 * %GVIR_SANDBOX_ERROR_UNSUPPORTED for a remote host or a driver that no builder is registered for, and to
 * %GVIR_SANDBOX_ERROR_DENIED where another user could change the directory that a driver takes its settings
 * from; for the embedded driver to %GVIR_SANDBOX_ERROR_STATE while the process ignores SIGCHLD.
 *
 * Returns: (transfer full): a connection to open with gvir_connection_open()
 *
 * Since: 0.9.0
 */
GVirConnection *
gvir_sandbox_connection_new(const gchar *uri, const gchar *qemu_user, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autoptr(GVirSandboxDriver) driver = NULL;
    g_autofree gchar *own_uri = NULL;

    if (!gvir_sandbox_make_ready(NULL, NULL, error))
        return NULL;
    if (!uri)
        uri = default_uri();
    if (!uri) {
        own_uri = gvir_sandbox_embedded_get_uri(qemu_user, error);
        return own_uri ? new_embedded(own_uri, qemu_user) : NULL;
    }

    driver = gvir_sandbox_driver_parse(uri, error);
    if (!driver || !gvir_sandbox_builder_check_driver(driver, uri, error) || !check_session(driver, uri, error))
        return NULL;
    if (gvir_sandbox_driver_is_embedded(driver)) {
        if (!gvir_sandbox_embedded_prepare(driver->root, qemu_user, error))
            return NULL;
    } else if (qemu_user) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("QEMU user %s: goes with the embedded driver only, not with %s"), qemu_user, uri);
        return NULL;
    }
    return gvir_connection_new(uri);
}

/**
 * gvir_sandbox_connection_open:
 * @uri: (nullable): a libvirt URI, or %NULL for the default
 * @error: return location for an error, or %NULL
 *
 * Makes a connection as gvir_sandbox_connection_new() does, and opens it.
 *
 * Sets @error as gvir_sandbox_connection_new(), and to %GVIR_SANDBOX_ERROR_CONNECTION if it cannot be
 * opened.
 *
 * Returns: (transfer full): an open connection
 *
 * Since: 0.9.0
 */
GVirConnection *
gvir_sandbox_connection_open(const gchar *uri, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return gvir_sandbox_connection_open_as(uri, NULL, error);
}

/**
 * gvir_sandbox_connection_open_as:
 * @uri: (nullable): a libvirt URI, or %NULL for the default
 * @qemu_user: (nullable): as for gvir_sandbox_connection_new()
 * @error: return location for an error, or %NULL
 *
 * Makes a connection as gvir_sandbox_connection_new() does, and opens it.
 *
 * Sets @error as gvir_sandbox_connection_open() does.
 *
 * Returns: (transfer full): an open connection
 *
 * Since: 0.9.0
 */
GVirConnection *
gvir_sandbox_connection_open_as(const gchar *uri, const gchar *qemu_user, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autoptr(GVirConnection) connection = gvir_sandbox_connection_new(uri, qemu_user, error);
    g_autoptr(GError) refused = NULL;

    if (!connection)
        return NULL;
    gvir_sandbox_moment_passed("config");
    if (!gvir_sandbox_driver_start(connection, &refused)) {
        g_autofree gchar *text = gvir_sandbox_connection_describe_failure(connection, refused);

        g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_CONNECTION, text);
        return NULL;
    }
    gvir_sandbox_moment_passed("connect");
    return g_steal_pointer(&connection);
}

typedef struct {
    gchar *uri;
    gchar *qemu_user;
} OpenTask;

static void
open_task_free(gpointer data)
{
    OpenTask *open = data;

    g_free(open->uri);
    g_free(open->qemu_user);
    g_free(open);
}

static void
open_in_thread(GTask *task, gpointer source G_GNUC_UNUSED, gpointer task_data, GCancellable *cancellable G_GNUC_UNUSED)
{
    const OpenTask *open = task_data;
    GError *error = NULL;
    GVirConnection *connection = gvir_sandbox_connection_open_as(open->uri, open->qemu_user, &error);

    if (connection)
        g_task_return_pointer(task, connection, g_object_unref);
    else
        g_task_return_error(task, error);
}

static void
open_async(const gchar *uri, const gchar *qemu_user, GCancellable *cancellable, GAsyncReadyCallback callback,
           gpointer user_data, gpointer tag)
{
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);
    OpenTask *open = g_new0(OpenTask, 1);

    open->uri = g_strdup(uri);
    open->qemu_user = g_strdup(qemu_user);
    g_task_set_source_tag(task, tag);
    g_task_set_task_data(task, open, open_task_free);
    /* What is opened afterwards is closed again. */
    g_task_set_return_on_cancel(task, TRUE);
    g_task_run_in_thread(task, open_in_thread);
}

static GVirConnection *
open_finish(GAsyncResult *result, gpointer tag, GError **error)
{
    g_return_val_if_fail(g_async_result_is_tagged(result, tag), NULL);
    g_return_val_if_fail(g_task_is_valid(result, NULL), NULL);

    return g_task_propagate_pointer(G_TASK(result), error);
}

/**
 * gvir_sandbox_connection_open_async:
 * @uri: (nullable): a libvirt URI, or %NULL for the default
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async): called when the connection is open or could not be opened
 * @user_data: for @callback
 *
 * Opens a connection in a thread of its own; see gvir_sandbox_connection_open().
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_connection_open_async(const gchar *uri, GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
    open_async(uri, NULL, cancellable, callback, user_data, gvir_sandbox_connection_open_async);
}

/**
 * gvir_sandbox_connection_open_finish:
 * @result: what the callback was given
 * @error: return location for an error, or %NULL
 *
 * Ends gvir_sandbox_connection_open_async(); the errors are those of gvir_sandbox_connection_open(), and
 * %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full): an open connection
 *
 * Since: 0.9.0
 */
GVirConnection *
gvir_sandbox_connection_open_finish(GAsyncResult *result, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return open_finish(result, gvir_sandbox_connection_open_async, error);
}

/**
 * gvir_sandbox_connection_open_as_async:
 * @uri: (nullable): a libvirt URI, or %NULL for the default
 * @qemu_user: (nullable): as for gvir_sandbox_connection_new()
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: (scope async): called when the connection is open or could not be opened
 * @user_data: for @callback
 *
 * Opens a connection in a thread of its own; see gvir_sandbox_connection_open_as().
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_connection_open_as_async(const gchar *uri, const gchar *qemu_user, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data)
{
    open_async(uri, qemu_user, cancellable, callback, user_data, gvir_sandbox_connection_open_as_async);
}

/**
 * gvir_sandbox_connection_open_as_finish:
 * @result: what the callback was given
 * @error: return location for an error, or %NULL
 *
 * Ends gvir_sandbox_connection_open_as_async(); the errors are those of gvir_sandbox_connection_open_as(), and
 * %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full): an open connection
 *
 * Since: 0.9.0
 */
GVirConnection *
gvir_sandbox_connection_open_as_finish(GAsyncResult *result, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return open_finish(result, gvir_sandbox_connection_open_as_async, error);
}
