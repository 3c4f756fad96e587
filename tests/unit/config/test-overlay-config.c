/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/libvirt-sandbox.h"

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
test_defaults(void)
{
    g_autoptr(GError) error = NULL;
    GVirSandboxConfig *config = load("", &error);
    g_auto(GStrv) hidden = NULL;
    g_autofree gchar *text = NULL;

    g_assert_no_error(error);
    g_assert_false(gvir_sandbox_config_get_overlay(config));
    g_assert_null(gvir_sandbox_config_get_overlay_dir(config));
    g_assert_null(gvir_sandbox_config_get_changes(config));
    g_assert_false(gvir_sandbox_config_has_hidden(config));
    hidden = gvir_sandbox_config_get_hidden(config);
    g_assert_cmpuint(g_strv_length(hidden), ==, 0);
    text = gvir_sandbox_config_save_to_data(config, &error);
    g_assert_no_error(error);
    g_assert_null(strstr(text, "overlay"));
    g_assert_null(strstr(text, "changes"));
    g_assert_null(strstr(text, "hide"));
    g_object_unref(config);
}

static void
test_saved(void)
{
    g_autoptr(GError) error = NULL;
    GVirSandboxConfig *config =
        load("overlay=true\noverlayDir=/srv/over\nchanges=/srv/x.tar\nhide.0=/a;b\nhide.1=/c\\sd\n", &error);
    GVirSandboxConfig *again;
    g_auto(GStrv) hidden = NULL;
    g_autofree gchar *first = NULL;
    g_autofree gchar *second = NULL;

    g_assert_no_error(error);
    g_assert_true(gvir_sandbox_config_get_overlay(config));
    g_assert_cmpstr(gvir_sandbox_config_get_overlay_dir(config), ==, "/srv/over");
    g_assert_cmpstr(gvir_sandbox_config_get_changes(config), ==, "/srv/x.tar");
    hidden = gvir_sandbox_config_get_hidden(config);
    g_assert_cmpuint(g_strv_length(hidden), ==, 2);
    g_assert_cmpstr(hidden[0], ==, "/a;b");
    g_assert_cmpstr(hidden[1], ==, "/c d");
    first = gvir_sandbox_config_save_to_data(config, &error);
    g_assert_no_error(error);
    again = gvir_sandbox_config_load_from_data(first, &error);
    g_assert_no_error(error);
    second = gvir_sandbox_config_save_to_data(again, &error);
    g_assert_cmpstr(first, ==, second);
    g_object_unref(config);
    g_object_unref(again);
}

static void
test_refused(void)
{
    assert_refused("overlay=perhaps\n", "overlay");
    assert_refused("changes=/x\n", "changes");
    assert_refused("overlay=true\nchanges=x\n", "changes");
    assert_refused("overlay=true\noverlayDir=x\n", "overlayDir");
    assert_refused("overlayDir=/x\n", "overlayDir");
    assert_refused("hide.0=/\n", "hide");
    assert_refused("hide.0=x\n", "hide");
    assert_refused("hide.0=/a/../b\n", "hide");
    assert_refused("hide.1=/a\n", "hide");
}

static void
count_notify(GObject *object G_GNUC_UNUSED, GParamSpec *property G_GNUC_UNUSED, gpointer count)
{
    ++*(guint *)count;
}

static void
test_properties(void)
{
    GVirSandboxConfig *config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("x"));
    static const gchar *const many[] = { "/a", "/b", "/a", NULL };
    g_autoptr(GError) error = NULL;
    g_autofree gchar *changes = NULL;
    guint count = 0;

    g_signal_connect(config, "notify", G_CALLBACK(count_notify), &count);
    g_object_set(config, "overlay", TRUE, "overlay-dir", "/x", "changes", "-", NULL);
    g_object_set(config, "overlay", TRUE, "overlay-dir", "/x", "changes", "-", NULL);
    g_assert_cmpuint(count, ==, 3);
    g_object_get(config, "changes", &changes, NULL);
    g_assert_cmpstr(changes, ==, "-");

    g_assert_true(gvir_sandbox_config_add_hidden_strv(config, (gchar **)many, &error));
    {
        g_auto(GStrv) hidden = gvir_sandbox_config_get_hidden(config);

        g_assert_cmpuint(g_strv_length(hidden), ==, 2);
    }
    g_assert_false(gvir_sandbox_config_add_hidden(config, "b", &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
    g_object_unref(config);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/overlay-config/defaults", test_defaults);
    g_test_add_func("/overlay-config/saved", test_saved);
    g_test_add_func("/overlay-config/refused", test_refused);
    g_test_add_func("/overlay-config/properties", test_properties);
    return g_test_run();
}
