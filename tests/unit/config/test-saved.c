/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "tests/unit/saved-text.h"
#include "tests/unit/test-directory.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Saved descriptions as 0.8 wrote them, and that what is saved means what it meant. */

static gchar *
address_text(GInetAddress *address)
{
    return address ? g_inet_address_to_string(address) : NULL;
}

static void
assert_address(GInetAddress *address, const gchar *expected)
{
    g_autofree gchar *text = address_text(address);

    g_assert_cmpstr(text, ==, expected);
}

static void
assert_command(GVirSandboxConfig *config, const gchar *joined)
{
    g_auto(GStrv) command = gvir_sandbox_config_get_command(config);
    g_autofree gchar *text = g_strjoinv("|", command);

    g_assert_cmpstr(text, ==, joined);
}

static const gchar example[] =
    "[api]\nclass=GVirSandboxConfigInteractive\nversion=0.8.0\n\n"
    "[core]\nname=demo\nroot=/\narch=x86_64\nshell=false\n\n"
    "[identity]\nuid=1000\ngid=1000\nusername=alice\nhomedir=/home/alice\n\n"
    "[mount.0]\ntype=GVirSandboxConfigMountHostImage\ntarget=/data\nformat=qcow2\nsource=/srv/data.qcow2\n\n"
    "[mount.1]\ntype=GVirSandboxConfigMountRam\ntarget=/tmp\nusage=524288000\n\n"
    "[network.0]\ndhcp=true\nsource=default\naddresses=0\nroutes=0\n\n"
    "[security]\ndynamic=true\n\n"
    "[interactive]\ntty=true\n\n"
    "[command]\nargv.0=/bin/ls\nargv.1=-l\n";

static void
check_example_mounts(GVirSandboxConfig *config)
{
    GList *mounts = gvir_sandbox_config_get_mounts(config);
    GVirSandboxConfigMountHostImage *image;

    g_assert_cmpuint(g_list_length(mounts), ==, 2);
    image = GVIR_SANDBOX_CONFIG_MOUNT_HOST_IMAGE(mounts->data);
    g_assert_cmpstr(gvir_sandbox_config_mount_get_target(mounts->data), ==, "/data");
    g_assert_cmpstr(gvir_sandbox_config_mount_file_get_source(mounts->data), ==, "/srv/data.qcow2");
    g_assert_cmpint(gvir_sandbox_config_mount_host_image_get_format(image), ==, GVIR_CONFIG_DOMAIN_DISK_FORMAT_QCOW2);
    g_assert_false(gvir_sandbox_config_mount_get_read_only(mounts->data));
    g_assert_cmpstr(gvir_sandbox_config_mount_get_target(mounts->next->data), ==, "/tmp");
    g_assert_cmpuint(gvir_sandbox_config_mount_ram_get_usage(mounts->next->data), ==, 524288000);
    g_list_free_full(mounts, g_object_unref);
}

static void
test_example(void)
{
    g_autoptr(GVirSandboxConfig) config = saved_text_load(example);
    GList *networks = gvir_sandbox_config_get_networks(config);

    g_assert_true(GVIR_SANDBOX_IS_CONFIG_INTERACTIVE(config));
    g_assert_true(gvir_sandbox_config_interactive_get_tty(GVIR_SANDBOX_CONFIG_INTERACTIVE(config)));
    g_assert_cmpstr(gvir_sandbox_config_get_name(config), ==, "demo");
    g_assert_cmpstr(gvir_sandbox_config_get_root(config), ==, "/");
    g_assert_cmpstr(gvir_sandbox_config_get_arch(config), ==, "x86_64");
    g_assert_false(gvir_sandbox_config_get_shell(config));
    g_assert_cmpuint(gvir_sandbox_config_get_userid(config), ==, 1000);
    g_assert_cmpuint(gvir_sandbox_config_get_groupid(config), ==, 1000);
    g_assert_cmpstr(gvir_sandbox_config_get_username(config), ==, "alice");
    g_assert_cmpstr(gvir_sandbox_config_get_homedir(config), ==, "/home/alice");
    g_assert_true(gvir_sandbox_config_get_security_dynamic(config));
    g_assert_true(gvir_sandbox_config_get_seccomp(config));
    g_assert_null(gvir_sandbox_config_get_security_label(config));
    assert_command(config, "/bin/ls|-l");
    check_example_mounts(config);

    g_assert_cmpuint(g_list_length(networks), ==, 1);
    g_assert_true(gvir_sandbox_config_network_get_dhcp(networks->data));
    g_assert_cmpstr(gvir_sandbox_config_network_get_source(networks->data), ==, "default");
    g_assert_null(gvir_sandbox_config_network_get_mac(networks->data));
    g_assert_null(gvir_sandbox_config_network_get_addresses(networks->data));
    g_assert_null(gvir_sandbox_config_network_get_routes(networks->data));
    g_assert_null(gvir_sandbox_config_network_get_filterref(networks->data));
    g_list_free_full(networks, g_object_unref);
}

/* What 0.8 did not know is as if nobody had set it. */
static void
test_example_new_settings(void)
{
    g_autoptr(GVirSandboxConfig) config = saved_text_load(example);

    g_assert_cmpuint(gvir_sandbox_config_get_memory(config), ==, 0);
    g_assert_cmpuint(gvir_sandbox_config_get_cpus(config), ==, 0);
    g_assert_cmpint(gvir_sandbox_config_get_virt_type(config), ==, GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO);
    g_assert_null(gvir_sandbox_config_get_workdir(config));
    g_assert_null(gvir_sandbox_config_get_uuid(config));
    g_assert_null(gvir_sandbox_config_get_kernrelease(config));
    g_assert_null(gvir_sandbox_config_get_kernpath(config));
    g_assert_null(gvir_sandbox_config_get_kmodpath(config));
    g_assert_false(gvir_sandbox_config_get_privileged(config));
    g_assert_false(gvir_sandbox_config_get_debug(config));
    g_assert_false(gvir_sandbox_config_get_verbose(config));
    g_assert_false(gvir_sandbox_config_has_envs(config));
    g_assert_false(gvir_sandbox_config_has_disks(config));
}

/* Groups in the order of 0.8, where addresses and routes go before the network that they are of. */
static const gchar old_service[] =
    "[api]\nclass=GVirSandboxConfigServiceSystemd\nversion=0.8.0\n\n"
    "[core]\nname=httpd1\nuuid=c7a5fdbd-edaf-9455-926a-d65c16db1809\nroot=/\narch=x86_64\n"
    "kernrelease=4.0.4-301.fc22.x86_64\nkernpath=/boot/vmlinuz-4.0.4\nkmodpath=/lib/modules\nshell=true\n\n"
    "[identity]\nuid=0\ngid=0\nusername=root\nhomedir=/root\n\n"
    "[mount.0]\ntype=GVirSandboxConfigMountHostBind\ntarget=/var/www\n"
    "source=/var/lib/libvirt/filesystems/httpd1/var/www\n\n"
    "[mount.1]\ntype=GVirSandboxConfigMountHostBind\ntarget=/tmp\nsource=\n\n"
    "[mount.1.include.0]\ndst=/passwd\nsrc=/etc/passwd\n\n"
    "[mount.1.include.1]\ndst=/sub/group\nsrc=/etc/group\n\n"
    "[mount.2]\ntype=GVirSandboxConfigMountGuestBind\ntarget=/home\nsource=/tmp/home\n\n"
    "[env.0]\nkey=LANG\nvalue=de_DE.UTF-8\n\n"
    "[disk.0]\ntype=file\nsource=/srv/cache.qcow2\ntag=cache\nformat=qcow2\n\n"
    "[disk.1]\ntype=file\nsource=/srv/raw\ntag=raw\nformat=raw\n\n"
    "[network.0.address.0]\nprimary=192.168.122.10\nbroadcast=192.168.122.255\nprefix=24\n\n"
    "[network.0.address.1]\nprimary=fd00::10\nprefix=64\n\n"
    "[network.0.route.0]\nprefix=0\ngateway=192.168.122.1\ntarget=0.0.0.0\n\n"
    "[network.0]\ndhcp=false\nsource=default\nmac=52:54:00:12:34:56\naddresses=2\nroutes=1\n\n"
    "[network.1]\ndhcp=true\naddresses=0\nroutes=0\n\n"
    "[security]\nlabel=system_u:system_r:svirt_lxc_net_t:s0:c1,c2\ndynamic=false\n\n"
    "[service]\nbootTarget=httpd1_sandbox.target\n";

static void
check_old_network(GVirSandboxConfigNetwork *network)
{
    GList *addresses = gvir_sandbox_config_network_get_addresses(network);
    GList *routes = gvir_sandbox_config_network_get_routes(network);

    g_assert_false(gvir_sandbox_config_network_get_dhcp(network));
    g_assert_cmpstr(gvir_sandbox_config_network_get_source(network), ==, "default");
    g_assert_cmpstr(gvir_sandbox_config_network_get_mac(network), ==, "52:54:00:12:34:56");
    g_assert_cmpuint(g_list_length(addresses), ==, 2);
    assert_address(gvir_sandbox_config_network_address_get_primary(addresses->data), "192.168.122.10");
    assert_address(gvir_sandbox_config_network_address_get_broadcast(addresses->data), "192.168.122.255");
    g_assert_cmpuint(gvir_sandbox_config_network_address_get_prefix(addresses->data), ==, 24);
    assert_address(gvir_sandbox_config_network_address_get_primary(addresses->next->data), "fd00::10");
    assert_address(gvir_sandbox_config_network_address_get_broadcast(addresses->next->data), NULL);
    g_assert_cmpuint(gvir_sandbox_config_network_address_get_prefix(addresses->next->data), ==, 64);
    g_assert_cmpuint(g_list_length(routes), ==, 1);
    assert_address(gvir_sandbox_config_network_route_get_target(routes->data), "0.0.0.0");
    assert_address(gvir_sandbox_config_network_route_get_gateway(routes->data), "192.168.122.1");
    g_assert_cmpuint(gvir_sandbox_config_network_route_get_prefix(routes->data), ==, 0);
    g_list_free_full(addresses, g_object_unref);
    g_list_free_full(routes, g_object_unref);
}

static void
check_old_mounts(GVirSandboxConfig *config)
{
    GList *mounts = gvir_sandbox_config_get_mounts(config);
    g_autoptr(GHashTable) includes = NULL;

    g_assert_cmpuint(g_list_length(mounts), ==, 3);
    g_assert_true(GVIR_SANDBOX_IS_CONFIG_MOUNT_HOST_BIND(mounts->data));
    g_assert_cmpstr(gvir_sandbox_config_mount_file_get_source(mounts->data), ==,
                    "/var/lib/libvirt/filesystems/httpd1/var/www");
    g_assert_true(GVIR_SANDBOX_IS_CONFIG_MOUNT_HOST_BIND(mounts->next->data));
    g_assert_cmpstr(gvir_sandbox_config_mount_file_get_source(mounts->next->data), ==, "");
    includes = gvir_sandbox_config_mount_get_includes(mounts->next->data);
    g_assert_cmpuint(g_hash_table_size(includes), ==, 2);
    g_assert_cmpstr(g_hash_table_lookup(includes, "/passwd"), ==, "/etc/passwd");
    g_assert_cmpstr(g_hash_table_lookup(includes, "/sub/group"), ==, "/etc/group");
    g_assert_true(GVIR_SANDBOX_IS_CONFIG_MOUNT_GUEST_BIND(mounts->next->next->data));
    g_assert_cmpstr(gvir_sandbox_config_mount_file_get_source(mounts->next->next->data), ==, "/tmp/home");
    g_list_free_full(mounts, g_object_unref);
}

static void
check_old_disks(GVirSandboxConfig *config)
{
    GList *disks = gvir_sandbox_config_get_disks(config);

    g_assert_cmpuint(g_list_length(disks), ==, 2);
    g_assert_cmpint(gvir_sandbox_config_disk_get_disk_type(disks->data), ==, GVIR_CONFIG_DOMAIN_DISK_FILE);
    g_assert_cmpstr(gvir_sandbox_config_disk_get_tag(disks->data), ==, "cache");
    g_assert_cmpstr(gvir_sandbox_config_disk_get_source(disks->data), ==, "/srv/cache.qcow2");
    g_assert_cmpint(gvir_sandbox_config_disk_get_format(disks->data), ==, GVIR_CONFIG_DOMAIN_DISK_FORMAT_QCOW2);
    g_assert_cmpstr(gvir_sandbox_config_disk_get_tag(disks->next->data), ==, "raw");
    g_assert_cmpint(gvir_sandbox_config_disk_get_format(disks->next->data), ==, GVIR_CONFIG_DOMAIN_DISK_FORMAT_RAW);
    g_list_free_full(disks, g_object_unref);
}

static void
test_service_systemd(void)
{
    g_autoptr(GVirSandboxConfig) config = saved_text_load(old_service);
    GList *networks = gvir_sandbox_config_get_networks(config);
    g_autoptr(GHashTable) envs = gvir_sandbox_config_get_envs(config);

    g_assert_true(GVIR_SANDBOX_IS_CONFIG_SERVICE_SYSTEMD(config));
    g_assert_cmpstr(gvir_sandbox_config_service_systemd_get_boot_target(GVIR_SANDBOX_CONFIG_SERVICE_SYSTEMD(config)),
                    ==, "httpd1_sandbox.target");
    assert_command(config, "/lib/systemd/systemd|--unit|httpd1_sandbox.target|--log-target|console");
    g_assert_cmpstr(gvir_sandbox_config_get_uuid(config), ==, "c7a5fdbd-edaf-9455-926a-d65c16db1809");
    g_assert_cmpstr(gvir_sandbox_config_get_kernrelease(config), ==, "4.0.4-301.fc22.x86_64");
    g_assert_cmpstr(gvir_sandbox_config_get_kernpath(config), ==, "/boot/vmlinuz-4.0.4");
    g_assert_cmpstr(gvir_sandbox_config_get_kmodpath(config), ==, "/lib/modules");
    g_assert_true(gvir_sandbox_config_get_shell(config));
    g_assert_cmpuint(gvir_sandbox_config_get_userid(config), ==, 0);
    g_assert_cmpstr(gvir_sandbox_config_get_security_label(config), ==, "system_u:system_r:svirt_lxc_net_t:s0:c1,c2");
    g_assert_false(gvir_sandbox_config_get_security_dynamic(config));
    g_assert_cmpuint(g_hash_table_size(envs), ==, 1);
    g_assert_cmpstr(g_hash_table_lookup(envs, "LANG"), ==, "de_DE.UTF-8");
    check_old_mounts(config);
    check_old_disks(config);
    g_assert_cmpuint(g_list_length(networks), ==, 2);
    check_old_network(networks->data);
    g_assert_true(gvir_sandbox_config_network_get_dhcp(networks->next->data));
    g_assert_null(gvir_sandbox_config_network_get_source(networks->next->data));
    g_list_free_full(networks, g_object_unref);
}

/* What is saved from what 0.8 wrote means the same, and is written the same ever after. */
static void
test_old_round_trip(void)
{
    static const gchar *const texts[] = { example, old_service };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GVirSandboxConfig) config = saved_text_load(texts[i]);
        g_autofree gchar *saved = saved_text_round_trip(config);
        g_auto(GStrv) lines = g_strsplit(texts[i], "\n", -1);

        for (gsize line = 0; lines[line]; line++) {
            if (!g_str_has_prefix(lines[line], "version="))
                g_assert_nonnull(strstr(saved, lines[line]));
        }
    }
}

static void
test_service_generic(void)
{
    g_autoptr(GVirSandboxConfig) config =
        saved_text_load("[api]\nclass=GVirSandboxConfigServiceGeneric\nversion=0.8.0\n"
                        "[core]\nname=db\nroot=/\narch=x86_64\nshell=false\n"
                        "[identity]\nuid=26\ngid=26\nusername=postgres\nhomedir=/var/lib/pgsql\n"
                        "[security]\ndynamic=true\n"
                        "[command]\nargv.0=/usr/bin/postgres\nargv.1=-D\nargv.2=/var/lib/pgsql\n");

    g_assert_true(GVIR_SANDBOX_IS_CONFIG_SERVICE_GENERIC(config));
    g_assert_cmpuint(gvir_sandbox_config_get_userid(config), ==, 26);
    assert_command(config, "/usr/bin/postgres|-D|/var/lib/pgsql");
    g_free(saved_text_round_trip(config));
}

/* Where 0.8 took what is missing for something, we do. */
static void
test_left_out(void)
{
    g_autoptr(GVirSandboxConfig) config =
        saved_text_load(SAVED_START SAVED_COMMAND "[network.0]\n[network.1]\n"
                                                  "[network.1.address.0]\nprimary=10.0.0.1\nprefix=8\n");
    g_autoptr(GVirSandboxConfigInteractive) fresh = gvir_sandbox_config_interactive_new("n");
    GList *networks = gvir_sandbox_config_get_networks(config);
    GList *addresses = gvir_sandbox_config_network_get_addresses(networks->next->data);

    g_assert_true(gvir_sandbox_config_network_get_dhcp(networks->data));
    g_assert_true(gvir_sandbox_config_network_get_dhcp(networks->next->data));
    g_assert_cmpuint(g_list_length(addresses), ==, 1);
    g_assert_cmpstr(gvir_sandbox_config_get_homedir(config), ==,
                    gvir_sandbox_config_get_homedir(GVIR_SANDBOX_CONFIG(fresh)));
    g_assert_cmpstr(gvir_sandbox_config_get_root(config), ==, "/");
    g_assert_true(gvir_sandbox_config_get_security_dynamic(config));
    g_assert_false(gvir_sandbox_config_interactive_get_tty(GVIR_SANDBOX_CONFIG_INTERACTIVE(config)));
    g_list_free_full(addresses, g_object_unref);
    g_list_free_full(networks, g_object_unref);
}

/* Lines as an editor may leave them. */
static void
test_written_by_hand(void)
{
    g_autoptr(GVirSandboxConfig) config =
        saved_text_load("# a comment\r\n\r\n[api] \r\n  class = GVirSandboxConfigInteractive\r\n[core]\r\n"
                        "name=  n\r\nshell= true \r\ncpus=2 \r\n[command]\r\nargv.0=/bin/a b\r\nargv.1=\r\n");

    g_assert_cmpstr(gvir_sandbox_config_get_name(config), ==, "n");
    g_assert_true(gvir_sandbox_config_get_shell(config));
    g_assert_cmpuint(gvir_sandbox_config_get_cpus(config), ==, 2);
    assert_command(config, "/bin/a b|");
}

static const gchar *const odd_values[] = {
    "",
    " ",
    "  leading and trailing  ",
    "\ttab\t",
    "line\nend\n",
    "a=b;c,d",
    "\\",
    "back\\slash\\n",
    "grüße 你好 🐧",
    "[group]",
    "# no comment",
    "quote \"'",
    "\r\n",
    "\x01\x1b[31m\x7f",
    "%s%n",
    "\v",
    "\\s",
};

static void
add_network(GVirSandboxConfig *config)
{
    g_autoptr(GVirSandboxConfigNetwork) network = gvir_sandbox_config_network_new();
    g_autoptr(GVirSandboxConfigNetworkFilterref) filter = gvir_sandbox_config_network_filterref_new();
    g_autoptr(GInetAddress) four = g_inet_address_new_from_string("10.1.2.3");
    g_autoptr(GInetAddress) wide = g_inet_address_new_from_string("10.255.255.255");
    g_autoptr(GInetAddress) six = g_inet_address_new_from_string("fd00::1:2");
    g_autoptr(GVirSandboxConfigNetworkAddress) first = gvir_sandbox_config_network_address_new(four, 8, wide);
    g_autoptr(GVirSandboxConfigNetworkAddress) second = gvir_sandbox_config_network_address_new(six, 128, NULL);
    g_autoptr(GVirSandboxConfigNetworkRoute) route = gvir_sandbox_config_network_route_new(wide, 32, four);

    gvir_sandbox_config_network_set_dhcp(network, FALSE);
    gvir_sandbox_config_network_set_source(network, "an other");
    gvir_sandbox_config_network_set_mac(network, "52:54:00:aB:cD:eF");
    gvir_sandbox_config_network_add_address(network, first);
    gvir_sandbox_config_network_add_address(network, second);
    gvir_sandbox_config_network_add_route(network, route);
    gvir_sandbox_config_network_filterref_set_name(filter, "clean-traffic");
    for (gsize i = 0; i < G_N_ELEMENTS(odd_values); i++) {
        g_autoptr(GVirSandboxConfigNetworkFilterrefParameter) parameter =
            gvir_sandbox_config_network_filterref_parameter_new();
        g_autofree gchar *name = g_strdup_printf("P%" G_GSIZE_FORMAT, i);

        gvir_sandbox_config_network_filterref_parameter_set_name(parameter, name);
        gvir_sandbox_config_network_filterref_parameter_set_value(parameter, odd_values[i]);
        gvir_sandbox_config_network_filterref_add_parameter(filter, parameter);
    }
    gvir_sandbox_config_network_set_filterref(network, filter);
    gvir_sandbox_config_add_network(config, network);
}

static void
add_mounts_and_disks(GVirSandboxConfig *config)
{
    GError *error = NULL;
    const gchar *mounts[] = { "host-bind:/a=/srv/a,ro",
                              "host-bind:/tmp=",
                              "host-image:/i=/srv/i.qcow2,format=qcow2",
                              "host-image:/v=/srv/v.vdi,format=vdi",
                              "guest-bind:/g=/a",
                              "ram:/ram=16MiB,rw",
                              NULL };
    const gchar *disks[] = { "file:one=/srv/one,format=raw", "block:two=/srv/two,format=qcow2",
                             "file:three=/srv/three,format=vdi", NULL };
    const gchar *includes[] = { "/tmp/ odd\n=/etc/passwd", "/ram/x=/etc/group", NULL };

    g_assert_true(gvir_sandbox_config_add_mount_strv(config, (gchar **)mounts, &error));
    g_assert_no_error(error);
    g_assert_true(gvir_sandbox_config_add_disk_strv(config, (gchar **)disks, &error));
    g_assert_no_error(error);
    g_assert_true(gvir_sandbox_config_add_host_include_strv(config, (gchar **)includes, &error));
    g_assert_no_error(error);
}

/* Everything that can be set, and set to what is not its default. */
static GVirSandboxConfig *
make_full(void)
{
    GVirSandboxConfig *config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("full name"));
    const gchar *command[G_N_ELEMENTS(odd_values) + 2] = { "/bin/echo" };

    g_object_set(config, "hostname", "a-1.Example", "uuid", "6d7de0b5-0f52-4c8e-9a51-7e2f8f6e0b11", "root",
                 "/srv/ root\n", "arch", "aarch64", "kernrelease", "6.1 x", "kernpath", "/boot/ vm", "kmodpath",
                 "/lib/\tm", "shell", TRUE, "debug", TRUE, "verbose", TRUE, "memory", G_GUINT64_CONSTANT(1) << 40,
                 "cpus", 4096, "virt-type", GVIR_SANDBOX_CONFIG_VIRT_TYPE_KVM, "workdir", "/a\\b ", "workdir-optional",
                 TRUE, "timeout", G_GUINT64_CONSTANT(1000000000000), "uid", G_MAXUINT32 - 1, "gid", 7, "username", "ü",
                 "homedir", "/home/ü", "privileged", TRUE, "security-label", " label;\\ ", "security-dynamic", FALSE,
                 "security-required", TRUE, "seccomp", FALSE, "tty", TRUE, "overlay", TRUE, "overlay-dir",
                 "/over\n lay", "changes", "/a ;tar", "private-home", TRUE, "home-size", G_GUINT64_CONSTANT(4096),
                 "hide-secrets", TRUE, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(odd_values); i++) {
        g_autofree gchar *key = g_strdup_printf(" key\n%" G_GSIZE_FORMAT, i);

        command[i + 1] = odd_values[i];
        gvir_sandbox_config_add_env(config, key, odd_values[i]);
    }
    gvir_sandbox_config_interactive_set_command(GVIR_SANDBOX_CONFIG_INTERACTIVE(config), (gchar **)command);
    add_mounts_and_disks(config);
    add_network(config);
    return config;
}

/* What nobody asked for is not in the text, and is chosen anew by who loads it. */
static void
test_not_asked(void)
{
    g_autoptr(GVirSandboxConfigInteractive) fresh = gvir_sandbox_config_interactive_new(NULL);
    g_autoptr(GVirSandboxConfigInteractive) asked = gvir_sandbox_config_interactive_new(NULL);
    g_autofree gchar *text = saved_text_round_trip(GVIR_SANDBOX_CONFIG(fresh));
    g_autoptr(GVirSandboxConfig) first = saved_text_load(text);
    g_autoptr(GVirSandboxConfig) second = saved_text_load(text);
    g_autofree gchar *full = NULL;

    g_assert_null(strstr(text, "name="));
    g_assert_null(strstr(text, "arch="));
    g_assert_null(strstr(text, "tty="));
    g_assert_null(strstr(text, "[identity]"));
    g_assert_false(gvir_sandbox_config_interactive_get_tty_asked(GVIR_SANDBOX_CONFIG_INTERACTIVE(first)));
    g_assert_cmpstr(gvir_sandbox_config_get_name(first), !=, gvir_sandbox_config_get_name(second));
    g_assert_cmpuint(gvir_sandbox_config_get_userid(first), ==, getuid());

    /* Also if it is what would be chosen. */
    gvir_sandbox_config_set_name(GVIR_SANDBOX_CONFIG(asked), "mine");
    gvir_sandbox_config_set_userid(GVIR_SANDBOX_CONFIG(asked), getuid());
    gvir_sandbox_config_interactive_set_tty(asked, FALSE);
    g_assert_true(gvir_sandbox_config_interactive_get_tty_asked(asked));
    full = saved_text_round_trip(GVIR_SANDBOX_CONFIG(asked));
    g_assert_nonnull(strstr(full, "name=mine\n"));
    g_assert_nonnull(strstr(full, "[identity]\nuid="));
    g_assert_nonnull(strstr(full, "tty=false\n"));
}

/* Which streams are the terminal is for one run. */
static void
test_tty_streams(void)
{
    g_autoptr(GVirSandboxConfigInteractive) config = gvir_sandbox_config_interactive_new("demo");
    g_autoptr(GVirSandboxConfig) loaded = NULL;
    g_autofree gchar *text = NULL;
    gboolean input, output, errors;

    gvir_sandbox_config_interactive_get_tty_streams(config, &input, &output, &errors);
    g_assert_false(input || output || errors);
    gvir_sandbox_config_interactive_set_tty(config, TRUE);
    gvir_sandbox_config_interactive_get_tty_streams(config, &input, &output, &errors);
    g_assert_true(input && output && errors);
    gvir_sandbox_config_interactive_set_tty_streams(config, FALSE, TRUE, FALSE);
    gvir_sandbox_config_interactive_get_tty_streams(config, &input, &output, &errors);
    g_assert_true(!input && output && !errors);
    text = saved_text_round_trip(GVIR_SANDBOX_CONFIG(config));
    loaded = saved_text_load(text);
    gvir_sandbox_config_interactive_get_tty_streams(GVIR_SANDBOX_CONFIG_INTERACTIVE(loaded), &input, &output, &errors);
    g_assert_true(input && output && errors);
}

/* A file of a later version may say what is not known here. */
static void
test_later_version(void)
{
#define LATER(version)                                                                                                 \
    "[api]\nclass=GVirSandboxConfigInteractive\nversion=" version                                                      \
    "\n[core]\nname=n\nfuture=1\n[shiny]\nx=1\n" SAVED_COMMAND
    static const gchar *const expected[] = { "[core] future", "[shiny]", NULL };
    g_autoptr(GVirSandboxConfig) later = saved_text_load(LATER("0.10.0"));
    g_autoptr(GVirSandboxConfig) known = saved_text_load(SAVED_START SAVED_COMMAND);
    GError *error = NULL;

    g_assert_cmpstr(gvir_sandbox_config_get_name(later), ==, "n");
    g_assert_cmpstrv((gchar **)gvir_sandbox_config_get_not_understood(later), (gchar **)expected);
    g_assert_null(gvir_sandbox_config_get_not_understood(known));
    g_assert_null(gvir_sandbox_config_load_from_data(LATER("0.8.9"), &error));
    assert_invalid(error, "[core] future: unknown key");
}

static void
assert_same_properties(GVirSandboxConfig *first, GVirSandboxConfig *second)
{
    guint count;
    g_autofree GParamSpec **properties = g_object_class_list_properties(G_OBJECT_GET_CLASS(first), &count);

    g_assert_cmpuint(count, >, 20);
    for (guint i = 0; i < count; i++) {
        g_auto(GValue) one = G_VALUE_INIT;
        g_auto(GValue) other = G_VALUE_INIT;

        g_object_get_property(G_OBJECT(first), properties[i]->name, &one);
        g_object_get_property(G_OBJECT(second), properties[i]->name, &other);
        g_test_message("%s", properties[i]->name);
        g_assert_cmpint(g_param_values_cmp(properties[i], &one, &other), ==, 0);
        /* Nothing is at its default, so nothing can be the same by chance. */
        g_assert_false(g_param_value_defaults(properties[i], &one));
    }
}

static void
test_full_round_trip(void)
{
    g_autoptr(GVirSandboxConfig) config = make_full();
    g_autofree gchar *saved = saved_text_round_trip(config);
    g_autoptr(GVirSandboxConfig) loaded = saved_text_load(saved);
    g_autoptr(GHashTable) envs = gvir_sandbox_config_get_envs(loaded);
    g_auto(GStrv) command = gvir_sandbox_config_get_command(loaded);
    GList *networks = gvir_sandbox_config_get_networks(loaded);
    GVirSandboxConfigNetworkFilterref *filter = gvir_sandbox_config_network_get_filterref(networks->data);
    GList *parameters = gvir_sandbox_config_network_filterref_get_parameters(filter);
    GList *parameter = parameters;

    assert_same_properties(config, loaded);
    g_assert_cmpuint(g_hash_table_size(envs), ==, G_N_ELEMENTS(odd_values));
    g_assert_cmpstr(gvir_sandbox_config_network_filterref_get_name(filter), ==, "clean-traffic");
    for (gsize i = 0; i < G_N_ELEMENTS(odd_values); i++, parameter = parameter->next) {
        g_autofree gchar *key = g_strdup_printf(" key\n%" G_GSIZE_FORMAT, i);

        g_assert_cmpstr(g_hash_table_lookup(envs, key), ==, odd_values[i]);
        g_assert_cmpstr(command[i + 1], ==, odd_values[i]);
        g_assert_cmpstr(gvir_sandbox_config_network_filterref_parameter_get_value(parameter->data), ==, odd_values[i]);
    }
    g_assert_null(parameter);
    g_list_free_full(parameters, g_object_unref);
    g_list_free_full(networks, g_object_unref);
}

static void
test_fresh_round_trips(void)
{
    g_autoptr(GVirSandboxConfig) interactive = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new(NULL));
    g_autoptr(GVirSandboxConfig) generic = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_service_generic_new("g"));
    g_autoptr(GVirSandboxConfig) systemd = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_service_systemd_new("s"));

    g_free(saved_text_round_trip(interactive));
    g_free(saved_text_round_trip(generic));
    g_free(saved_text_round_trip(systemd));
}

/* The format has no way to write some bytes down, which is said before anything is lost. */
static void
test_cannot_be_saved(void)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    g_autofree gchar *large = g_strnfill(1024 * 1024, 'x');
    GError *error = NULL;

    gvir_sandbox_config_add_env(config, "A", "\xff");
    g_assert_null(gvir_sandbox_config_save_to_data(config, &error));
    assert_invalid(g_steal_pointer(&error), "[env.0] value: cannot be saved, it is not valid UTF-8 text");
    gvir_sandbox_config_add_env(config, "A", "\fx");
    g_assert_null(gvir_sandbox_config_save_to_data(config, &error));
    assert_invalid(g_steal_pointer(&error), "[env.0] value: cannot be saved, it starts with a form feed");
    gvir_sandbox_config_add_env(config, "A", large);
    g_assert_null(gvir_sandbox_config_save_to_data(config, &error));
    assert_invalid(g_steal_pointer(&error), "[env.0] value: too long to be saved");
    gvir_sandbox_config_add_env(config, "A", "\\\f\n\xc3\xbc");
    g_free(saved_text_round_trip(config));
}

static void
test_paths(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *path = g_build_filename(directory->path, "saved", NULL);
    g_autofree gchar *link = g_build_filename(directory->path, "link", NULL);
    g_autofree gchar *expected = NULL;
    g_autofree gchar *content = NULL;
    g_autoptr(GVirSandboxConfig) config = make_full();
    g_autoptr(GVirSandboxConfig) loaded = NULL;
    GError *error = NULL;
    GStatBuf status;

    expected = gvir_sandbox_config_save_to_data(config, NULL);
    test_directory_write(directory, "saved", "old content", -1);
    g_assert_cmpint(g_chmod(path, 0644), ==, 0);
    g_assert_cmpint(symlink("saved", link), ==, 0);
    g_assert_true(gvir_sandbox_config_save_to_path(config, link, &error));
    g_assert_no_error(error);
    g_assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
    g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, expected);
    /* An environment has secrets. */
    g_assert_cmpint(g_stat(path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    loaded = gvir_sandbox_config_load_from_path(path, &error);
    g_assert_no_error(error);
    assert_same_properties(config, loaded);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/saved/not-asked", test_not_asked);
    g_test_add_func("/saved/tty-streams", test_tty_streams);
    g_test_add_func("/saved/later-version", test_later_version);
    g_test_add_func("/saved/example", test_example);
    g_test_add_func("/saved/example-new-settings", test_example_new_settings);
    g_test_add_func("/saved/service-systemd", test_service_systemd);
    g_test_add_func("/saved/service-generic", test_service_generic);
    g_test_add_func("/saved/old-round-trip", test_old_round_trip);
    g_test_add_func("/saved/left-out", test_left_out);
    g_test_add_func("/saved/written-by-hand", test_written_by_hand);
    g_test_add_func("/saved/full-round-trip", test_full_round_trip);
    g_test_add_func("/saved/fresh-round-trips", test_fresh_round_trips);
    g_test_add_func("/saved/cannot-be-saved", test_cannot_be_saved);
    g_test_add_func("/saved/paths", test_paths);
    return g_test_run();
}
