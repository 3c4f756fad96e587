/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "tests/unit/saved-text.h"

#include "libvirt-sandbox/config/config-check-private.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The properties of a description, and what it has any number of. */

static void
count_notify(GObject *object G_GNUC_UNUSED, GParamSpec *property G_GNUC_UNUSED, gpointer user_data)
{
    ++*(guint *)user_data;
}

static void
test_defaults(void)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("name"));
    g_auto(GStrv) command = gvir_sandbox_config_get_command(config);
    struct utsname host;
    GError *error = NULL;

    g_assert_cmpint(uname(&host), ==, 0);
    g_assert_cmpstr(gvir_sandbox_config_get_name(config), ==, "name");
    g_assert_cmpstr(gvir_sandbox_config_get_root(config), ==, "/");
    g_assert_cmpstr(gvir_sandbox_config_get_arch(config), ==, host.machine);
    g_assert_cmpuint(gvir_sandbox_config_get_userid(config), ==, getuid());
    g_assert_cmpuint(gvir_sandbox_config_get_groupid(config), ==, getgid());
    g_assert_cmpstr(gvir_sandbox_config_get_username(config), ==, g_get_user_name());
    g_assert_cmpstr(gvir_sandbox_config_get_homedir(config), ==, g_get_home_dir());
    g_assert_true(gvir_sandbox_config_get_security_dynamic(config));
    g_assert_true(gvir_sandbox_config_get_seccomp(config));
    g_assert_cmpstr(command[0], ==, "/bin/sh");
    g_assert_null(command[1]);
    g_assert_null(gvir_sandbox_config_get_mounts(config));
    g_assert_null(gvir_sandbox_config_get_disks(config));
    g_assert_null(gvir_sandbox_config_get_networks(config));
    g_assert_false(gvir_sandbox_config_has_mounts(config));
    g_assert_false(gvir_sandbox_config_has_disks(config));
    g_assert_false(gvir_sandbox_config_has_networks(config));
    g_assert_false(gvir_sandbox_config_has_envs(config));
    g_assert_false(gvir_sandbox_config_has_root_mount(config));
    g_assert_true(gvir_sandbox_config_check(config, &error));
    g_assert_no_error(error);
}

/* Any number of sandboxes can run at once without being named. */
static void
test_made_up_names(void)
{
    g_autoptr(GVirSandboxConfig) one = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new(NULL));
    g_autoptr(GVirSandboxConfig) other = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_service_generic_new(NULL));

    g_assert_true(g_regex_match_simple("^sandbox-[0-9a-f]{8}$", gvir_sandbox_config_get_name(one), 0, 0));
    g_assert_true(g_regex_match_simple("^sandbox-[0-9a-f]{8}$", gvir_sandbox_config_get_name(other), 0, 0));
    g_assert_cmpstr(gvir_sandbox_config_get_name(one), !=, gvir_sandbox_config_get_name(other));
}

/* Each can be set and got by its property, tells of a change, and of nothing where nothing changes. */
static void
check_property(GObject *object, GParamSpec *property, const GValue *value)
{
    g_autofree gchar *signal = g_strdup_printf("notify::%s", property->name);
    g_auto(GValue) got = G_VALUE_INIT;
    guint notified = 0;
    gulong handler = g_signal_connect(object, signal, G_CALLBACK(count_notify), &notified);

    g_test_message("%s", property->name);
    g_object_set_property(object, property->name, value);
    g_object_get_property(object, property->name, &got);
    g_assert_cmpint(g_param_values_cmp(property, value, &got), ==, 0);
    g_assert_cmpuint(notified, ==, 1);
    g_object_set_property(object, property->name, value);
    g_assert_cmpuint(notified, ==, 1);
    g_signal_handler_disconnect(object, handler);
}

static void
test_properties(void)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    guint count;
    g_autofree GParamSpec **properties = g_object_class_list_properties(G_OBJECT_GET_CLASS(config), &count);

    for (guint i = 0; i < count; i++) {
        g_auto(GValue) value = G_VALUE_INIT;

        if (properties[i]->flags & G_PARAM_CONSTRUCT_ONLY)
            continue;
        g_object_get_property(G_OBJECT(config), properties[i]->name, &value);
        if (G_VALUE_HOLDS_STRING(&value))
            g_value_set_string(&value, "/other");
        else if (G_VALUE_HOLDS_BOOLEAN(&value))
            g_value_set_boolean(&value, !g_value_get_boolean(&value));
        else if (G_VALUE_HOLDS_UINT(&value))
            g_value_set_uint(&value, g_value_get_uint(&value) + 1);
        else if (G_VALUE_HOLDS_UINT64(&value))
            g_value_set_uint64(&value, G_MAXUINT64);
        else
            g_value_set_enum(&value, GVIR_SANDBOX_CONFIG_VIRT_TYPE_QEMU);
        check_property(G_OBJECT(config), properties[i], &value);
    }
    g_assert_cmpuint(count, ==, 33);
}

static void
test_name_changes(void)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    guint notified = 0;

    g_signal_connect(config, "notify::name", G_CALLBACK(count_notify), &notified);
    gvir_sandbox_config_set_name(config, "m");
    g_assert_cmpstr(gvir_sandbox_config_get_name(config), ==, "m");
    g_assert_cmpuint(notified, ==, 1);
    gvir_sandbox_config_set_name(config, "m");
    g_assert_cmpuint(notified, ==, 1);
    /* As when it is made. */
    g_object_set(config, "name", NULL, NULL);
    g_assert_true(g_regex_match_simple("^sandbox-[0-9a-f]{8}$", gvir_sandbox_config_get_name(config), 0, 0));
    g_assert_cmpuint(notified, ==, 2);
}

static void
test_null_is_default(void)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    g_autofree gchar *arch = g_strdup(gvir_sandbox_config_get_arch(config));

    gvir_sandbox_config_set_root(config, "/srv");
    gvir_sandbox_config_set_root(config, NULL);
    g_assert_cmpstr(gvir_sandbox_config_get_root(config), ==, "/");
    gvir_sandbox_config_set_arch(config, "riscv64");
    gvir_sandbox_config_set_arch(config, NULL);
    g_assert_cmpstr(gvir_sandbox_config_get_arch(config), ==, arch);
    /* Its own value can be set again. */
    gvir_sandbox_config_set_root(config, gvir_sandbox_config_get_root(config));
    g_assert_cmpstr(gvir_sandbox_config_get_root(config), ==, "/");
}

static void
assert_check_fails(GVirSandboxConfig *config, const gchar *message)
{
    GError *error = NULL;

    g_assert_false(gvir_sandbox_config_check(config, &error));
    assert_invalid(g_steal_pointer(&error), message);
    /* What is wrong is not written down as if it were right. */
    g_assert_null(gvir_sandbox_config_save_to_data(config, &error));
    assert_invalid(error, message);
}

/* Setters cannot fail, so what they let pass is found before anything is started or saved. */
static void
test_check(void)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    const gchar *nothing[] = { NULL };
    const gchar *program[] = { "p", NULL };

    gvir_sandbox_config_set_root(config, "relative");
    assert_check_fails(config, "root: \"relative\" is not an absolute path");
    gvir_sandbox_config_set_root(config, "/");
    gvir_sandbox_config_set_uuid(config, "x\n");
    assert_check_fails(config, "uuid: \"x\\n\" is not a UUID");
    gvir_sandbox_config_set_uuid(config, NULL);
    gvir_sandbox_config_set_memory(config, G_MAXUINT64);
    assert_check_fails(config, "memory: 18446744073709551615 bytes: must be 1 MiB at least and 1 EiB at most");
    gvir_sandbox_config_set_memory(config, 0);
    gvir_sandbox_config_set_cpus(config, G_MAXUINT);
    assert_check_fails(config, "cpus: 4294967295 is more than 4096");
    gvir_sandbox_config_set_cpus(config, 0);
    gvir_sandbox_config_set_virt_type(config, (GVirSandboxConfigVirtType)99);
    assert_check_fails(config, "virtType: 99 is not one of auto, kvm, qemu");
    gvir_sandbox_config_set_virt_type(config, GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO);
    gvir_sandbox_config_set_userid(config, G_MAXUINT32);
    assert_check_fails(config, "uid: 4294967295 is not a valid id");
    gvir_sandbox_config_set_userid(config, 0);
    gvir_sandbox_config_set_username(config, NULL);
    assert_check_fails(config, "username: must not be empty");
    gvir_sandbox_config_set_username(config, "root");
    gvir_sandbox_config_set_homedir(config, "/a/../b");
    assert_check_fails(config, "homedir: \"/a/../b\" must not have a \"..\" in it");
    gvir_sandbox_config_set_homedir(config, "/root");
    gvir_sandbox_config_interactive_set_command(GVIR_SANDBOX_CONFIG_INTERACTIVE(config), (gchar **)nothing);
    assert_check_fails(config, "command: argv.0: must name the program to run");
    gvir_sandbox_config_interactive_set_command(GVIR_SANDBOX_CONFIG_INTERACTIVE(config), NULL);
    assert_check_fails(config, "command: argv.0: must name the program to run");
    gvir_sandbox_config_interactive_set_command(GVIR_SANDBOX_CONFIG_INTERACTIVE(config), (gchar **)program);
    gvir_sandbox_config_add_env(config, "", "x");
    assert_check_fails(config, "environment: \"\" is not a valid variable name");
}

static void
refuse_hostname(GVirSandboxConfig *config, const gchar *hostname, const gchar *problem)
{
    g_autofree gchar *message = g_strdup_printf("hostname: \"%s\" %s", hostname, problem);

    gvir_sandbox_config_set_hostname(config, hostname);
    assert_check_fails(config, message);
}

static void
test_hostname(void)
{
    static const gchar *const right[] = { "a", "9", "db-1", "Db.Example.org", "1.2.3.4", NULL };
    static const gchar *const wrong[] = { "", ".", "a.", ".a", "a..b", "-a", "a-", "a.-b", "a_b", "a b", "ü", NULL };
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    g_autofree gchar *label = g_strnfill(64, 'x');
    g_autofree gchar *longest = g_strnfill(64, 'x');
    g_autofree gchar *longer = g_strnfill(65, 'x');
    GError *error = NULL;

    g_assert_null(gvir_sandbox_config_get_hostname(config));
    longest[30] = longer[30] = '.';
    for (gsize i = 0; wrong[i]; i++)
        refuse_hostname(config, wrong[i],
                        "is not a host name: words of letters, digits and inner hyphens, with dots between");
    refuse_hostname(config, label, "is not a host name: words of letters, digits and inner hyphens, with dots between");
    refuse_hostname(config, longer, "is longer than 64 bytes");
    for (gsize i = 0; right[i]; i++) {
        gvir_sandbox_config_set_hostname(config, right[i]);
        g_assert_true(gvir_sandbox_config_check(config, &error));
        g_assert_no_error(error);
        g_assert_cmpstr(gvir_sandbox_config_get_hostname(config), ==, right[i]);
    }
    gvir_sandbox_config_set_hostname(config, longest);
    g_free(saved_text_round_trip(config));
    gvir_sandbox_config_set_hostname(config, NULL);
    g_free(saved_text_round_trip(config));
}

static void
test_check_parts(void)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    g_autoptr(GVirSandboxConfig) untargeted = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    g_autoptr(GVirSandboxConfig) disks = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    g_autoptr(GVirSandboxConfig) networks = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    g_autoptr(GVirSandboxConfigMountRam) first = gvir_sandbox_config_mount_ram_new("/a\nb", 1);
    g_autoptr(GVirSandboxConfigMountRam) second = gvir_sandbox_config_mount_ram_new("/./a\nb", 1);
    g_autoptr(GVirSandboxConfigMountHostBind) root = gvir_sandbox_config_mount_host_bind_new("/srv", "/");
    g_autoptr(GVirSandboxConfigMount) found = NULL;
    g_autoptr(GVirSandboxConfigMountRam) nowhere = g_object_new(GVIR_SANDBOX_TYPE_CONFIG_MOUNT_RAM, NULL);
    g_autoptr(GVirSandboxConfigDisk) disk =
        g_object_new(GVIR_SANDBOX_TYPE_CONFIG_DISK, "tag", "t", "source", "/x", NULL);
    g_autoptr(GVirSandboxConfigDisk) bare = g_object_new(GVIR_SANDBOX_TYPE_CONFIG_DISK, NULL);
    g_autoptr(GVirSandboxConfigNetwork) network = gvir_sandbox_config_network_new();

    gvir_sandbox_config_add_mount(config, GVIR_SANDBOX_CONFIG_MOUNT(first));
    gvir_sandbox_config_add_mount(config, GVIR_SANDBOX_CONFIG_MOUNT(second));
    /* The later one covers the other, but there is one root. */
    g_assert_true(gvir_sandbox_config_check(config, NULL));
    found = gvir_sandbox_config_find_mount(config, "/a\nb");
    g_assert_true(found == GVIR_SANDBOX_CONFIG_MOUNT(second));
    gvir_sandbox_config_add_mount(config, GVIR_SANDBOX_CONFIG_MOUNT(root));
    g_assert_true(gvir_sandbox_config_check(config, NULL));
    gvir_sandbox_config_add_mount(config, GVIR_SANDBOX_CONFIG_MOUNT(root));
    assert_check_fails(config, "mount /: target: there is a mount on / already");
    gvir_sandbox_config_add_mount(untargeted, GVIR_SANDBOX_CONFIG_MOUNT(nowhere));
    g_assert_null(gvir_sandbox_config_find_mount(untargeted, "/"));
    assert_check_fails(untargeted, "mount : target: must not be empty");
    gvir_sandbox_config_add_disk(disks, disk);
    gvir_sandbox_config_add_disk(disks, disk);
    assert_check_fails(disks, "disk t: tag: there is a disk t already");
    gvir_sandbox_config_add_disk(untargeted, bare);
    gvir_sandbox_config_network_set_mac(network, "\n");
    gvir_sandbox_config_add_network(networks, network);
    assert_check_fails(networks, "network 0: mac: \"\\n\" is not like 52:54:00:12:34:56");
}

/* Every class can be made without properties: what it lacks is an error where it is used. */
static GType (*const types[])(void) = {
    gvir_sandbox_config_interactive_get_type,
    gvir_sandbox_config_service_generic_get_type,
    gvir_sandbox_config_service_systemd_get_type,
    gvir_sandbox_config_initrd_get_type,
    gvir_sandbox_config_disk_get_type,
    gvir_sandbox_config_mount_guest_bind_get_type,
    gvir_sandbox_config_mount_host_bind_get_type,
    gvir_sandbox_config_mount_host_image_get_type,
    gvir_sandbox_config_mount_ram_get_type,
    gvir_sandbox_config_network_get_type,
    gvir_sandbox_config_network_address_get_type,
    gvir_sandbox_config_network_filterref_get_type,
    gvir_sandbox_config_network_filterref_parameter_get_type,
    gvir_sandbox_config_network_route_get_type,
};

/* Of @object, a copy to be set to what is there tells nobody of a change. */
static void
check_bare_object(GObject *object)
{
    guint count;
    g_autofree GParamSpec **properties = g_object_class_list_properties(G_OBJECT_GET_CLASS(object), &count);

    for (guint i = 0; i < count; i++) {
        g_autofree gchar *signal = g_strconcat("notify::", properties[i]->name, NULL);
        g_auto(GValue) value = G_VALUE_INIT;
        guint notified = 0;
        gulong handler = g_signal_connect(object, signal, G_CALLBACK(count_notify), &notified);

        g_test_message("%s:%s", G_OBJECT_TYPE_NAME(object), properties[i]->name);
        g_object_get_property(object, properties[i]->name, &value);
        if (!(properties[i]->flags & G_PARAM_CONSTRUCT_ONLY))
            g_object_set_property(object, properties[i]->name, &value);
        g_assert_cmpuint(notified, ==, 0);
        g_signal_handler_disconnect(object, handler);
    }
}

static void
add_part(GVirSandboxConfig *config, GObject *part)
{
    g_autoptr(GVirSandboxConfigNetwork) network = gvir_sandbox_config_network_new();

    if (GVIR_SANDBOX_IS_CONFIG_MOUNT(part)) {
        gvir_sandbox_config_add_mount(config, GVIR_SANDBOX_CONFIG_MOUNT(part));
    } else if (GVIR_SANDBOX_IS_CONFIG_DISK(part)) {
        gvir_sandbox_config_add_disk(config, GVIR_SANDBOX_CONFIG_DISK(part));
    } else {
        if (GVIR_SANDBOX_IS_CONFIG_NETWORK_ADDRESS(part))
            gvir_sandbox_config_network_add_address(network, GVIR_SANDBOX_CONFIG_NETWORK_ADDRESS(part));
        if (GVIR_SANDBOX_IS_CONFIG_NETWORK_ROUTE(part))
            gvir_sandbox_config_network_add_route(network, GVIR_SANDBOX_CONFIG_NETWORK_ROUTE(part));
        if (GVIR_SANDBOX_IS_CONFIG_NETWORK_FILTERREF(part))
            gvir_sandbox_config_network_set_filterref(network, GVIR_SANDBOX_CONFIG_NETWORK_FILTERREF(part));
        gvir_sandbox_config_add_network(config, network);
    }
}

static void
check_bare_part(GObject *part)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    const gchar *includes[] = { "/a=/etc/passwd", NULL };
    g_autofree gchar *shared = NULL;
    GError *error = NULL;

    add_part(config, part);
    shared = gvir_sandbox_config_add_share(config, ".", NULL, NULL);
    g_assert_false(gvir_sandbox_config_check(config, &error));
    assert_one_clear_error(g_steal_pointer(&error), GVIR_SANDBOX_ERROR_INVALID);
    g_assert_null(gvir_sandbox_config_save_to_data(config, &error));
    assert_one_clear_error(g_steal_pointer(&error), GVIR_SANDBOX_ERROR_INVALID);
    g_assert_false(gvir_sandbox_config_add_host_include_strv(config, (gchar **)includes, &error));
    assert_one_clear_error(error, GVIR_SANDBOX_ERROR_INVALID);
}

static void
test_without_properties(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autoptr(GObject) object = g_object_new(types[i](), NULL);

        check_bare_object(object);
        if (GVIR_SANDBOX_IS_CONFIG(object))
            g_free(saved_text_round_trip(GVIR_SANDBOX_CONFIG(object)));
        else if (GVIR_SANDBOX_IS_CONFIG_MOUNT(object) || GVIR_SANDBOX_IS_CONFIG_DISK(object) ||
                 GVIR_SANDBOX_IS_CONFIG_NETWORK_ADDRESS(object) || GVIR_SANDBOX_IS_CONFIG_NETWORK_ROUTE(object) ||
                 GVIR_SANDBOX_IS_CONFIG_NETWORK_FILTERREF(object))
            check_bare_part(object);
    }
}

static void
test_no_home(void)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    const gchar *includes[] = { "/a=/etc/passwd", NULL };
    GError *error = NULL;

    gvir_sandbox_config_set_private_home(config, TRUE);
    gvir_sandbox_config_set_homedir(config, NULL);
    g_assert_false(gvir_sandbox_config_add_host_include_strv(config, (gchar **)includes, &error));
    assert_one_clear_error(error, GVIR_SANDBOX_ERROR_INVALID);
    assert_check_fails(config, "homedir: must not be empty");
}

/* Bindings know what is in an enumeration by its type. */
static void
test_enumerations(void)
{
    g_autoptr(GEnumClass) types_of_virtualization = g_type_class_ref(GVIR_SANDBOX_TYPE_CONFIG_VIRT_TYPE);

    g_assert_cmpuint(types_of_virtualization->n_values, ==, 3);
}

/* The name of a property is that of its setter, but for two that are older than that rule. */
static void
test_identity(void)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    guint uid, gid;

    g_object_set(config, "uid", 12, "gid", 34, NULL);
    g_assert_cmpuint(gvir_sandbox_config_get_userid(config), ==, 12);
    g_assert_cmpuint(gvir_sandbox_config_get_groupid(config), ==, 34);
    gvir_sandbox_config_set_userid(config, 56);
    gvir_sandbox_config_set_groupid(config, 78);
    g_object_get(config, "uid", &uid, "gid", &gid, NULL);
    g_assert_cmpuint(uid, ==, 56);
    g_assert_cmpuint(gid, ==, 78);
}

/* Root by number and name has root's capabilities, as in 0.8, unless something else was said. */
static void
test_privileged(void)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    g_autofree gchar *text = NULL;
    guint notifies = 0;

    g_signal_connect(config, "notify::privileged", G_CALLBACK(count_notify), &notifies);
    g_assert_false(gvir_sandbox_config_get_privileged(config));
    gvir_sandbox_config_set_username(config, "root");
    gvir_sandbox_config_set_userid(config, 0);
    g_assert_true(gvir_sandbox_config_get_privileged(config));
    g_assert_cmpuint(notifies, ==, 1);
    gvir_sandbox_config_set_userid(config, 1);
    g_assert_false(gvir_sandbox_config_get_privileged(config));
    gvir_sandbox_config_set_userid(config, 0);
    gvir_sandbox_config_set_privileged(config, FALSE);
    gvir_sandbox_config_set_username(config, "root");
    g_assert_false(gvir_sandbox_config_get_privileged(config));
    text = saved_text_round_trip(config);
    g_assert_nonnull(strstr(text, "privileged=false\n"));
}

/* Lists are the caller's, with what is in them, as they always were. */
static void
test_lists(void)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    GVirSandboxConfigMount *ram = GVIR_SANDBOX_CONFIG_MOUNT(gvir_sandbox_config_mount_ram_new("/r", 1));
    GVirSandboxConfigMount *bind = GVIR_SANDBOX_CONFIG_MOUNT(gvir_sandbox_config_mount_host_bind_new("/s", "/"));
    GVirSandboxConfigMount *found;
    GList *mounts, *files;

    gvir_sandbox_config_add_mount(config, ram);
    gvir_sandbox_config_add_mount(config, bind);
    g_assert_cmpuint(G_OBJECT(ram)->ref_count, ==, 2);
    mounts = gvir_sandbox_config_get_mounts(config);
    g_assert_true(mounts->data == ram && mounts->next->data == bind && !mounts->next->next);
    g_assert_cmpuint(G_OBJECT(ram)->ref_count, ==, 3);
    g_list_free_full(mounts, g_object_unref);

    files = gvir_sandbox_config_get_mounts_with_type(config, GVIR_SANDBOX_TYPE_CONFIG_MOUNT_HOST_BIND);
    g_assert_true(files->data == bind && !files->next);
    g_list_free_full(files, g_object_unref);
    g_assert_true(gvir_sandbox_config_has_mounts_with_type(config, GVIR_SANDBOX_TYPE_CONFIG_MOUNT_RAM));
    g_assert_false(gvir_sandbox_config_has_mounts_with_type(config, GVIR_SANDBOX_TYPE_CONFIG_MOUNT_GUEST_BIND));
    g_assert_null(gvir_sandbox_config_get_mounts_with_type(config, GVIR_SANDBOX_TYPE_CONFIG_MOUNT_HOST_IMAGE));

    found = gvir_sandbox_config_find_mount(config, "//r/.");
    g_assert_true(found == ram);
    g_assert_cmpuint(G_OBJECT(ram)->ref_count, ==, 3);
    g_object_unref(found);
    g_assert_null(gvir_sandbox_config_find_mount(config, "/r/below"));
    g_assert_true(gvir_sandbox_config_has_root_mount(config));
    g_assert_cmpuint(G_OBJECT(ram)->ref_count, ==, 2);
    g_object_unref(ram);
    g_object_unref(bind);
}

static void
test_environment(void)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    g_autoptr(GHashTable) envs = NULL;
    g_autoptr(GHashTable) later = NULL;

    gvir_sandbox_config_add_env(config, "A", "1");
    gvir_sandbox_config_add_env(config, "B", "");
    gvir_sandbox_config_add_env(config, "A", "2");
    g_assert_true(gvir_sandbox_config_has_envs(config));
    envs = gvir_sandbox_config_get_envs(config);
    g_assert_cmpuint(g_hash_table_size(envs), ==, 2);
    g_assert_cmpstr(g_hash_table_lookup(envs, "A"), ==, "2");
    g_assert_cmpstr(g_hash_table_lookup(envs, "B"), ==, "");
    /* It is a copy. */
    g_hash_table_remove_all(envs);
    later = gvir_sandbox_config_get_envs(config);
    g_assert_cmpuint(g_hash_table_size(later), ==, 2);
}

static void
test_commands(void)
{
    g_autoptr(GVirSandboxConfigInteractive) interactive = gvir_sandbox_config_interactive_new("i");
    g_autoptr(GVirSandboxConfigServiceGeneric) generic = gvir_sandbox_config_service_generic_new("g");
    g_autoptr(GVirSandboxConfigServiceSystemd) systemd = gvir_sandbox_config_service_systemd_new("s");
    gchar *argv[] = { g_strdup("a"), g_strdup(""), NULL };
    GVirSandboxConfig *configs[] = { GVIR_SANDBOX_CONFIG(interactive), GVIR_SANDBOX_CONFIG(generic) };

    gvir_sandbox_config_interactive_set_command(interactive, argv);
    gvir_sandbox_config_service_generic_set_command(generic, argv);
    argv[0][0] = 'x';
    for (gsize i = 0; i < G_N_ELEMENTS(configs); i++) {
        g_auto(GStrv) command = gvir_sandbox_config_get_command(configs[i]);

        g_assert_cmpuint(g_strv_length(command), ==, 2);
        g_assert_cmpstr(command[0], ==, "a");
        g_assert_cmpstr(command[1], ==, "");
    }
    g_free(argv[0]);
    g_free(argv[1]);

    g_assert_true(GVIR_SANDBOX_IS_CONFIG_SERVICE(generic) && GVIR_SANDBOX_IS_CONFIG_SERVICE(systemd));
    g_assert_cmpstr(gvir_sandbox_config_service_systemd_get_boot_target(systemd), ==, "multi-user.target");
    gvir_sandbox_config_service_systemd_set_boot_target(systemd, "");
    assert_check_fails(GVIR_SANDBOX_CONFIG(systemd), "bootTarget: must not be empty");
    gvir_sandbox_config_service_systemd_set_boot_target(systemd, "rescue.target");
    g_assert_cmpstr(gvir_sandbox_config_service_systemd_get_boot_target(systemd), ==, "rescue.target");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config/defaults", test_defaults);
    g_test_add_func("/config/made-up-names", test_made_up_names);
    g_test_add_func("/config/properties", test_properties);
    g_test_add_func("/config/name-changes", test_name_changes);
    g_test_add_func("/config/null-is-default", test_null_is_default);
    g_test_add_func("/config/check", test_check);
    g_test_add_func("/config/hostname", test_hostname);
    g_test_add_func("/config/check-parts", test_check_parts);
    g_test_add_func("/config/without-properties", test_without_properties);
    g_test_add_func("/config/no-home", test_no_home);
    g_test_add_func("/config/enumerations", test_enumerations);
    g_test_add_func("/config/identity", test_identity);
    g_test_add_func("/config/privileged", test_privileged);
    g_test_add_func("/config/lists", test_lists);
    g_test_add_func("/config/environment", test_environment);
    g_test_add_func("/config/commands", test_commands);
    return g_test_run();
}
