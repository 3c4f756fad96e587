/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "tests/unit/saved-text.h"

/* Networks, with their addresses, routes and filter: objects and the text of --network. */

static void
count_notify(GObject *object G_GNUC_UNUSED, GParamSpec *property G_GNUC_UNUSED, gpointer user_data)
{
    ++*(guint *)user_data;
}

static void
assert_address(GInetAddress *address, const gchar *expected)
{
    g_autofree gchar *text = g_inet_address_to_string(address);

    g_assert_cmpstr(text, ==, expected);
}

static void
test_network(void)
{
    g_autoptr(GVirSandboxConfigNetwork) network = gvir_sandbox_config_network_new();
    guint notified = 0;

    g_signal_connect(network, "notify", G_CALLBACK(count_notify), &notified);
    /* As in 0.8. */
    g_assert_true(gvir_sandbox_config_network_get_dhcp(network));
    g_assert_null(gvir_sandbox_config_network_get_source(network));
    g_assert_null(gvir_sandbox_config_network_get_mac(network));
    g_assert_null(gvir_sandbox_config_network_get_filterref(network));
    gvir_sandbox_config_network_set_dhcp(network, 7);
    g_assert_cmpuint(notified, ==, 0);
    g_object_set(network, "dhcp", FALSE, "source", "default", "mac", "52:54:00:00:00:01", NULL);
    g_assert_cmpuint(notified, ==, 3);
    g_object_set(network, "dhcp", FALSE, "source", "default", "mac", "52:54:00:00:00:01", NULL);
    g_assert_cmpuint(notified, ==, 3);
    g_assert_cmpstr(gvir_sandbox_config_network_get_source(network), ==, "default");
    gvir_sandbox_config_network_set_source(network, NULL);
    g_assert_null(gvir_sandbox_config_network_get_source(network));
}

static void
test_address(void)
{
    g_autoptr(GVirSandboxConfigNetwork) network = gvir_sandbox_config_network_new();
    g_autoptr(GInetAddress) primary = g_inet_address_new_from_string("10.0.0.2");
    g_autoptr(GInetAddress) broadcast = g_inet_address_new_from_string("10.0.0.255");
    GVirSandboxConfigNetworkAddress *address = gvir_sandbox_config_network_address_new(primary, 24, NULL);
    guint notified = 0;
    GList *list;

    g_signal_connect(address, "notify", G_CALLBACK(count_notify), &notified);
    gvir_sandbox_config_network_address_set_broadcast(address, broadcast);
    gvir_sandbox_config_network_address_set_broadcast(address, broadcast);
    gvir_sandbox_config_network_address_set_prefix(address, 8);
    gvir_sandbox_config_network_address_set_primary(address, broadcast);
    g_assert_cmpuint(notified, ==, 3);
    g_assert_true(gvir_sandbox_config_network_address_get_primary(address) == broadcast);
    g_assert_true(gvir_sandbox_config_network_address_get_broadcast(address) == broadcast);
    g_assert_cmpuint(gvir_sandbox_config_network_address_get_prefix(address), ==, 8);
    gvir_sandbox_config_network_add_address(network, address);
    list = gvir_sandbox_config_network_get_addresses(network);
    g_assert_true(list->data == address && !list->next);
    g_assert_cmpuint(G_OBJECT(address)->ref_count, ==, 3);
    g_list_free_full(list, g_object_unref);
    g_object_unref(address);
}

static void
test_route(void)
{
    g_autoptr(GVirSandboxConfigNetwork) network = gvir_sandbox_config_network_new();
    g_autoptr(GInetAddress) target = g_inet_address_new_from_string("10.0.0.0");
    g_autoptr(GInetAddress) gateway = g_inet_address_new_from_string("10.0.0.1");
    GVirSandboxConfigNetworkRoute *route = gvir_sandbox_config_network_route_new(target, 24, gateway);
    guint notified = 0;
    GList *list;

    g_signal_connect(route, "notify", G_CALLBACK(count_notify), &notified);
    gvir_sandbox_config_network_route_set_target(route, gateway);
    gvir_sandbox_config_network_route_set_gateway(route, target);
    gvir_sandbox_config_network_route_set_prefix(route, 0);
    gvir_sandbox_config_network_route_set_prefix(route, 0);
    g_assert_cmpuint(notified, ==, 3);
    g_assert_true(gvir_sandbox_config_network_route_get_target(route) == gateway);
    g_assert_true(gvir_sandbox_config_network_route_get_gateway(route) == target);
    g_assert_cmpuint(gvir_sandbox_config_network_route_get_prefix(route), ==, 0);
    gvir_sandbox_config_network_add_route(network, route);
    list = gvir_sandbox_config_network_get_routes(network);
    g_assert_true(list->data == route && !list->next);
    g_assert_cmpuint(G_OBJECT(route)->ref_count, ==, 3);
    g_list_free_full(list, g_object_unref);
    g_object_unref(route);
}

static void
test_filter(void)
{
    g_autoptr(GVirSandboxConfigNetwork) network = gvir_sandbox_config_network_new();
    g_autoptr(GVirSandboxConfigNetworkFilterref) filter = gvir_sandbox_config_network_filterref_new();
    GVirSandboxConfigNetworkFilterrefParameter *parameter = gvir_sandbox_config_network_filterref_parameter_new();
    GList *list;

    gvir_sandbox_config_network_filterref_set_name(filter, "clean-traffic");
    gvir_sandbox_config_network_filterref_parameter_set_name(parameter, "IP");
    gvir_sandbox_config_network_filterref_parameter_set_value(parameter, "10.0.0.2");
    gvir_sandbox_config_network_filterref_add_parameter(filter, parameter);
    list = gvir_sandbox_config_network_filterref_get_parameters(filter);
    g_assert_true(list->data == parameter && !list->next);
    g_assert_cmpuint(G_OBJECT(parameter)->ref_count, ==, 3);
    g_list_free_full(list, g_object_unref);
    g_assert_cmpstr(gvir_sandbox_config_network_filterref_parameter_get_name(parameter), ==, "IP");
    g_assert_cmpstr(gvir_sandbox_config_network_filterref_parameter_get_value(parameter), ==, "10.0.0.2");
    gvir_sandbox_config_network_set_filterref(network, filter);
    /* The caller gets no reference, as in 0.8. */
    g_assert_true(gvir_sandbox_config_network_get_filterref(network) == filter);
    g_assert_cmpuint(G_OBJECT(filter)->ref_count, ==, 2);
    gvir_sandbox_config_network_set_filterref(network, NULL);
    g_assert_cmpuint(G_OBJECT(filter)->ref_count, ==, 1);
    g_object_unref(parameter);
}

static GVirSandboxConfigNetwork *
parse(const gchar *text)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    GVirSandboxConfigNetwork *network;
    GError *error = NULL;
    GList *networks;

    gvir_sandbox_config_add_network_opts(config, text, &error);
    g_assert_no_error(error);
    networks = gvir_sandbox_config_get_networks(config);
    network = g_object_ref(networks->data);
    g_list_free_full(networks, g_object_unref);
    return network;
}

static void
test_text_dhcp(void)
{
    static const gchar *const texts[] = { "dhcp", "dhcp,source=default", "source=default,dhcp" };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GVirSandboxConfigNetwork) network = parse(texts[i]);

        g_assert_true(gvir_sandbox_config_network_get_dhcp(network));
        g_assert_cmpstr(gvir_sandbox_config_network_get_source(network), ==, i == 0 ? NULL : "default");
    }
}

/* As in 0.8: an interface whose addresses are none of ours. */
static void
test_text_no_address(void)
{
    g_autoptr(GVirSandboxConfigNetwork) network = parse("source=default,mac=52:54:00:12:34:56");

    g_assert_false(gvir_sandbox_config_network_get_dhcp(network));
    g_assert_null(gvir_sandbox_config_network_get_addresses(network));
}

static void
test_text_user(void)
{
    g_autoptr(GVirSandboxConfigNetwork) network = parse("user,mac=52:54:00:12:34:56");
    g_autoptr(GVirSandboxConfigNetwork) other = parse("dhcp");

    g_assert_true(gvir_sandbox_config_network_get_dhcp(network));
    g_assert_true(gvir_sandbox_config_network_get_user(network));
    g_assert_null(gvir_sandbox_config_network_get_source(network));
    g_assert_false(gvir_sandbox_config_network_get_user(other));
}

static void
test_text_static(void)
{
    g_autoptr(GVirSandboxConfigNetwork) network =
        parse("mac=52:54:00:12:34:56,route=0.0.0.0/0%10.0.0.1,address=10.0.0.2/24%10.0.0.255,address=fd00::2/64");
    GList *addresses = gvir_sandbox_config_network_get_addresses(network);
    GList *routes = gvir_sandbox_config_network_get_routes(network);

    g_assert_false(gvir_sandbox_config_network_get_dhcp(network));
    g_assert_cmpstr(gvir_sandbox_config_network_get_mac(network), ==, "52:54:00:12:34:56");
    g_assert_cmpuint(g_list_length(addresses), ==, 2);
    assert_address(gvir_sandbox_config_network_address_get_primary(addresses->data), "10.0.0.2");
    assert_address(gvir_sandbox_config_network_address_get_broadcast(addresses->data), "10.0.0.255");
    g_assert_cmpuint(gvir_sandbox_config_network_address_get_prefix(addresses->data), ==, 24);
    assert_address(gvir_sandbox_config_network_address_get_primary(addresses->next->data), "fd00::2");
    g_assert_null(gvir_sandbox_config_network_address_get_broadcast(addresses->next->data));
    g_assert_cmpuint(gvir_sandbox_config_network_address_get_prefix(addresses->next->data), ==, 64);
    g_assert_cmpuint(g_list_length(routes), ==, 1);
    assert_address(gvir_sandbox_config_network_route_get_target(routes->data), "0.0.0.0");
    assert_address(gvir_sandbox_config_network_route_get_gateway(routes->data), "10.0.0.1");
    g_list_free_full(addresses, g_object_unref);
    g_list_free_full(routes, g_object_unref);
}

static void
assert_prefix(const gchar *text, guint prefix)
{
    g_autoptr(GVirSandboxConfigNetwork) network = parse(text);
    GList *addresses = gvir_sandbox_config_network_get_addresses(network);

    g_assert_cmpuint(gvir_sandbox_config_network_address_get_prefix(addresses->data), ==, prefix);
    g_list_free_full(addresses, g_object_unref);
}

static void
test_text_no_prefix(void)
{
    assert_prefix("address=10.0.0.2", 24);
    assert_prefix("address=10.0.0.2%10.0.0.255", 24);
    assert_prefix("address=fd00::2", 64);
}

static void
test_text_filter(void)
{
    g_autoptr(GVirSandboxConfigNetwork) network = parse("filter.ip=10.0.0.2,filter=clean-traffic,filter.Mac=a=b\\,c");
    GVirSandboxConfigNetworkFilterref *filter = gvir_sandbox_config_network_get_filterref(network);
    GList *list = gvir_sandbox_config_network_filterref_get_parameters(filter);

    g_assert_cmpstr(gvir_sandbox_config_network_filterref_get_name(filter), ==, "clean-traffic");
    g_assert_cmpuint(g_list_length(list), ==, 2);
    /* Filters know them in capitals only, so 0.8 put up with small letters. */
    g_assert_cmpstr(gvir_sandbox_config_network_filterref_parameter_get_name(list->data), ==, "IP");
    g_assert_cmpstr(gvir_sandbox_config_network_filterref_parameter_get_value(list->data), ==, "10.0.0.2");
    g_assert_cmpstr(gvir_sandbox_config_network_filterref_parameter_get_name(list->next->data), ==, "MAC");
    g_assert_cmpstr(gvir_sandbox_config_network_filterref_parameter_get_value(list->next->data), ==, "a=b,c");
    g_list_free_full(list, g_object_unref);
}

static void
test_text_mistakes(void)
{
#define NONE                                                                                                           \
    " is not one of user, dhcp, source=NETWORK, address=IP[/PREFIX], route=NETWORK/PREFIX%GATEWAY, mac=ADDRESS, "      \
    "filter=NAME, filter.PARAM=VALUE"
    static const struct {
        const gchar *text;
        const gchar *message;
    } mistakes[] = {
        { "", "\"\"" NONE },
        { "dhcp,", "\"\"" NONE },
        { "bridge=br0", "\"bridge=br0\"" NONE },
        { "host", "\"host\"" NONE },
        { "dhcp=yes", "dhcp takes no value" },
        { "dhcp,dhcp", "dhcp is there twice" },
        { "user=yes", "user takes no value" },
        { "user,user", "user is there twice" },
        { "user,source=default", "user and source contradict each other" },
        { "source", "source needs a value: source=VALUE" },
        { "source=", "source: must not be empty" },
        { "source=a/b", "source: \"a/b\" must not have a slash in it" },
        { "source=a,source=b", "source is there twice" },
        { "mac=1", "mac: \"1\" is not like 52:54:00:12:34:56" },
        { "mac=52:54:00:12:34:5g", "mac: \"52:54:00:12:34:5g\" is not like 52:54:00:12:34:56" },
        { "mac=52:54:00:12:34:56:78", "mac: \"52:54:00:12:34:56:78\" is not like 52:54:00:12:34:56" },
        { "mac=ff:ff:ff:ff:ff:ff", "mac: ff:ff:ff:ff:ff:ff is the address of a group" },
        { "mac=52:54:00:12:34:56,mac=52:54:00:12:34:56", "mac is there twice" },
        { "address=", "address: primary: \"\" is not an IP address" },
        { "address=10.0.0.1/", "address: prefix: \"\" is not a number" },
        { "address=10.0.0.1/33", "address: prefix: 33 is more than the 32 bits of the address" },
        { "address=::1/129", "address: prefix: \"129\" is more than 128" },
        { "address=10.0.0.1/-1", "address: prefix: \"-1\" is not a number" },
        { "address=10.0.0/8", "address: primary: \"10.0.0\" is not an IP address" },
        { "address=/8", "address: primary: \"\" is not an IP address" },
        { "address=10.0.0.1/8%x", "address: broadcast: \"x\" is not an IP address" },
        { "address=10.0.0.1/8%::1", "address: broadcast: must be of the same family as primary" },
        { "route=10.0.0.0/8", "route: expected NET/PREFIX%GATEWAY" },
        { "route=10.0.0.0%10.0.0.1", "route: expected NET/PREFIX%GATEWAY" },
        { "route=10.0.0.0/8%", "route: gateway: \"\" is not an IP address" },
        { "route=10.0.0.0/8%::1", "route: gateway: must be of the same family as target" },
        { "route=0.0.0.0/0%10.0.0.1", "route needs an address=IP" },
        { "dhcp,address=10.0.0.1/8", "dhcp and address exclude each other" },
        { "route=0.0.0.0/0%10.0.0.1,dhcp", "dhcp and route exclude each other" },
        { "filter=", "filter: must not be empty" },
        { "filter=a,filter=b", "filter is there twice" },
        { "filter.A=1", "filter: must not be empty" },
        { "filter.=1", "filter: name: must not be empty" },
        { "filter.A", "\"filter.A\"" NONE },
        { "filter=f,filter.a=1,filter.A=2", "filter: name: \"A\" is there twice" },
    };
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));

    for (gsize i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autofree gchar *message = g_strdup_printf("network %s: %s", mistakes[i].text, mistakes[i].message);
        GError *error = NULL;

        g_test_message("%s", message);
        g_assert_false(gvir_sandbox_config_add_network_opts(config, mistakes[i].text, &error));
        assert_invalid(error, message);
    }
    g_assert_false(gvir_sandbox_config_has_networks(config));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/network/network", test_network);
    g_test_add_func("/network/address", test_address);
    g_test_add_func("/network/route", test_route);
    g_test_add_func("/network/filter", test_filter);
    g_test_add_func("/network/text-dhcp", test_text_dhcp);
    g_test_add_func("/network/text-no-address", test_text_no_address);
    g_test_add_func("/network/text-user", test_text_user);
    g_test_add_func("/network/text-static", test_text_static);
    g_test_add_func("/network/text-no-prefix", test_text_no_prefix);
    g_test_add_func("/network/text-filter", test_text_filter);
    g_test_add_func("/network/text-mistakes", test_text_mistakes);
    return g_test_run();
}
