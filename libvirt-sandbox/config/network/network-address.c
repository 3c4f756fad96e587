/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/network/network-address.h"

#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/network/network-address-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <string.h>

/* Of an address without a prefix: the first is what 0.8 took, the second what nearly all networks of IPv6 have. */
#define PREFIX_DEFAULT 24
#define PREFIX_DEFAULT_IPV6 64

/**
 * GVirSandboxConfigNetworkAddress:
 *
 * An IP address that a network interface of the sandbox has.
 */

struct _GVirSandboxConfigNetworkAddress {
    GObject parent_instance;

    GInetAddress *primary;
    guint prefix;
    GInetAddress *broadcast;
};

enum { PROP_PRIMARY = 1, PROP_PREFIX, PROP_BROADCAST, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE(GVirSandboxConfigNetworkAddress, gvir_sandbox_config_network_address, G_TYPE_OBJECT)

static void
gvir_sandbox_config_network_address_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigNetworkAddress *config = GVIR_SANDBOX_CONFIG_NETWORK_ADDRESS(object);

    switch (id) {
    case PROP_PRIMARY:
        g_value_set_object(value, config->primary);
        break;
    case PROP_PREFIX:
        g_value_set_uint(value, config->prefix);
        break;
    case PROP_BROADCAST:
        g_value_set_object(value, config->broadcast);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_network_address_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigNetworkAddress *config = GVIR_SANDBOX_CONFIG_NETWORK_ADDRESS(object);

    switch (id) {
    case PROP_PRIMARY:
        gvir_sandbox_config_network_address_set_primary(config, g_value_get_object(value));
        break;
    case PROP_PREFIX:
        gvir_sandbox_config_network_address_set_prefix(config, g_value_get_uint(value));
        break;
    case PROP_BROADCAST:
        gvir_sandbox_config_network_address_set_broadcast(config, g_value_get_object(value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_network_address_finalize(GObject *object)
{
    GVirSandboxConfigNetworkAddress *config = GVIR_SANDBOX_CONFIG_NETWORK_ADDRESS(object);

    g_clear_object(&config->primary);
    g_clear_object(&config->broadcast);

    G_OBJECT_CLASS(gvir_sandbox_config_network_address_parent_class)->finalize(object);
}

static void
gvir_sandbox_config_network_address_class_init(GVirSandboxConfigNetworkAddressClass *class)
{
    const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    GObjectClass *object_class = G_OBJECT_CLASS(class);

    object_class->get_property = gvir_sandbox_config_network_address_get_property;
    object_class->set_property = gvir_sandbox_config_network_address_set_property;
    object_class->finalize = gvir_sandbox_config_network_address_finalize;

    /**
     * GVirSandboxConfigNetworkAddress:primary:
     *
     * The address of the interface.
     */
    properties[PROP_PRIMARY] = g_param_spec_object("primary", NULL, NULL, G_TYPE_INET_ADDRESS, flags);

    /**
     * GVirSandboxConfigNetworkAddress:prefix:
     *
     * How many leading bits of the address name the network.
     */
    properties[PROP_PREFIX] = g_param_spec_uint("prefix", NULL, NULL, 0, 128, PREFIX_DEFAULT, flags);

    /**
     * GVirSandboxConfigNetworkAddress:broadcast:
     *
     * The broadcast address.
     */
    properties[PROP_BROADCAST] = g_param_spec_object("broadcast", NULL, NULL, G_TYPE_INET_ADDRESS, flags);

    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
gvir_sandbox_config_network_address_init(GVirSandboxConfigNetworkAddress *config)
{
    config->prefix = PREFIX_DEFAULT;
}

/**
 * gvir_sandbox_config_network_address_new:
 * @primary: the address of the interface
 * @prefix: how many leading bits of it name the network
 * @broadcast: (nullable): the broadcast address
 *
 * Makes a description of an address.
 *
 * Returns: (transfer full): the new address
 */
GVirSandboxConfigNetworkAddress *
gvir_sandbox_config_network_address_new(GInetAddress *primary, guint prefix, GInetAddress *broadcast)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONFIG_NETWORK_ADDRESS, "primary", primary, "prefix", prefix, "broadcast",
                        broadcast, NULL);
}

/**
 * gvir_sandbox_config_network_address_set_primary:
 * @config: the address
 * @addr: the address of the interface
 *
 * Sets the address of the interface.
 */
void
gvir_sandbox_config_network_address_set_primary(GVirSandboxConfigNetworkAddress *config, GInetAddress *addr)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_ADDRESS(config));

    if (g_set_object(&config->primary, addr))
        g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_PRIMARY]);
}

/**
 * gvir_sandbox_config_network_address_get_primary:
 * @config: the address
 *
 * Gets the address of the interface.
 *
 * Returns: (transfer none): the address of the interface
 */
GInetAddress *
gvir_sandbox_config_network_address_get_primary(GVirSandboxConfigNetworkAddress *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_ADDRESS(config), NULL);

    return config->primary;
}

/**
 * gvir_sandbox_config_network_address_set_prefix:
 * @config: the address
 * @prefix: the number of bits
 *
 * Sets how many leading bits of the address name the network.
 */
void
gvir_sandbox_config_network_address_set_prefix(GVirSandboxConfigNetworkAddress *config, guint prefix)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_ADDRESS(config));

    if (config->prefix == prefix)
        return;
    config->prefix = prefix;
    g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_PREFIX]);
}

/**
 * gvir_sandbox_config_network_address_get_prefix:
 * @config: the address
 *
 * Gets how many leading bits of the address name the network.
 *
 * Returns: the number of bits
 */
guint
gvir_sandbox_config_network_address_get_prefix(GVirSandboxConfigNetworkAddress *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_ADDRESS(config), 0);

    return config->prefix;
}

/**
 * gvir_sandbox_config_network_address_set_broadcast:
 * @config: the address
 * @addr: (nullable): the broadcast address
 *
 * Sets the broadcast address.
 */
void
gvir_sandbox_config_network_address_set_broadcast(GVirSandboxConfigNetworkAddress *config, GInetAddress *addr)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_ADDRESS(config));

    if (g_set_object(&config->broadcast, addr))
        g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_BROADCAST]);
}

/**
 * gvir_sandbox_config_network_address_get_broadcast:
 * @config: the address
 *
 * Gets the broadcast address.
 *
 * Returns: (transfer none) (nullable): the broadcast address
 */
GInetAddress *
gvir_sandbox_config_network_address_get_broadcast(GVirSandboxConfigNetworkAddress *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_ADDRESS(config), NULL);

    return config->broadcast;
}

/* From the three as text; LAST may be NULL. */
static GVirSandboxConfigNetworkAddress *
from_text(const gchar *first, guint prefix, const gchar *last, GError **error)
{
    g_autoptr(GVirSandboxConfigNetworkAddress) address = gvir_sandbox_config_network_address_new(NULL, prefix, NULL);

    address->primary = gvir_sandbox_value_to_address("primary", first, error);
    if (!address->primary)
        return NULL;
    if (last) {
        address->broadcast = gvir_sandbox_value_to_address("broadcast", last, error);
        if (!address->broadcast)
            return NULL;
    }
    return gvir_sandbox_config_network_address_check(address, error) ? g_steal_pointer(&address) : NULL;
}

GVirSandboxConfigNetworkAddress *
gvir_sandbox_config_network_address_parse(const gchar *text, GError **error)
{
    g_autofree gchar *first = g_strdup(text);
    gchar *last = strchr(first, '%');
    gchar *prefix;
    guint64 bits;

    if (last)
        *last++ = '\0';
    prefix = strchr(first, '/');
    if (!prefix)
        return from_text(first, strchr(first, ':') ? PREFIX_DEFAULT_IPV6 : PREFIX_DEFAULT, last, error);
    *prefix++ = '\0';
    if (!gvir_sandbox_value_to_number("prefix", prefix, 128, &bits, error))
        return NULL;
    return from_text(first, (guint)bits, last, error);
}

GVirSandboxConfigNetworkAddress *
gvir_sandbox_config_network_address_load(GVirSandboxKeyfile *file, const gchar *group, GError **error)
{
    g_autoptr(GVirSandboxConfigNetworkAddress) address = NULL;
    g_autofree gchar *first = NULL;
    g_autofree gchar *last = NULL;
    guint prefix = 0;

    if (!gvir_sandbox_keyfile_require(file, group, "primary", error) ||
        !gvir_sandbox_keyfile_require(file, group, "prefix", error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "primary", &first, error) ||
        !gvir_sandbox_keyfile_read_uint(file, group, "prefix", &prefix, error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "broadcast", &last, error))
        return NULL;
    if (prefix <= 128) {
        address = from_text(first, prefix, last, error);
    } else {
        gvir_sandbox_text_invalid(error, _("prefix: %u is more than an address has bits"), prefix);
    }
    if (!address)
        gvir_sandbox_keyfile_prefix(error, group);
    return g_steal_pointer(&address);
}

void
gvir_sandbox_config_network_address_save(GVirSandboxConfigNetworkAddress *address, GKeyFile *file, const gchar *group)
{
    g_autofree gchar *primary = gvir_sandbox_value_from_address(address->primary);
    g_autofree gchar *broadcast = gvir_sandbox_value_from_address(address->broadcast);

    gvir_sandbox_keyfile_write_string(file, group, "primary", primary);
    gvir_sandbox_keyfile_write_string(file, group, "broadcast", broadcast);
    g_key_file_set_uint64(file, group, "prefix", address->prefix);
}

gboolean
gvir_sandbox_config_network_address_check(GVirSandboxConfigNetworkAddress *address, GError **error)
{
    if (!address->primary)
        return gvir_sandbox_text_invalid(error, _("primary: must not be empty"));
    if (address->broadcast &&
        g_inet_address_get_family(address->primary) != g_inet_address_get_family(address->broadcast))
        return gvir_sandbox_text_invalid(error, _("broadcast: must be of the same family as primary"));
    return gvir_sandbox_value_check_prefix("prefix", address->prefix, address->primary, error);
}
