/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/network/network-file-private.h"
#include "libvirt-sandbox/config/network/network-private.h"

#include "libvirt-sandbox/config/network/network-address-private.h"
#include "libvirt-sandbox/config/network/network-filterref-private.h"
#include "libvirt-sandbox/config/network/network-route-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

/* A network in a saved description: its own group, and one for each address, route and filter parameter. */

static gboolean
load_address(GVirSandboxConfigNetwork *network, GVirSandboxKeyfile *file, const gchar *group, GError **error)
{
    g_autoptr(GVirSandboxConfigNetworkAddress) address = gvir_sandbox_config_network_address_load(file, group, error);

    if (!address)
        return FALSE;
    gvir_sandbox_config_network_add_address(network, address);
    return TRUE;
}

static gboolean
load_route(GVirSandboxConfigNetwork *network, GVirSandboxKeyfile *file, const gchar *group, GError **error)
{
    g_autoptr(GVirSandboxConfigNetworkRoute) route = gvir_sandbox_config_network_route_load(file, group, error);

    if (!route)
        return FALSE;
    gvir_sandbox_config_network_add_route(network, route);
    return TRUE;
}

/* Loads as many groups GROUP.KIND.N as KEY of GROUP says that there are, or as there are without it. */
static gboolean
load_counted(GVirSandboxConfigNetwork *network, GVirSandboxKeyfile *file, const gchar *group, const gchar *key,
             const gchar *kind,
             gboolean (*load)(GVirSandboxConfigNetwork *, GVirSandboxKeyfile *, const gchar *, GError **),
             GError **error)
{
    const guint64 unknown = G_MAXUINT64;
    g_autofree gchar *stem = g_strdup_printf("%s.%s", group, kind);
    guint64 count = unknown;

    if (!gvir_sandbox_keyfile_read_number(file, group, key, G_MAXUINT, &count, error))
        return FALSE;
    for (guint i = 0;; i++) {
        g_autofree gchar *own = gvir_sandbox_keyfile_numbered_group(file, stem, i);

        if (!own && (count == unknown || i == count))
            return TRUE;
        if (!own)
            return gvir_sandbox_text_invalid(error,
                                             _("[%s] %s: there are not %" G_GUINT64_FORMAT ", [%s.%u] is missing"),
                                             group, key, count, stem, i);
        if (i == count)
            return gvir_sandbox_text_invalid(
                error, _("[%s] %s: there are more than %" G_GUINT64_FORMAT ", [%s] is one too many"), group, key, count,
                own);
        if (!load(network, file, own, error))
            return FALSE;
    }
}

GVirSandboxConfigNetwork *
gvir_sandbox_config_network_load(GVirSandboxKeyfile *file, const gchar *group, GError **error)
{
    g_autoptr(GVirSandboxConfigNetwork) network = gvir_sandbox_config_network_new();
    g_autoptr(GVirSandboxConfigNetworkFilterref) filter = NULL;
    g_autofree gchar *source = NULL;
    g_autofree gchar *mac = NULL;
    gboolean dhcp = gvir_sandbox_config_network_get_dhcp(network);
    gboolean user = gvir_sandbox_config_network_get_user(network);

    if (!gvir_sandbox_keyfile_read_boolean(file, group, "dhcp", &dhcp, error) ||
        !gvir_sandbox_keyfile_read_boolean(file, group, "user", &user, error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "source", &source, error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "mac", &mac, error) ||
        !load_counted(network, file, group, "addresses", "address", load_address, error) ||
        !load_counted(network, file, group, "routes", "route", load_route, error) ||
        !gvir_sandbox_config_network_filterref_load(file, group, &filter, error))
        return NULL;
    gvir_sandbox_config_network_set_dhcp(network, dhcp);
    gvir_sandbox_config_network_set_user(network, user);
    gvir_sandbox_config_network_set_source(network, source);
    gvir_sandbox_config_network_set_mac(network, mac);
    gvir_sandbox_config_network_set_filterref(network, filter);
    if (!gvir_sandbox_config_network_check(network, error)) {
        gvir_sandbox_keyfile_prefix(error, group);
        return NULL;
    }
    return g_steal_pointer(&network);
}

static void
save_addresses(GVirSandboxConfigNetwork *network, GKeyFile *file, const gchar *group)
{
    GList *addresses = gvir_sandbox_config_network_get_addresses(network);
    guint i = 0;

    for (GList *link = addresses; link; link = link->next) {
        g_autofree gchar *own = g_strdup_printf("%s.address.%u", group, i++);

        gvir_sandbox_config_network_address_save(link->data, file, own);
    }
    g_list_free_full(addresses, g_object_unref);
}

static void
save_routes(GVirSandboxConfigNetwork *network, GKeyFile *file, const gchar *group)
{
    GList *routes = gvir_sandbox_config_network_get_routes(network);
    guint i = 0;

    for (GList *link = routes; link; link = link->next) {
        g_autofree gchar *own = g_strdup_printf("%s.route.%u", group, i++);

        gvir_sandbox_config_network_route_save(link->data, file, own);
    }
    g_list_free_full(routes, g_object_unref);
}

void
gvir_sandbox_config_network_save(GVirSandboxConfigNetwork *network, GKeyFile *file, const gchar *group)
{
    GVirSandboxConfigNetworkFilterref *filter = gvir_sandbox_config_network_get_filterref(network);
    GList *addresses = gvir_sandbox_config_network_get_addresses(network);
    GList *routes = gvir_sandbox_config_network_get_routes(network);

    g_key_file_set_boolean(file, group, "dhcp", gvir_sandbox_config_network_get_dhcp(network));
    if (gvir_sandbox_config_network_get_user(network))
        g_key_file_set_boolean(file, group, "user", TRUE);
    gvir_sandbox_keyfile_write_string(file, group, "source", gvir_sandbox_config_network_get_source(network));
    gvir_sandbox_keyfile_write_string(file, group, "mac", gvir_sandbox_config_network_get_mac(network));
    g_key_file_set_uint64(file, group, "addresses", g_list_length(addresses));
    g_key_file_set_uint64(file, group, "routes", g_list_length(routes));
    g_list_free_full(addresses, g_object_unref);
    g_list_free_full(routes, g_object_unref);

    /* The group itself must be complete before the first of those below it. */
    if (filter)
        gvir_sandbox_config_network_filterref_save(filter, file, group);
    save_addresses(network, file, group);
    save_routes(network, file, group);
}
