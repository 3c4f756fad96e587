/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * run [-c URI] PROGRAM [ARGUMENTS…]
 *
 * Runs a program in a sandbox that is there for this one run, and says at the end how it ended.
 *
 *   cc run.c $(pkg-config --cflags --libs libvirt-sandbox-1.0) -o run
 *   ./run uname -a
 */

#include <libvirt-sandbox/libvirt-sandbox.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static GMainLoop *loop;
static int result = EXIT_FAILURE;

/* The program has ended, and all that it wrote was delivered. */
static void
exited(GVirSandboxConsoleRpc *console, gint status, gpointer user_data)
{
    if (WIFSIGNALED(status))
        printf("killed by signal %d\n", WTERMSIG(status));
    else
        printf("exit status %d\n", WEXITSTATUS(status));
    result = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* It could not be run, or the sandbox ended too early. */
static void
failed(GVirSandboxConsole *console, GError *error, gpointer user_data)
{
    fprintf(stderr, "run: %s\n", error->message);
}

/* The last signal of a console, however its end came about. */
static void
closed(GVirSandboxConsole *console, gboolean early, gpointer user_data)
{
    g_main_loop_quit(loop);
}

/* Joins the program to our standard streams; it starts now. The rest happens in the main loop. */
static gboolean
talk_to_program(GVirSandboxContextInteractive *context, GError **error)
{
    GVirSandboxConsole *console = gvir_sandbox_context_interactive_get_app_console(context, error);
    gboolean attached;

    if (!console)
        return FALSE;
    g_signal_connect(console, "exited", G_CALLBACK(exited), NULL);
    g_signal_connect(console, "failed", G_CALLBACK(failed), NULL);
    g_signal_connect(console, "closed", G_CALLBACK(closed), NULL);
    attached = gvir_sandbox_console_attach_stdio(console, error);
    if (attached)
        g_main_loop_run(loop);
    g_object_unref(console);
    return attached;
}

static gboolean
run(const char *uri, char **command, GError **error)
{
    /* Where it runs: without a URI in a virtual machine that belongs to this process. */
    GVirConnection *connection = gvir_sandbox_connection_open(uri, error);
    GVirSandboxConfigInteractive *config;
    GVirSandboxContextInteractive *context;
    gboolean done;

    if (!connection)
        return FALSE;

    /* What it is: a name (here one by chance), a program, and many things that can be set. */
    config = gvir_sandbox_config_interactive_new(NULL);
    gvir_sandbox_config_interactive_set_command(config, command);

    /* Its life. */
    context = gvir_sandbox_context_interactive_new(connection, config);
    done = gvir_sandbox_context_start(GVIR_SANDBOX_CONTEXT(context), error);
    if (done) {
        done = talk_to_program(context, error);
        gvir_sandbox_context_stop(GVIR_SANDBOX_CONTEXT(context), done ? error : NULL);
    }

    g_object_unref(context);
    g_object_unref(config);
    g_object_unref(connection);
    return done;
}

int
main(int argc, char **argv)
{
    const char *uri = NULL;
    GError *error = NULL;
    int first = 1;

    if (argc > 2 && strcmp(argv[1], "-c") == 0) {
        uri = argv[2];
        first = 3;
    }
    if (first >= argc) {
        fprintf(stderr, "usage: run [-c URI] PROGRAM [ARGUMENTS...]\n");
        return EXIT_FAILURE;
    }

    loop = g_main_loop_new(NULL, FALSE);
    if (!gvir_sandbox_init_check(NULL, NULL, &error) || !run(uri, &argv[first], &error) || error) {
        fprintf(stderr, "run: %s\n", error->message);
        g_error_free(error);
        result = EXIT_FAILURE;
    }
    g_main_loop_unref(loop);
    return result;
}
