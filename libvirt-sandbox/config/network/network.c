/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/network/network.h"

#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/network/network-address-private.h"
#include "libvirt-sandbox/config/network/network-filterref-private.h"
#include "libvirt-sandbox/config/network/network-private.h"
#include "libvirt-sandbox/config/network/network-route-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/list-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <string.h>

/**
 * GVirSandboxConfigNetwork:
 *
 * A network interface of the sandbox.
 */

struct _GVirSandboxConfigNetwork {
    GObject parent_instance;

    gboolean dhcp;
    gboolean user;
    gchar *source;
    gchar *mac;
    GPtrArray *addresses;
    GPtrArray *routes;
    GVirSandboxConfigNetworkFilterref *filterref;
};

enum { PROP_DHCP = 1, PROP_SOURCE, PROP_MAC, PROP_USER, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE(GVirSandboxConfigNetwork, gvir_sandbox_config_network, G_TYPE_OBJECT)

static void
gvir_sandbox_config_network_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigNetwork *config = GVIR_SANDBOX_CONFIG_NETWORK(object);

    switch (id) {
    case PROP_DHCP:
        g_value_set_boolean(value, config->dhcp);
        break;
    case PROP_SOURCE:
        g_value_set_string(value, config->source);
        break;
    case PROP_MAC:
        g_value_set_string(value, config->mac);
        break;
    case PROP_USER:
        g_value_set_boolean(value, config->user);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_network_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigNetwork *config = GVIR_SANDBOX_CONFIG_NETWORK(object);

    switch (id) {
    case PROP_DHCP:
        gvir_sandbox_config_network_set_dhcp(config, g_value_get_boolean(value));
        break;
    case PROP_SOURCE:
        gvir_sandbox_config_network_set_source(config, g_value_get_string(value));
        break;
    case PROP_MAC:
        gvir_sandbox_config_network_set_mac(config, g_value_get_string(value));
        break;
    case PROP_USER:
        gvir_sandbox_config_network_set_user(config, g_value_get_boolean(value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_network_finalize(GObject *object)
{
    GVirSandboxConfigNetwork *config = GVIR_SANDBOX_CONFIG_NETWORK(object);

    g_free(config->source);
    g_free(config->mac);
    g_ptr_array_unref(config->addresses);
    g_ptr_array_unref(config->routes);
    g_clear_object(&config->filterref);

    G_OBJECT_CLASS(gvir_sandbox_config_network_parent_class)->finalize(object);
}

static void
gvir_sandbox_config_network_class_init(GVirSandboxConfigNetworkClass *class)
{
    const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    GObjectClass *object_class = G_OBJECT_CLASS(class);

    object_class->get_property = gvir_sandbox_config_network_get_property;
    object_class->set_property = gvir_sandbox_config_network_set_property;
    object_class->finalize = gvir_sandbox_config_network_finalize;

    /**
     * GVirSandboxConfigNetwork:dhcp:
     *
     * Whether the addresses come from the network, by DHCP.
     */
    properties[PROP_DHCP] = g_param_spec_boolean("dhcp", NULL, NULL, TRUE, flags);

    /**
     * GVirSandboxConfigNetwork:source:
     *
     * The name of the libvirt network.
     */
    properties[PROP_SOURCE] = g_param_spec_string("source", NULL, NULL, NULL, flags);

    /**
     * GVirSandboxConfigNetwork:mac:
     *
     * The hardware address.
     */
    properties[PROP_MAC] = g_param_spec_string("mac", NULL, NULL, NULL, flags);

    /**
     * GVirSandboxConfigNetwork:user:
     *
     * Whether QEMU itself is the network, without a libvirt network.
     *
     * Since: 0.9.0
     */
    properties[PROP_USER] = g_param_spec_boolean("user", NULL, NULL, FALSE, flags);

    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
gvir_sandbox_config_network_init(GVirSandboxConfigNetwork *config)
{
    config->dhcp = TRUE;
    config->addresses = g_ptr_array_new_with_free_func(g_object_unref);
    config->routes = g_ptr_array_new_with_free_func(g_object_unref);
}

/**
 * gvir_sandbox_config_network_new:
 *
 * Makes a network interface without a source, which asks for its addresses by DHCP.
 *
 * Returns: (transfer full): the new object
 */
GVirSandboxConfigNetwork *
gvir_sandbox_config_network_new(void)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONFIG_NETWORK, NULL);
}

/**
 * gvir_sandbox_config_network_set_dhcp:
 * @config: the network
 * @dhcp: %TRUE if they do
 *
 * Sets whether the addresses come from the network, by DHCP.
 */
void
gvir_sandbox_config_network_set_dhcp(GVirSandboxConfigNetwork *config, gboolean dhcp)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK(config));

    dhcp = !!dhcp;
    if (config->dhcp == dhcp)
        return;
    config->dhcp = dhcp;
    g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_DHCP]);
}

/**
 * gvir_sandbox_config_network_get_dhcp:
 * @config: the network
 *
 * Gets whether the addresses come from the network, by DHCP.
 *
 * Returns: %TRUE if they do
 */
gboolean
gvir_sandbox_config_network_get_dhcp(GVirSandboxConfigNetwork *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK(config), FALSE);

    return config->dhcp;
}

/**
 * gvir_sandbox_config_network_set_user:
 * @config: the network
 * @user: %TRUE if it is
 *
 * Sets whether QEMU itself is the network: it makes the connections of the machine in the name of the user
 * that it runs as. Such a network has fixed addresses and no source, and containers cannot have it.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_network_set_user(GVirSandboxConfigNetwork *config, gboolean user)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK(config));

    user = !!user;
    if (config->user == user)
        return;
    config->user = user;
    g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_USER]);
}

/**
 * gvir_sandbox_config_network_get_user:
 * @config: the network
 *
 * Gets whether QEMU itself is the network.
 *
 * Returns: %TRUE if it is
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_network_get_user(GVirSandboxConfigNetwork *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK(config), FALSE);

    return config->user;
}

/**
 * gvir_sandbox_config_network_set_source:
 * @config: the network
 * @network: (nullable): the name of a network, or %NULL for the usual one: user mode in a connection that
 *   has no libvirt networks, else the network "default"
 *
 * Sets the libvirt network that the interface is on.
 */
void
gvir_sandbox_config_network_set_source(GVirSandboxConfigNetwork *config, const gchar *network)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK(config));

    if (gvir_sandbox_text_replace(&config->source, network))
        g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_SOURCE]);
}

/**
 * gvir_sandbox_config_network_get_source:
 * @config: the network
 *
 * Gets the libvirt network that the interface is on.
 *
 * Returns: (transfer none) (nullable): the name of a network, or %NULL for the usual one
 */
const gchar *
gvir_sandbox_config_network_get_source(GVirSandboxConfigNetwork *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK(config), NULL);

    return config->source;
}

/**
 * gvir_sandbox_config_network_set_mac:
 * @config: the network
 * @mac: (nullable): an address like 52:54:00:12:34:56, or %NULL for one that libvirt chooses
 *
 * Sets the hardware address of the interface.
 */
void
gvir_sandbox_config_network_set_mac(GVirSandboxConfigNetwork *config, const gchar *mac)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK(config));

    if (gvir_sandbox_text_replace(&config->mac, mac))
        g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_MAC]);
}

/**
 * gvir_sandbox_config_network_get_mac:
 * @config: the network
 *
 * Gets the hardware address of the interface.
 *
 * Returns: (transfer none) (nullable): an address like 52:54:00:12:34:56, or %NULL for one that libvirt chooses
 */
const gchar *
gvir_sandbox_config_network_get_mac(GVirSandboxConfigNetwork *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK(config), NULL);

    return config->mac;
}

/**
 * gvir_sandbox_config_network_add_address:
 * @config: the network
 * @addr: (transfer none): an address
 *
 * Adds an address to the interface.
 */
void
gvir_sandbox_config_network_add_address(GVirSandboxConfigNetwork *config, GVirSandboxConfigNetworkAddress *addr)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK(config));
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_ADDRESS(addr));

    g_ptr_array_add(config->addresses, g_object_ref(addr));
}

/**
 * gvir_sandbox_config_network_get_addresses:
 * @config: the network
 *
 * Gets the addresses of the interface.
 *
 * Returns: (transfer full) (element-type GVirSandboxConfigNetworkAddress): a new list
 */
GList *
gvir_sandbox_config_network_get_addresses(GVirSandboxConfigNetwork *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK(config), NULL);

    return gvir_sandbox_list_from_array(config->addresses);
}

/**
 * gvir_sandbox_config_network_add_route:
 * @config: the network
 * @route: (transfer none): a route
 *
 * Adds a route to the interface.
 */
void
gvir_sandbox_config_network_add_route(GVirSandboxConfigNetwork *config, GVirSandboxConfigNetworkRoute *route)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK(config));
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_ROUTE(route));

    g_ptr_array_add(config->routes, g_object_ref(route));
}

/**
 * gvir_sandbox_config_network_get_routes:
 * @config: the network
 *
 * Gets the routes of the interface.
 *
 * Returns: (transfer full) (element-type GVirSandboxConfigNetworkRoute): a new list
 */
GList *
gvir_sandbox_config_network_get_routes(GVirSandboxConfigNetwork *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK(config), NULL);

    return gvir_sandbox_list_from_array(config->routes);
}

/**
 * gvir_sandbox_config_network_set_filterref:
 * @config: the network
 * @filterref: (nullable) (transfer none): the filter
 *
 * Sets the filter that the packets of the interface go through.
 */
void
gvir_sandbox_config_network_set_filterref(GVirSandboxConfigNetwork *config,
                                          GVirSandboxConfigNetworkFilterref *filterref)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK(config));

    g_set_object(&config->filterref, filterref);
}

/**
 * gvir_sandbox_config_network_get_filterref:
 * @config: the network
 *
 * Gets the filter that the packets of the interface go through.
 *
 * Returns: (transfer none) (nullable): the filter
 */
GVirSandboxConfigNetworkFilterref *
gvir_sandbox_config_network_get_filterref(GVirSandboxConfigNetwork *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK(config), NULL);

    return config->filterref;
}

static gboolean
check_mac(const gchar *mac, GError **error)
{
    g_auto(GStrv) bytes = g_strsplit(mac, ":", 7);
    gboolean good = g_strv_length(bytes) == 6;

    for (gsize i = 0; good && i < 6; i++)
        good = strlen(bytes[i]) == 2 && g_ascii_isxdigit(bytes[i][0]) && g_ascii_isxdigit(bytes[i][1]);
    if (!good) {
        g_autofree gchar *shown = gvir_sandbox_text_show(mac);

        return gvir_sandbox_text_invalid(error, _("mac: \"%s\" is not like 52:54:00:12:34:56"), shown);
    }
    if (g_ascii_xdigit_value(bytes[0][1]) & 1)
        return gvir_sandbox_text_invalid(error, _("mac: %s is the address of a group"), mac);
    return TRUE;
}

gboolean
gvir_sandbox_config_network_check(GVirSandboxConfigNetwork *network, GError **error)
{
    if (network->user && network->source)
        return gvir_sandbox_text_invalid(error, _("user and source contradict each other"));
    if (network->source && !gvir_sandbox_value_check_file_name("source", network->source, error))
        return FALSE;
    if (network->mac && !check_mac(network->mac, error))
        return FALSE;
    for (guint i = 0; i < network->addresses->len; i++) {
        if (!gvir_sandbox_config_network_address_check(network->addresses->pdata[i], error))
            return gvir_sandbox_error_prefix(error, "address %u", i);
    }
    for (guint i = 0; i < network->routes->len; i++) {
        if (!gvir_sandbox_config_network_route_check(network->routes->pdata[i], error))
            return gvir_sandbox_error_prefix(error, "route %u", i);
    }
    return !network->filterref || gvir_sandbox_config_network_filterref_check(network->filterref, error);
}
