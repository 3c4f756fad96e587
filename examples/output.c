/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * output [URI]
 *
 * Runs a program in a sandbox, and reads what it writes.
 *
 *   cc output.c $(pkg-config --cflags --libs libvirt-sandbox-1.0) -o output
 */

#include <libvirt-sandbox/libvirt-sandbox.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

typedef struct {
    GMainLoop *loop;
    GError *error;
    int status;
} Run;

static void
exited(GVirSandboxConsoleRpc *console, gint status, Run *run)
{
    run->status = status;
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

/* No input; the output goes to the file, the errors to where ours go. */
static gboolean
wait_for_program(GVirSandboxContextInteractive *context, FILE *file, int *status, GError **error)
{
    g_autoptr(GVirSandboxConsole) console = gvir_sandbox_context_interactive_get_app_console(context, error);
    g_autoptr(GOutputStream) output = g_unix_output_stream_new(fileno(file), FALSE);
    g_autoptr(GOutputStream) errors = g_unix_output_stream_new(fileno(stderr), FALSE);
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    Run run = { .loop = loop };

    if (!console)
        return FALSE;
    g_signal_connect(console, "exited", G_CALLBACK(exited), &run);
    g_signal_connect(console, "failed", G_CALLBACK(failed), &run);
    g_signal_connect(console, "closed", G_CALLBACK(closed), &run);
    if (!gvir_sandbox_console_attach(console, NULL, G_UNIX_OUTPUT_STREAM(output), G_UNIX_OUTPUT_STREAM(errors), error))
        return FALSE;
    g_main_loop_run(loop);
    *status = run.status;
    if (run.error)
        g_propagate_error(error, run.error);
    return !run.error;
}

static gboolean
run_program(GVirConnection *connection, gchar **command, FILE *file, int *status, GError **error)
{
    g_autoptr(GVirSandboxConfigInteractive) config = gvir_sandbox_config_interactive_new(NULL);
    g_autoptr(GVirSandboxContextInteractive) context = gvir_sandbox_context_interactive_new(connection, config);
    gboolean done;

    gvir_sandbox_config_interactive_set_command(config, command);
    if (!gvir_sandbox_context_start(GVIR_SANDBOX_CONTEXT(context), error))
        return FALSE;
    done = wait_for_program(context, file, status, error);
    return gvir_sandbox_context_stop(GVIR_SANDBOX_CONTEXT(context), done ? error : NULL) && done;
}

static void
show(FILE *file, int status)
{
    char line[256];

    rewind(file);
    while (fgets(line, sizeof(line), file))
        printf("it wrote: %s", line);
    printf("status %d\n", WEXITSTATUS(status));
}

int
main(int argc, char **argv)
{
    gchar *command[] = { "sh", "-c", "echo hello from $(uname -s); exit 3", NULL };
    GVirConnection *connection = NULL;
    g_autoptr(GError) error = NULL;
    FILE *file = tmpfile();
    int result = EXIT_FAILURE;
    int status = 0;

    /* A driver in our own process writes its log where the program's errors go, unless told. */
    g_setenv("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null", FALSE);
    if (file && gvir_sandbox_init_check(NULL, NULL, &error))
        connection = gvir_sandbox_connection_open(argc > 1 ? argv[1] : NULL, &error);
    if (connection && run_program(connection, command, file, &status, &error)) {
        show(file, status);
        result = EXIT_SUCCESS;
    } else {
        fprintf(stderr, "output: %s\n", error ? error->message : "no temporary file");
    }

    g_clear_object(&connection);
    if (file)
        fclose(file);
    return result;
}
