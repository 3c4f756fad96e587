/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "support.h"
#include "tests.h"

/*
 * A program as it was written for 0.8: a connection of libvirt-glib itself, the default main loop, and
 * nothing that is newer.
 */

static void
do_console_close(GVirSandboxConsole *console G_GNUC_UNUSED, gboolean error G_GNUC_UNUSED, gpointer opaque)
{
    g_main_loop_quit(opaque);
}

static gboolean
give_up(gpointer opaque)
{
    g_main_loop_quit(opaque);
    g_test_fail();
    return FALSE;
}

static void
test_interactive(void)
{
    const gchar *uri = support_is_container() ? "lxc:///" : "qemu:///session";
    gchar *command[] = { (gchar *)"/bin/echo", (gchar *)"# in the old style", NULL };
    GMainLoop *loop = g_main_loop_new(g_main_context_default(), 1);
    GVirConnection *connection = gvir_connection_new(uri);
    GVirSandboxConfigInteractive *config;
    GVirSandboxContextInteractive *context;
    GVirSandboxConsole *console;
    GError *error = NULL;
    guint watchdog = g_timeout_add_seconds(LIMIT_SECONDS, give_up, loop);

    g_assert_true(gvir_connection_open(connection, NULL, &error));
    g_assert_no_error(error);
    config = gvir_sandbox_config_interactive_new("api-old-style");
    gvir_sandbox_config_interactive_set_command(config, command);
    gvir_sandbox_config_interactive_set_tty(config, FALSE);
    context = gvir_sandbox_context_interactive_new(connection, config);
    g_assert_true(gvir_sandbox_context_start(GVIR_SANDBOX_CONTEXT(context), &error));
    g_assert_no_error(error);
    console = gvir_sandbox_context_interactive_get_app_console(context, &error);
    g_assert_no_error(error);
    g_signal_connect(console, "closed", G_CALLBACK(do_console_close), loop);
    g_assert_true(gvir_sandbox_console_attach_stdio(console, &error));
    g_assert_no_error(error);

    g_main_loop_run(loop);

    g_assert_true(gvir_sandbox_context_stop(GVIR_SANDBOX_CONTEXT(context), &error));
    g_assert_no_error(error);
    g_source_remove(watchdog);
    g_object_unref(console);
    g_object_unref(context);
    g_object_unref(config);
    g_object_unref(connection);
    g_main_loop_unref(loop);
}

void
test_old_style_add(void)
{
    g_test_add_func("/old-style/interactive", test_interactive);
}
