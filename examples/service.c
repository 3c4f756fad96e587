/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * service [URI]
 *
 * Starts a service, waits until its log says that it is ready, and stops it.
 *
 *   cc service.c $(pkg-config --cflags --libs libvirt-sandbox-1.0) -o service
 */

#include <libvirt-sandbox/libvirt-sandbox.h>

#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    GMainLoop *loop;
    const gchar *wanted;
} Wait;

static void
read_line(GObject *source, GAsyncResult *result, gpointer data)
{
    GDataInputStream *lines = G_DATA_INPUT_STREAM(source);
    g_autofree gchar *line = g_data_input_stream_read_line_finish(lines, result, NULL, NULL);
    Wait *wait = data;

    if (!line || g_str_equal(line, wait->wanted))
        g_main_loop_quit(wait->loop);
    else
        g_data_input_stream_read_line_async(lines, G_PRIORITY_DEFAULT, NULL, read_line, wait);
}

/* Runs the main loop until the console shows the line. */
static gboolean
await_line(GVirSandboxConsole *console, const gchar *wanted, GError **error)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    g_autoptr(GInputStream) input = NULL;
    g_autoptr(GOutputStream) output = NULL;
    g_autoptr(GDataInputStream) lines = NULL;
    Wait wait = { loop, wanted };
    int ends[2];

    if (!g_unix_open_pipe(ends, FD_CLOEXEC, error))
        return FALSE;
    input = g_unix_input_stream_new(ends[0], TRUE);
    output = g_unix_output_stream_new(ends[1], TRUE);
    lines = g_data_input_stream_new(input);
    g_data_input_stream_set_newline_type(lines, G_DATA_STREAM_NEWLINE_TYPE_ANY);
    if (!gvir_sandbox_console_attach(console, NULL, G_UNIX_OUTPUT_STREAM(output), NULL, error))
        return FALSE;
    g_data_input_stream_read_line_async(lines, G_PRIORITY_DEFAULT, NULL, read_line, &wait);
    g_main_loop_run(loop);
    return gvir_sandbox_console_detach(console, error);
}

/* What the program writes goes to the log. */
static gboolean
wait_for_service(GVirSandboxContext *context, GError **error)
{
    g_autoptr(GVirSandboxConsole) log = gvir_sandbox_context_get_log_console(context, error);

    return log && await_line(log, "ready", error);
}

static gboolean
run_service(GVirConnection *connection, gchar **command, GError **error)
{
    g_autoptr(GVirSandboxConfigServiceGeneric) config = gvir_sandbox_config_service_generic_new("example-service");
    g_autoptr(GVirSandboxContextService) service =
        gvir_sandbox_context_service_new(connection, GVIR_SANDBOX_CONFIG_SERVICE(config));
    GVirSandboxContext *context = GVIR_SANDBOX_CONTEXT(service);
    gboolean ready;

    gvir_sandbox_config_service_generic_set_command(config, command);
    /* The program starts with the sandbox, and has nobody at its other end. */
    if (!gvir_sandbox_context_start(context, error))
        return FALSE;
    ready = wait_for_service(context, error);
    if (ready)
        printf("%s is ready\n", gvir_sandbox_config_get_name(GVIR_SANDBOX_CONFIG(config)));
    if (!gvir_sandbox_context_stop(context, ready ? error : NULL) || !ready)
        return FALSE;
    printf("and stopped\n");
    return TRUE;
}

int
main(int argc, char **argv)
{
    gchar *command[] = { "sh", "-c", "while :; do echo ready; sleep 1; done", NULL };
    GVirConnection *connection = NULL;
    g_autoptr(GError) error = NULL;
    gboolean done;

    if (gvir_sandbox_init_check(NULL, NULL, &error))
        connection = gvir_sandbox_connection_open(argc > 1 ? argv[1] : NULL, &error);
    done = connection && run_service(connection, command, &error);
    if (!done)
        fprintf(stderr, "service: %s\n", error->message);
    g_clear_object(&connection);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
