/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/network/network-route.h"

#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/network/network-route-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <string.h>

/**
 * GVirSandboxConfigNetworkRoute:
 *
 * A route that the sandbox has through a network interface.
 */

struct _GVirSandboxConfigNetworkRoute {
    GObject parent_instance;

    GInetAddress *target;
    guint prefix;
    GInetAddress *gateway;
};

enum { PROP_TARGET = 1, PROP_PREFIX, PROP_GATEWAY, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE(GVirSandboxConfigNetworkRoute, gvir_sandbox_config_network_route, G_TYPE_OBJECT)

static void
gvir_sandbox_config_network_route_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigNetworkRoute *config = GVIR_SANDBOX_CONFIG_NETWORK_ROUTE(object);

    switch (id) {
    case PROP_TARGET:
        g_value_set_object(value, config->target);
        break;
    case PROP_PREFIX:
        g_value_set_uint(value, config->prefix);
        break;
    case PROP_GATEWAY:
        g_value_set_object(value, config->gateway);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_network_route_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigNetworkRoute *config = GVIR_SANDBOX_CONFIG_NETWORK_ROUTE(object);

    switch (id) {
    case PROP_TARGET:
        gvir_sandbox_config_network_route_set_target(config, g_value_get_object(value));
        break;
    case PROP_PREFIX:
        gvir_sandbox_config_network_route_set_prefix(config, g_value_get_uint(value));
        break;
    case PROP_GATEWAY:
        gvir_sandbox_config_network_route_set_gateway(config, g_value_get_object(value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_network_route_finalize(GObject *object)
{
    GVirSandboxConfigNetworkRoute *config = GVIR_SANDBOX_CONFIG_NETWORK_ROUTE(object);

    g_clear_object(&config->target);
    g_clear_object(&config->gateway);

    G_OBJECT_CLASS(gvir_sandbox_config_network_route_parent_class)->finalize(object);
}

static void
gvir_sandbox_config_network_route_class_init(GVirSandboxConfigNetworkRouteClass *class)
{
    const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    GObjectClass *object_class = G_OBJECT_CLASS(class);

    object_class->get_property = gvir_sandbox_config_network_route_get_property;
    object_class->set_property = gvir_sandbox_config_network_route_set_property;
    object_class->finalize = gvir_sandbox_config_network_route_finalize;

    /**
     * GVirSandboxConfigNetworkRoute:target:
     *
     * The network that is reached by the route.
     */
    properties[PROP_TARGET] = g_param_spec_object("target", NULL, NULL, G_TYPE_INET_ADDRESS, flags);

    /**
     * GVirSandboxConfigNetworkRoute:prefix:
     *
     * How many leading bits of the address name the network.
     */
    properties[PROP_PREFIX] = g_param_spec_uint("prefix", NULL, NULL, 0, 128, 24, flags);

    /**
     * GVirSandboxConfigNetworkRoute:gateway:
     *
     * The address that packets to it are sent to.
     */
    properties[PROP_GATEWAY] = g_param_spec_object("gateway", NULL, NULL, G_TYPE_INET_ADDRESS, flags);

    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
gvir_sandbox_config_network_route_init(GVirSandboxConfigNetworkRoute *config)
{
    config->prefix = 24;
}

/**
 * gvir_sandbox_config_network_route_new:
 * @target: the network that is reached by the route
 * @prefix: how many leading bits of it name the network
 * @gateway: the address that packets to it are sent to
 *
 * Makes a description of a route.
 *
 * Returns: (transfer full): the new route
 */
GVirSandboxConfigNetworkRoute *
gvir_sandbox_config_network_route_new(GInetAddress *target, guint prefix, GInetAddress *gateway)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONFIG_NETWORK_ROUTE, "target", target, "prefix", prefix, "gateway", gateway,
                        NULL);
}

/**
 * gvir_sandbox_config_network_route_set_target:
 * @config: the route
 * @addr: the network that is reached by the route
 *
 * Sets the network that is reached by the route.
 */
void
gvir_sandbox_config_network_route_set_target(GVirSandboxConfigNetworkRoute *config, GInetAddress *addr)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_ROUTE(config));

    if (g_set_object(&config->target, addr))
        g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_TARGET]);
}

/**
 * gvir_sandbox_config_network_route_get_target:
 * @config: the route
 *
 * Gets the network that is reached by the route.
 *
 * Returns: (transfer none): the network that is reached by the route
 */
GInetAddress *
gvir_sandbox_config_network_route_get_target(GVirSandboxConfigNetworkRoute *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_ROUTE(config), NULL);

    return config->target;
}

/**
 * gvir_sandbox_config_network_route_set_prefix:
 * @config: the route
 * @prefix: the number of bits
 *
 * Sets how many leading bits of the address name the network.
 */
void
gvir_sandbox_config_network_route_set_prefix(GVirSandboxConfigNetworkRoute *config, guint prefix)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_ROUTE(config));

    if (config->prefix == prefix)
        return;
    config->prefix = prefix;
    g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_PREFIX]);
}

/**
 * gvir_sandbox_config_network_route_get_prefix:
 * @config: the route
 *
 * Gets how many leading bits of the address name the network.
 *
 * Returns: the number of bits
 */
guint
gvir_sandbox_config_network_route_get_prefix(GVirSandboxConfigNetworkRoute *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_ROUTE(config), 0);

    return config->prefix;
}

/**
 * gvir_sandbox_config_network_route_set_gateway:
 * @config: the route
 * @addr: the address that packets to it are sent to
 *
 * Sets the address that packets to it are sent to.
 */
void
gvir_sandbox_config_network_route_set_gateway(GVirSandboxConfigNetworkRoute *config, GInetAddress *addr)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_ROUTE(config));

    if (g_set_object(&config->gateway, addr))
        g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_GATEWAY]);
}

/**
 * gvir_sandbox_config_network_route_get_gateway:
 * @config: the route
 *
 * Gets the address that packets to it are sent to.
 *
 * Returns: (transfer none): the address that packets to it are sent to
 */
GInetAddress *
gvir_sandbox_config_network_route_get_gateway(GVirSandboxConfigNetworkRoute *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_ROUTE(config), NULL);

    return config->gateway;
}

/* From the three as text; LAST may be NULL. */
static GVirSandboxConfigNetworkRoute *
from_text(const gchar *first, guint prefix, const gchar *last, GError **error)
{
    g_autoptr(GVirSandboxConfigNetworkRoute) route = gvir_sandbox_config_network_route_new(NULL, prefix, NULL);

    route->target = gvir_sandbox_value_to_address("target", first, error);
    if (!route->target)
        return NULL;
    if (last) {
        route->gateway = gvir_sandbox_value_to_address("gateway", last, error);
        if (!route->gateway)
            return NULL;
    }
    return gvir_sandbox_config_network_route_check(route, error) ? g_steal_pointer(&route) : NULL;
}

GVirSandboxConfigNetworkRoute *
gvir_sandbox_config_network_route_parse(const gchar *text, GError **error)
{
    g_autofree gchar *first = g_strdup(text);
    gchar *last = strchr(first, '%');
    gchar *prefix;
    guint64 bits;

    if (last)
        *last++ = '\0';
    prefix = strchr(first, '/');
    if (!prefix || !last) {
        gvir_sandbox_text_invalid(error, _("expected NET/PREFIX%%GATEWAY"));
        return NULL;
    }
    *prefix++ = '\0';
    if (!gvir_sandbox_value_to_number("prefix", prefix, 128, &bits, error))
        return NULL;
    return from_text(first, (guint)bits, last, error);
}

GVirSandboxConfigNetworkRoute *
gvir_sandbox_config_network_route_load(GVirSandboxKeyfile *file, const gchar *group, GError **error)
{
    g_autoptr(GVirSandboxConfigNetworkRoute) route = NULL;
    g_autofree gchar *first = NULL;
    g_autofree gchar *last = NULL;
    guint prefix = 0;

    if (!gvir_sandbox_keyfile_require(file, group, "target", error) ||
        !gvir_sandbox_keyfile_require(file, group, "prefix", error) ||
        !gvir_sandbox_keyfile_require(file, group, "gateway", error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "target", &first, error) ||
        !gvir_sandbox_keyfile_read_uint(file, group, "prefix", &prefix, error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "gateway", &last, error))
        return NULL;
    if (prefix <= 128) {
        route = from_text(first, prefix, last, error);
    } else {
        gvir_sandbox_text_invalid(error, _("prefix: %u is more than an address has bits"), prefix);
    }
    if (!route)
        gvir_sandbox_keyfile_prefix(error, group);
    return g_steal_pointer(&route);
}

void
gvir_sandbox_config_network_route_save(GVirSandboxConfigNetworkRoute *route, GKeyFile *file, const gchar *group)
{
    g_autofree gchar *target = gvir_sandbox_value_from_address(route->target);
    g_autofree gchar *gateway = gvir_sandbox_value_from_address(route->gateway);

    gvir_sandbox_keyfile_write_string(file, group, "target", target);
    g_key_file_set_uint64(file, group, "prefix", route->prefix);
    gvir_sandbox_keyfile_write_string(file, group, "gateway", gateway);
}

gboolean
gvir_sandbox_config_network_route_check(GVirSandboxConfigNetworkRoute *route, GError **error)
{
    if (!route->target)
        return gvir_sandbox_text_invalid(error, _("target: must not be empty"));
    if (!route->gateway)
        return gvir_sandbox_text_invalid(error, _("gateway: must not be empty"));
    if (g_inet_address_get_family(route->target) != g_inet_address_get_family(route->gateway))
        return gvir_sandbox_text_invalid(error, _("gateway: must be of the same family as target"));
    return gvir_sandbox_value_check_prefix("prefix", route->prefix, route->target, error);
}
