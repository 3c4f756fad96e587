/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/network/network-option-private.h"
#include "libvirt-sandbox/config/network/network-private.h"

#include "libvirt-sandbox/config/format/option-text-private.h"
#include "libvirt-sandbox/config/network/network-address-private.h"
#include "libvirt-sandbox/config/network/network-filterref-private.h"
#include "libvirt-sandbox/config/network/network-route-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <string.h>

/* The option text of a network: pieces KEY=VALUE, each added to the network by a function of its own. */

static gboolean
refuse_twice(const gchar *key, GError **error)
{
    return gvir_sandbox_text_invalid(error, _("%s is there twice"), key);
}

static gboolean
add_user(GVirSandboxConfigNetwork *network, const gchar *value, GError **error)
{
    if (value)
        return gvir_sandbox_text_invalid(error, _("user takes no value"));
    if (gvir_sandbox_config_network_get_user(network))
        return refuse_twice("user", error);
    gvir_sandbox_config_network_set_user(network, TRUE);
    return TRUE;
}

static gboolean
add_dhcp(GVirSandboxConfigNetwork *network, const gchar *value, GError **error)
{
    if (value)
        return gvir_sandbox_text_invalid(error, _("dhcp takes no value"));
    if (gvir_sandbox_config_network_get_dhcp(network))
        return refuse_twice("dhcp", error);
    gvir_sandbox_config_network_set_dhcp(network, TRUE);
    return TRUE;
}

static gboolean
add_source(GVirSandboxConfigNetwork *network, const gchar *value, GError **error)
{
    if (gvir_sandbox_config_network_get_source(network))
        return refuse_twice("source", error);
    gvir_sandbox_config_network_set_source(network, value);
    return TRUE;
}

static gboolean
add_mac(GVirSandboxConfigNetwork *network, const gchar *value, GError **error)
{
    if (gvir_sandbox_config_network_get_mac(network))
        return refuse_twice("mac", error);
    gvir_sandbox_config_network_set_mac(network, value);
    return TRUE;
}

static gboolean
add_address(GVirSandboxConfigNetwork *network, const gchar *value, GError **error)
{
    g_autoptr(GVirSandboxConfigNetworkAddress) address = gvir_sandbox_config_network_address_parse(value, error);

    if (!address)
        return gvir_sandbox_error_prefix(error, "address");
    gvir_sandbox_config_network_add_address(network, address);
    return TRUE;
}

static gboolean
add_route(GVirSandboxConfigNetwork *network, const gchar *value, GError **error)
{
    g_autoptr(GVirSandboxConfigNetworkRoute) route = gvir_sandbox_config_network_route_parse(value, error);

    if (!route)
        return gvir_sandbox_error_prefix(error, "route");
    gvir_sandbox_config_network_add_route(network, route);
    return TRUE;
}

/* The parameters of a filter may come before its name, so it is there without one until the end. */
static GVirSandboxConfigNetworkFilterref *
need_filter(GVirSandboxConfigNetwork *network)
{
    g_autoptr(GVirSandboxConfigNetworkFilterref) filter = NULL;

    if (!gvir_sandbox_config_network_get_filterref(network)) {
        filter = gvir_sandbox_config_network_filterref_new();
        gvir_sandbox_config_network_set_filterref(network, filter);
    }
    return gvir_sandbox_config_network_get_filterref(network);
}

static gboolean
add_filter(GVirSandboxConfigNetwork *network, const gchar *value, GError **error)
{
    GVirSandboxConfigNetworkFilterref *filter = need_filter(network);

    if (gvir_sandbox_config_network_filterref_get_name(filter))
        return refuse_twice("filter", error);
    gvir_sandbox_config_network_filterref_set_name(filter, value);
    return TRUE;
}

/* Filters know their parameters in capitals, and nobody had to write them so. */
static gboolean
add_parameter(GVirSandboxConfigNetwork *network, const gchar *name, const gchar *value, GError **error)
{
    g_autofree gchar *capitals = g_ascii_strup(name, -1);

    return gvir_sandbox_config_network_filterref_parse_parameter(need_filter(network), capitals, value, error) ||
           gvir_sandbox_error_prefix(error, "filter");
}

static const struct {
    const gchar *key;
    gboolean is_flag;
    gboolean (*add)(GVirSandboxConfigNetwork *network, const gchar *value, GError **error);
} options[] = {
    { "dhcp", TRUE, add_dhcp },      { "user", TRUE, add_user },        { "source", FALSE, add_source },
    { "mac", FALSE, add_mac },       { "address", FALSE, add_address }, { "route", FALSE, add_route },
    { "filter", FALSE, add_filter },
};

static gboolean
refuse_unknown(const gchar *piece, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(piece);

    return gvir_sandbox_text_invalid(
        error,
        _("\"%s\" is not one of user, dhcp, source=NETWORK, address=IP[/PREFIX], route=NETWORK/PREFIX%%GATEWAY, "
          "mac=ADDRESS, filter=NAME, filter.PARAM=VALUE"),
        shown);
}

static gboolean
add_piece(GVirSandboxConfigNetwork *network, const gchar *piece, GError **error)
{
    const gchar *equals = strchr(piece, '=');
    g_autofree gchar *key = equals ? g_strndup(piece, (gsize)(equals - piece)) : g_strdup(piece);

    if (equals && g_str_has_prefix(key, "filter."))
        return add_parameter(network, key + strlen("filter."), equals + 1, error);
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
        if (!g_str_equal(options[i].key, key))
            continue;
        if (!equals && !options[i].is_flag)
            return gvir_sandbox_text_invalid(error, _("%s needs a value: %s=VALUE"), key, key);
        return options[i].add(network, equals ? equals + 1 : NULL, error);
    }
    return refuse_unknown(piece, error);
}

/* Addresses are either given or asked for. Without a word about them the interface of a network has none, as in 0.8;
 * that of a user network is of no use then, so that its addresses are asked for. */
static gboolean
settle_dhcp(GVirSandboxConfigNetwork *network, GError **error)
{
    GList *addresses = gvir_sandbox_config_network_get_addresses(network);
    GList *routes = gvir_sandbox_config_network_get_routes(network);
    gboolean has_addresses = addresses != NULL;
    gboolean has_routes = routes != NULL;

    g_list_free_full(addresses, g_object_unref);
    g_list_free_full(routes, g_object_unref);
    if (gvir_sandbox_config_network_get_dhcp(network) && (has_addresses || has_routes))
        return gvir_sandbox_text_invalid(error, _("dhcp and %s exclude each other"),
                                         has_addresses ? "address" : "route");
    if (has_routes && !has_addresses)
        return gvir_sandbox_text_invalid(error, _("route needs an address=IP"));
    if (gvir_sandbox_config_network_get_user(network) && !has_addresses)
        gvir_sandbox_config_network_set_dhcp(network, TRUE);
    return TRUE;
}

GVirSandboxConfigNetwork *
gvir_sandbox_config_network_parse(const gchar *text, GError **error)
{
    g_auto(GStrv) pieces = gvir_sandbox_option_split(text);
    g_autoptr(GVirSandboxConfigNetwork) network = gvir_sandbox_config_network_new();

    gvir_sandbox_config_network_set_dhcp(network, FALSE);
    for (gsize i = 0; pieces[i]; i++) {
        if (!add_piece(network, pieces[i], error))
            return NULL;
    }
    if (!settle_dhcp(network, error) || !gvir_sandbox_config_network_check(network, error))
        return NULL;
    return g_steal_pointer(&network);
}
