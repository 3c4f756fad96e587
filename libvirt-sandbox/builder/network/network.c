/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/network/network-private.h"
#include "libvirt-sandbox/builder/network/nameservers-private.h"
#include "libvirt-sandbox/builder/network/passt-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/libvirt/handle-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/libvirt/xml-private.h"
#include "libvirt-sandbox/libvirt/driver-private.h"

#define DEFAULT_NETWORK "default"
/* Room for them is left on the bus of a machine. */
#define INTERFACES_MAX 8

/*
 * User mode by QEMU's SLIRP, with its usual addresses. What a guest sends to SLIRP's own network, or to the
 * loopback network by way of the interface, SLIRP takes to the loopback interface of the host, where
 * services listen that are not meant for guests. So init lets nothing go there but questions for names.
 */
#define USER_NAMESERVER "10.0.2.3"

static const struct {
    const gchar *ip, *prefix;
} user_addresses[] = { { "10.0.2.15", "32" }, { "fec0::15", "128" } };

static const struct {
    const gchar *ip, *prefix, *gateway;
} user_routes[] = {
    { USER_NAMESERVER, "32", "" },
    { "0.0.0.0", "0", "10.0.2.2" },
    { "::", "0", "fe80::2" },
};

static const struct {
    const gchar *ip, *prefix, *nameserver;
} user_forbidden[] = {
    { "10.0.2.0", "24", USER_NAMESERVER },
    { "0.0.0.0", "8", "" },
    { "127.0.0.0", "8", "" },
    { "255.255.255.255", "32", "" },
    { "fec0::", "64", "" },
    { "::", "96", "" },
    { "::ffff:0:0", "96", "" },
};

/* passt leads nothing there itself; what it could be made to is closed once more. Any address will do for
 * its router, as it answers for all, and only IPv4 has one. */
static const struct {
    const gchar *ip, *prefix;
} passt_forbidden[] = { { "0.0.0.0", "8" }, { "127.0.0.0", "8" }, { "255.255.255.255", "32" } };

#define PASST_ROUTER "10.0.2.2"

/* Whether the connection has no libvirt networks, so that user mode is the usual one. */
static gboolean
is_private(const GVirSandboxDriver *driver)
{
    return g_str_equal(driver->driver, "qemu") && !g_str_equal(driver->path, "system");
}

static gboolean
is_user_mode(const GVirSandboxDriver *driver, GVirSandboxConfigNetwork *network)
{
    return gvir_sandbox_config_network_get_user(network) ||
           (is_private(driver) && !gvir_sandbox_config_network_get_source(network));
}

static const gchar *
get_source(GVirSandboxConfigNetwork *network)
{
    const gchar *source = gvir_sandbox_config_network_get_source(network);

    return source ? source : DEFAULT_NETWORK;
}

static gboolean refuse(GError **error, GVirSandboxError code, const gchar *format, ...) G_GNUC_PRINTF(3, 4);

static gboolean
refuse(GError **error, GVirSandboxError code, const gchar *format, ...)
{
    g_autofree gchar *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, GVIR_SANDBOX_ERROR, code, text);
    return FALSE;
}

static gboolean
has_any(GList *list)
{
    gboolean any = list != NULL;

    g_list_free_full(list, g_object_unref);
    return any;
}

static gboolean
check_user_mode(const GVirSandboxDriver *driver, GVirSandboxConfigNetwork *network, GError **error)
{
    if (!g_str_equal(driver->driver, "qemu"))
        return refuse(error, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                      _("a container has no user-mode network; use source=NETWORK or a qemu connection"));
    if (has_any(gvir_sandbox_config_network_get_addresses(network)))
        return refuse(error, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                      _("address: a user-mode network has its own; use source=NETWORK with qemu:///system"));
    if (has_any(gvir_sandbox_config_network_get_routes(network)))
        return refuse(error, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                      _("route: a user-mode network has its own; use source=NETWORK with qemu:///system"));
    if (gvir_sandbox_config_network_get_filterref(network))
        return refuse(error, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                      _("filter: libvirt cannot filter a user-mode network; "
                        "use source=NETWORK with qemu:///system"));
    return TRUE;
}

/* libvirt says "not found" itself, but does not say what helps. */
static gboolean
check_network(virConnectPtr handle, const gchar *uri, const gchar *name, GError **error)
{
    g_autoptr(virNetwork) network = virNetworkLookupByName(handle, name);
    int active;

    if (!network && virGetLastErrorCode() == VIR_ERR_NO_NETWORK)
        return refuse(error, GVIR_SANDBOX_ERROR_NOT_FOUND,
                      _("there is no libvirt network %s; these are there: virsh -c %s net-list --all"), name, uri);
    active = network ? virNetworkIsActive(network) : -1;
    if (active < 0) {
        gvir_sandbox_handle_set_error(error, _("libvirt network %s"), name);
        return FALSE;
    }
    if (active == 0)
        return refuse(error, GVIR_SANDBOX_ERROR_NOT_FOUND,
                      _("the libvirt network %s is not started; do: virsh -c %s net-start %s"), name, uri, name);
    return TRUE;
}

static gboolean
check_filter(virConnectPtr handle, const gchar *uri, GVirSandboxConfigNetworkFilterref *filterref, GError **error)
{
    const gchar *name = gvir_sandbox_config_network_filterref_get_name(filterref);
    g_autoptr(virNWFilter) filter = virNWFilterLookupByName(handle, name);

    if (filter)
        return TRUE;
    if (virGetLastErrorCode() == VIR_ERR_NO_NWFILTER)
        return refuse(error, GVIR_SANDBOX_ERROR_NOT_FOUND,
                      _("filter: there is no network filter %s; these are there: virsh -c %s nwfilter-list"), name,
                      uri);
    gvir_sandbox_handle_set_error(error, _("filter %s"), name);
    return FALSE;
}

static gboolean
check_libvirt_network(GVirConnection *connection, const GVirSandboxDriver *driver, GVirSandboxConfigNetwork *network,
                      GError **error)
{
    GVirSandboxConfigNetworkFilterref *filterref = gvir_sandbox_config_network_get_filterref(network);
    const gchar *uri = gvir_connection_get_uri(connection);
    g_autoptr(virConnect) handle = NULL;

    if (is_private(driver))
        return refuse(error, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                      _("source: connection %s has no libvirt networks; use -c qemu:///system, or user mode"), uri);
    handle = gvir_sandbox_connection_handle(connection);
    return check_network(handle, uri, get_source(network), error) &&
           (!filterref || check_filter(handle, uri, filterref, error));
}

static gboolean
check_one(GVirConnection *connection, const GVirSandboxDriver *driver, GVirSandboxConfigNetwork *network,
          GError **error)
{
    return is_user_mode(driver, network) ? check_user_mode(driver, network, error)
                                         : check_libvirt_network(connection, driver, network, error);
}

/* What can only be said of all of them together. */
static gboolean
check_together(const GVirSandboxDriver *driver, GList *networks, GError **error)
{
    g_autoptr(GHashTable) macs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    guint users = 0;

    if (g_list_length(networks) > INTERFACES_MAX)
        return refuse(error, GVIR_SANDBOX_ERROR_UNSUPPORTED, _("network: there can be %d at most"), INTERFACES_MAX);
    for (GList *link = networks; link; link = link->next) {
        const gchar *mac = gvir_sandbox_config_network_get_mac(link->data);

        if (mac && !g_hash_table_add(macs, g_ascii_strdown(mac, -1)))
            return refuse(error, GVIR_SANDBOX_ERROR_INVALID, _("network: mac %s is there twice"), mac);
        if (is_user_mode(driver, link->data) && ++users > 1)
            return refuse(error, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                          _("network: there can be one in user mode, as all have the same addresses"));
    }
    return TRUE;
}

gboolean
gvir_sandbox_networks_check(GVirConnection *connection, GVirSandboxConfig *config, GError **error)
{
    GList *networks = gvir_sandbox_config_get_networks(config);
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_of_connection(connection, error);
    gboolean good = driver && check_together(driver, networks, error);
    guint number = 0;

    for (GList *link = networks; link && good; link = link->next, number++) {
        good = check_one(connection, driver, link->data, error) ||
               gvir_sandbox_error_prefix(error, _("network %u"), number);
    }
    g_list_free_full(networks, g_object_unref);
    return good;
}

gboolean
gvir_sandbox_networks_has_user_mode(GVirConnection *connection, GVirSandboxConfig *config)
{
    GList *networks = gvir_sandbox_config_get_networks(config);
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_of_connection(connection, NULL);
    gboolean any = FALSE;

    for (GList *link = networks; link && driver; link = link->next)
        any = any || is_user_mode(driver, link->data);
    g_list_free_full(networks, g_object_unref);
    return any;
}

/* In the range that QEMU and libvirt use. */
static gchar *
random_mac(void)
{
    guint32 number = g_random_int();

    return g_strdup_printf("52:54:00:%02x:%02x:%02x", number & 0xff, number >> 8 & 0xff, number >> 16 & 0xff);
}

static void
interface_free(gpointer data)
{
    GVirSandboxInterface *interface = data;

    g_object_unref(interface->network);
    g_free(interface->mac);
    g_free(interface->source);
    g_strfreev(interface->nameservers);
    g_free(interface);
}

static void
choose_user_mode(GVirConnection *connection, const GVirSandboxDriver *driver, GVirSandboxConfig *config,
                 GVirSandboxInterface *interface)
{
    const gchar *obstacle = gvir_sandbox_passt_find_obstacle(connection, driver, config, &interface->nameservers);

    if (obstacle)
        g_info(_("the user-mode network is SLIRP: %s"), obstacle);
    else
        g_info(_("the user-mode network is passt"));
}

GPtrArray *
gvir_sandbox_interfaces_list(GVirConnection *connection, GVirSandboxConfig *config, GError **error)
{
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_of_connection(connection, error);
    GPtrArray *interfaces;
    GList *networks;

    if (!driver)
        return NULL;
    interfaces = g_ptr_array_new_with_free_func(interface_free);
    networks = gvir_sandbox_config_get_networks(config);
    for (GList *link = networks; link; link = link->next) {
        GVirSandboxInterface *interface = g_new0(GVirSandboxInterface, 1);
        const gchar *mac = gvir_sandbox_config_network_get_mac(link->data);

        interface->network = g_object_ref(link->data);
        interface->mac = mac ? g_ascii_strdown(mac, -1) : random_mac();
        if (is_user_mode(driver, link->data))
            choose_user_mode(connection, driver, config, interface);
        else
            interface->source = g_strdup(get_source(link->data));
        g_ptr_array_add(interfaces, interface);
    }
    g_list_free_full(networks, g_object_unref);
    return interfaces;
}

static void
append_filter(GString *xml, GVirSandboxConfigNetworkFilterref *filterref)
{
    GList *parameters = gvir_sandbox_config_network_filterref_get_parameters(filterref);

    gvir_sandbox_xml_append(xml, "<filterref filter='%s'>", gvir_sandbox_config_network_filterref_get_name(filterref));
    for (GList *link = parameters; link; link = link->next)
        gvir_sandbox_xml_append(xml, "<parameter name='%s' value='%s'/>",
                                gvir_sandbox_config_network_filterref_parameter_get_name(link->data),
                                gvir_sandbox_config_network_filterref_parameter_get_value(link->data));
    g_string_append(xml, "</filterref>");
    g_list_free_full(parameters, g_object_unref);
}

void
gvir_sandbox_interface_append_xml(GString *xml, const GVirSandboxInterface *interface)
{
    GVirSandboxConfigNetworkFilterref *filterref = gvir_sandbox_config_network_get_filterref(interface->network);

    gvir_sandbox_xml_append(xml, "<interface type='%s'><mac address='%s'/>", interface->source ? "network" : "user",
                            interface->mac);
    if (interface->source)
        gvir_sandbox_xml_append(xml, "<source network='%s'/>", interface->source);
    if (interface->nameservers)
        gvir_sandbox_passt_append_xml(xml);
    if (filterref)
        append_filter(xml, filterref);
}

static void
append_passt(struct guest_manifest_text *text, const gchar *mac, GStrv nameservers)
{
    for (gsize i = 0; i < G_N_ELEMENTS(passt_forbidden); i++)
        guest_manifest_append(text, GUEST_WORD_FORBID, passt_forbidden[i].ip, passt_forbidden[i].prefix, "", NULL);
    guest_manifest_append(text, GUEST_WORD_INTERFACE, mac, "static", NULL);
    guest_manifest_append(text, GUEST_WORD_ADDRESS, mac, GVIR_SANDBOX_PASST_ADDRESS, "32", "", NULL);
    guest_manifest_append(text, GUEST_WORD_ROUTE, mac, "0.0.0.0", "0", PASST_ROUTER, NULL);
    for (gsize i = 0; nameservers[i]; i++)
        guest_manifest_append(text, GUEST_WORD_NAMESERVER, nameservers[i], NULL);
}

static void
append_slirp(struct guest_manifest_text *text, const gchar *mac)
{
    for (gsize i = 0; i < G_N_ELEMENTS(user_forbidden); i++)
        guest_manifest_append(text, GUEST_WORD_FORBID, user_forbidden[i].ip, user_forbidden[i].prefix,
                              user_forbidden[i].nameserver, NULL);
    guest_manifest_append(text, GUEST_WORD_INTERFACE, mac, "static", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(user_addresses); i++)
        guest_manifest_append(text, GUEST_WORD_ADDRESS, mac, user_addresses[i].ip, user_addresses[i].prefix, "", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(user_routes); i++)
        guest_manifest_append(text, GUEST_WORD_ROUTE, mac, user_routes[i].ip, user_routes[i].prefix,
                              user_routes[i].gateway, NULL);
    guest_manifest_append(text, GUEST_WORD_NAMESERVER, USER_NAMESERVER, NULL);
}

static void
append_address(struct guest_manifest_text *text, const gchar *mac, GVirSandboxConfigNetworkAddress *address)
{
    GInetAddress *broadcast = gvir_sandbox_config_network_address_get_broadcast(address);
    g_autofree gchar *ip = g_inet_address_to_string(gvir_sandbox_config_network_address_get_primary(address));
    g_autofree gchar *prefix = g_strdup_printf("%u", gvir_sandbox_config_network_address_get_prefix(address));
    g_autofree gchar *last = broadcast ? g_inet_address_to_string(broadcast) : g_strdup("");

    guest_manifest_append(text, GUEST_WORD_ADDRESS, mac, ip, prefix, last, NULL);
}

static void
append_route(struct guest_manifest_text *text, const gchar *mac, GVirSandboxConfigNetworkRoute *route)
{
    GInetAddress *gateway = gvir_sandbox_config_network_route_get_gateway(route);
    g_autofree gchar *ip = g_inet_address_to_string(gvir_sandbox_config_network_route_get_target(route));
    g_autofree gchar *prefix = g_strdup_printf("%u", gvir_sandbox_config_network_route_get_prefix(route));
    g_autofree gchar *by = gateway ? g_inet_address_to_string(gateway) : g_strdup("");

    guest_manifest_append(text, GUEST_WORD_ROUTE, mac, ip, prefix, by, NULL);
}

static void
append_libvirt_network(struct guest_manifest_text *text, const GVirSandboxInterface *interface)
{
    GList *addresses = gvir_sandbox_config_network_get_addresses(interface->network);
    GList *routes = gvir_sandbox_config_network_get_routes(interface->network);
    gboolean dhcp = gvir_sandbox_config_network_get_dhcp(interface->network);

    /* Whoever names the addresses gets these and no others. */
    guest_manifest_append(text, GUEST_WORD_INTERFACE, interface->mac, addresses && !dhcp ? "static" : "auto", NULL);
    for (GList *link = addresses; link; link = link->next)
        append_address(text, interface->mac, link->data);
    for (GList *link = routes; link; link = link->next)
        append_route(text, interface->mac, link->data);
    if (dhcp)
        guest_manifest_append(text, GUEST_WORD_DHCP, interface->mac, NULL);
    g_list_free_full(addresses, g_object_unref);
    g_list_free_full(routes, g_object_unref);
}

/* Short names mean what they mean on the host, where the network does not say something else. */
static void
append_search(struct guest_manifest_text *text)
{
    g_autofree gchar *domains = gvir_sandbox_nameservers_find_search();

    if (domains)
        guest_manifest_append(text, GUEST_WORD_SEARCH, domains, NULL);
}

void
gvir_sandbox_interfaces_append_manifest(struct guest_manifest_text *text, GPtrArray *interfaces)
{
    if (interfaces->len > 0)
        append_search(text);
    for (guint i = 0; i < interfaces->len; i++) {
        const GVirSandboxInterface *interface = g_ptr_array_index(interfaces, i);

        if (interface->source)
            append_libvirt_network(text, interface);
        else if (interface->nameservers)
            append_passt(text, interface->mac, interface->nameservers);
        else
            append_slirp(text, interface->mac);
    }
}
