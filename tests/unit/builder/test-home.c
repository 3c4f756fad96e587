/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/config/home-private.h"
#include "libvirt-sandbox/libvirt-sandbox.h"

#include "libvirt-sandbox/builder/home/path-list-private.h"

#include <string.h>

#define START "[api]\nclass=GVirSandboxConfigInteractive\nversion=0.9.0\n\n[core]\nname=x\n"
#define REST "\n[command]\nargv.0=/bin/true\n"

static GVirSandboxConfig *
load(const gchar *keys, GError **error)
{
    g_autofree gchar *text = g_strconcat(START, keys, REST, NULL);

    return gvir_sandbox_config_load_from_data(text, error);
}

static void
assert_refused(const gchar *keys, const gchar *word)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(load(keys, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, word));
}

static void
test_saved(void)
{
    const gchar *keys = "privateHome=true\nhomeSize=4096\nhideSecrets=true\n"
                        "\n[home.include.0]\ndst=/a b\nsrc=/c;d\n";
    g_autoptr(GError) error = NULL;
    g_autoptr(GVirSandboxConfig) config = load(keys, &error);
    g_autoptr(GHashTable) includes = NULL;
    g_autofree gchar *text = NULL;

    g_assert_no_error(error);
    g_assert_true(gvir_sandbox_config_get_private_home(config));
    g_assert_cmpuint(gvir_sandbox_config_get_home_size(config), ==, 4096);
    g_assert_true(gvir_sandbox_config_get_hide_secrets(config));
    includes = gvir_sandbox_config_get_home_includes(config);
    g_assert_cmpstr(g_hash_table_lookup(includes, "/a b"), ==, "/c;d");
    text = gvir_sandbox_config_save_to_data(config, &error);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(text, "privateHome=true\nhomeSize=4096\nhideSecrets=true\n"));
    g_assert_nonnull(strstr(text, "[home.include.0]\ndst=/a b\nsrc=/c;d\n"));
}

static void
test_refused(void)
{
    assert_refused("privateHome=perhaps\n", "privateHome");
    assert_refused("homeSize=4096\n", "homeSize");
    assert_refused("privateHome=true\nhomeSize=x\n", "homeSize");
    assert_refused("hideSecrets=2\n", "hideSecrets");
    assert_refused("\n[home.include.0]\ndst=/a\nsrc=/b\n", "home.include");
    assert_refused("privateHome=true\n\n[home.include.0]\ndst=/a/../b\nsrc=/b\n", "include");
    assert_refused("privateHome=true\n\n[home.include.0]\ndst=/a\n", "src");
}

static void
count_notify(GObject *object G_GNUC_UNUSED, GParamSpec *property G_GNUC_UNUSED, gpointer count)
{
    ++*(guint *)count;
}

static void
test_properties(void)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("x"));
    g_autofree gchar *text = NULL;
    g_autoptr(GError) error = NULL;
    gboolean private_home, hide;
    guint64 size;
    guint count = 0;

    text = gvir_sandbox_config_save_to_data(config, &error);
    g_assert_no_error(error);
    g_assert_null(strstr(text, "ome="));
    g_assert_null(strstr(text, "ecrets"));
    g_signal_connect(config, "notify", G_CALLBACK(count_notify), &count);
    g_object_set(config, "private-home", TRUE, "home-size", G_MAXUINT64, "hide-secrets", TRUE, NULL);
    g_object_set(config, "private-home", TRUE, "home-size", G_MAXUINT64, "hide-secrets", TRUE, NULL);
    g_assert_cmpuint(count, ==, 3);
    g_object_get(config, "private-home", &private_home, "home-size", &size, "hide-secrets", &hide, NULL);
    g_assert_true(private_home);
    g_assert_cmpuint(size, ==, G_MAXUINT64);
    g_assert_true(hide);
    g_assert_true(gvir_sandbox_config_set_home_opts(config, NULL, &error));
    g_assert_cmpuint(gvir_sandbox_config_get_home_size(config), ==, 0);
    g_assert_true(gvir_sandbox_config_set_home_opts(config, "2MiB", &error));
    g_assert_cmpuint(gvir_sandbox_config_get_home_size(config), ==, 2 << 20);
    g_assert_false(gvir_sandbox_config_set_home_opts(config, "0", &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
}

static void
assert_home(const gchar *homedir, const gchar *expected)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("x"));
    g_autofree gchar *before = NULL;
    g_autofree gchar *home = NULL;

    gvir_sandbox_config_set_username(config, "me");
    gvir_sandbox_config_set_homedir(config, homedir);
    before = gvir_sandbox_config_dup_home(config);
    g_assert_true(g_str_has_prefix(homedir, before));
    gvir_sandbox_config_set_private_home(config, TRUE);
    home = gvir_sandbox_config_dup_home(config);
    g_assert_cmpstr(home, ==, expected);
}

static void
test_place(void)
{
    assert_home("/home/alice/", "/home/alice");
    assert_home("/root", "/root");
    assert_home("/var/www", "/var/www");
    assert_home("/app", "/app");
    assert_home("/", "/home/me");
    assert_home("/usr/sbin", "/home/me");
    assert_home("/bin", "/home/me");
    assert_home("/dev", "/home/me");
    assert_home("/home", "/home/me");
}

/* A user without a name, or with one that is none of a directory, must not cover all homes. */
static void
test_place_without_name(void)
{
    const gchar *names[] = { NULL, "", "..", "a/b" };

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("x"));
        g_autofree gchar *home = NULL;

        gvir_sandbox_config_set_username(config, names[i]);
        gvir_sandbox_config_set_homedir(config, "/");
        gvir_sandbox_config_set_private_home(config, TRUE);
        home = gvir_sandbox_config_dup_home(config);
        g_assert_cmpstr(home, ==, "/home/user");
    }
}

static void
test_includes(void)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("x"));
    const gchar *of_home[] = { "/home/me/a=/etc/hostname", NULL };
    const gchar *nearer[] = { "/home/me/ram/a=/etc/hostname", NULL };
    const gchar *outside[] = { "/home/you/a=/etc/hostname", NULL };
    const gchar *mounts[] = { "ram:/home/me/ram=1M", "ram:/home=1M", NULL };
    g_autoptr(GHashTable) includes = NULL;
    g_autoptr(GError) error = NULL;

    gvir_sandbox_config_set_homedir(config, "/home/me");
    g_assert_false(gvir_sandbox_config_add_host_include_strv(config, (gchar **)of_home, NULL));
    gvir_sandbox_config_set_private_home(config, TRUE);
    g_assert_false(gvir_sandbox_config_add_host_include_strv(config, (gchar **)outside, NULL));
    g_assert_true(gvir_sandbox_config_add_mount_strv(config, (gchar **)mounts, &error));
    g_assert_true(gvir_sandbox_config_add_host_include_strv(config, (gchar **)of_home, &error));
    g_assert_true(gvir_sandbox_config_add_host_include_strv(config, (gchar **)nearer, &error));
    g_assert_no_error(error);
    includes = gvir_sandbox_config_get_home_includes(config);
    g_assert_cmpuint(g_hash_table_size(includes), ==, 1);
    g_assert_cmpstr(g_hash_table_lookup(includes, "/a"), ==, "/etc/hostname");
}

static void
assert_mistake(const gchar *text, gboolean in_home, const gchar *message)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    g_assert_false(gvir_sandbox_path_list_parse(paths, text, "FILE", in_home, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
    g_assert_true(g_str_has_prefix(error->message, message));
    g_assert_null(strchr(error->message, '\n'));
}

static void
test_list(void)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    g_assert_true(gvir_sandbox_path_list_parse(paths, "# a\n\n \t~/b c/ \r\n/d//e/./f\n~/g", "FILE", FALSE, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(paths->len, ==, 3);
    g_assert_cmpstr(paths->pdata[0], ==, "~/b c");
    g_assert_cmpstr(paths->pdata[1], ==, "/d/e/f");
    g_assert_cmpstr(paths->pdata[2], ==, "~/g");
    assert_mistake("~/a\nb\n", FALSE, "FILE: line 2: \"b\": ");
    assert_mistake("~alice/b", FALSE, "FILE: line 1: ");
    assert_mistake("~", FALSE, "FILE: line 1: ");
    assert_mistake("~/", FALSE, "FILE: line 1: ");
    assert_mistake("/", FALSE, "FILE: line 1: ");
    assert_mistake("~/a/../../b", FALSE, "FILE: line 1: ");
    assert_mistake("\n\n/a", TRUE, "FILE: line 3: \"/a\": ");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/home/saved", test_saved);
    g_test_add_func("/home/refused", test_refused);
    g_test_add_func("/home/properties", test_properties);
    g_test_add_func("/home/place", test_place);
    g_test_add_func("/home/place-without-name", test_place_without_name);
    g_test_add_func("/home/includes", test_includes);
    g_test_add_func("/home/list", test_list);
    return g_test_run();
}
