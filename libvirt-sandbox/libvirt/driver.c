/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/libvirt/driver-private.h"
#include "libvirt-sandbox/libvirt/handle-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <stdlib.h>
#include <string.h>

void
gvir_sandbox_driver_free(GVirSandboxDriver *driver)
{
    g_free(driver->driver);
    g_free(driver->path);
    g_free(driver->root);
    g_free(driver->socket);
    g_free(driver);
}

gboolean
gvir_sandbox_driver_is_embedded(const GVirSandboxDriver *driver)
{
    return g_str_equal(driver->path, "embed");
}

static gboolean
check_is_local(GUri *parsed, const gchar *transport, const gchar *shown_uri, GError **error)
{
    const gchar *host = g_uri_get_host(parsed);

    if (host && *host) {
        g_autofree gchar *shown = gvir_sandbox_text_show(host);

        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("connection %s: %s is a remote host, and its files are not ours; "
                      "use a local connection such as qemu:///system"),
                    shown_uri, shown);
        return FALSE;
    }
    if (transport && !g_str_equal(transport, "unix")) {
        g_autofree gchar *shown = gvir_sandbox_text_show(transport);

        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("connection %s: the transport %s is for remote hosts; use unix or none"), shown_uri, shown);
        return FALSE;
    }
    return TRUE;
}

static gchar *
find_parameter(GUri *parsed, const gchar *name)
{
    const gchar *query = g_uri_get_query(parsed);
    g_autoptr(GHashTable) parameters = NULL;

    if (!query)
        return NULL;
    parameters = g_uri_parse_params(query, -1, "&", G_URI_PARAMS_NONE, NULL);
    return parameters ? g_strdup(g_hash_table_lookup(parameters, name)) : NULL;
}

static gboolean
check_embedded(const GVirSandboxDriver *driver, const gchar *shown_uri, GError **error)
{
    if (!gvir_sandbox_driver_is_embedded(driver) || (driver->root && g_path_is_absolute(driver->root)))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                _("connection %s: an embedded driver needs its directory, "
                  "as in qemu:///embed?root=/some/directory"),
                shown_uri);
    return FALSE;
}

/* The parser takes blanks and line ends away, and libvirt would get them. */
static gboolean
has_control_character(const gchar *uri)
{
    for (; *uri; uri++) {
        if (g_ascii_iscntrl(*uri))
            return TRUE;
    }
    return FALSE;
}

GVirSandboxDriver *
gvir_sandbox_driver_parse(const gchar *uri, GError **error)
{
    g_autoptr(GUri) parsed = has_control_character(uri) ? NULL : g_uri_parse(uri, G_URI_FLAGS_PARSE_RELAXED, NULL);
    g_autoptr(GVirSandboxDriver) driver = g_new0(GVirSandboxDriver, 1);
    g_autofree gchar *shown = gvir_sandbox_text_show(uri);
    g_auto(GStrv) scheme = NULL;

    if (!parsed || !g_str_has_prefix(uri, g_uri_get_scheme(parsed)) || !strstr(uri, ":///")) {
        const gchar *host = parsed ? g_uri_get_host(parsed) : NULL;

        if (!host || !*host) {
            g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                        _("connection %s: not a libvirt URI such as qemu:///session or lxc:///"), shown);
            return NULL;
        }
    }

    scheme = g_strsplit(g_uri_get_scheme(parsed), "+", 2);
    if (!check_is_local(parsed, scheme[1], shown, error))
        return NULL;
    driver->driver = g_strdup(scheme[0]);
    driver->path = g_strdup(g_uri_get_path(parsed) + strspn(g_uri_get_path(parsed), "/"));
    driver->root = find_parameter(parsed, "root");
    driver->socket = find_parameter(parsed, "socket");
    if (!check_embedded(driver, shown, error))
        return NULL;
    return g_steal_pointer(&driver);
}

GVirSandboxDriver *
gvir_sandbox_driver_of_connection(GVirConnection *connection, GError **error)
{
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);
    g_autofree gchar *copy = NULL;
    char *uri = handle ? virConnectGetURI(handle) : NULL;

    if (!uri) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE, _("the connection is not open"));
        return NULL;
    }
    copy = g_strdup(uri);
    free(uri);
    return gvir_sandbox_driver_parse(copy, error);
}
