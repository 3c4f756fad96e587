/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * overlay [URI]
 *
 * Lets a program write to the root, shows what it changed there, and keeps nothing of it.
 *
 *   cc overlay.c $(pkg-config --cflags --libs libvirt-sandbox-1.0) -o overlay
 */

#include <libvirt-sandbox/libvirt-sandbox.h>

#include <stdio.h>
#include <stdlib.h>

typedef struct {
    GMainLoop *loop;
    GError *error;
} Run;

static void
changed(GVirSandboxConsoleRpc *console, const gchar *kind, const gchar *path, Run *run)
{
    printf("%s %s\n", kind, path);
}

static void
failed(GVirSandboxConsole *console, GError *error, Run *run)
{
    if (!run->error)
        run->error = g_error_copy(error);
}

static void
closed(GVirSandboxConsole *console, gboolean early, Run *run)
{
    g_main_loop_quit(run->loop);
}

static gboolean
wait_for_program(GVirSandboxContextInteractive *context, GError **error)
{
    g_autoptr(GVirSandboxConsole) console = gvir_sandbox_context_interactive_get_app_console(context, error);
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    Run run = { .loop = loop };

    if (!console)
        return FALSE;
    g_signal_connect(console, "changed", G_CALLBACK(changed), &run);
    g_signal_connect(console, "failed", G_CALLBACK(failed), &run);
    g_signal_connect(console, "closed", G_CALLBACK(closed), &run);
    if (!gvir_sandbox_console_attach_stdio(console, error))
        return FALSE;
    g_main_loop_run(loop);
    if (run.error)
        g_propagate_error(error, run.error);
    return !run.error;
}

static gboolean
run_program(GVirConnection *connection, gchar **command, GError **error)
{
    g_autoptr(GVirSandboxConfigInteractive) interactive = gvir_sandbox_config_interactive_new(NULL);
    g_autoptr(GVirSandboxContextInteractive) context = gvir_sandbox_context_interactive_new(connection, interactive);
    GVirSandboxConfig *config = GVIR_SANDBOX_CONFIG(interactive);
    gboolean done;

    gvir_sandbox_config_interactive_set_command(interactive, command);
    /* Root inside, as an installer wants to be. */
    gvir_sandbox_config_set_userid(config, 0);
    gvir_sandbox_config_set_groupid(config, 0);
    gvir_sandbox_config_set_username(config, "root");
    gvir_sandbox_config_set_homedir(config, "/root");
    gvir_sandbox_config_set_privileged(config, TRUE);
    /* What it writes to the root goes to memory. */
    gvir_sandbox_config_set_overlay(config, TRUE);
    /* The console tells each change; a path instead of "-" is a file that gets them as a tar. */
    gvir_sandbox_config_set_changes(config, "-");

    if (!gvir_sandbox_context_start(GVIR_SANDBOX_CONTEXT(context), error))
        return FALSE;
    done = wait_for_program(context, error);
    return gvir_sandbox_context_stop(GVIR_SANDBOX_CONTEXT(context), done ? error : NULL) && done;
}

int
main(int argc, char **argv)
{
    gchar *command[] = { "sh", "-c", "echo mine >/etc/issue; rm /etc/hostname", NULL };
    GVirConnection *connection = NULL;
    g_autoptr(GError) error = NULL;
    gboolean done;

    if (gvir_sandbox_init_check(NULL, NULL, &error))
        connection = gvir_sandbox_connection_open(argc > 1 ? argv[1] : NULL, &error);
    done = connection && run_program(connection, command, &error);
    if (!done)
        fprintf(stderr, "overlay: %s\n", error->message);
    g_clear_object(&connection);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
