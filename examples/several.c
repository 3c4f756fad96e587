/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * several [URI]
 *
 * Runs several sandboxes at once, in one main loop, and shows what each wrote.
 *
 *   cc several.c $(pkg-config --cflags --libs libvirt-sandbox-1.0) -o several
 */

#include <libvirt-sandbox/libvirt-sandbox.h>

#include <stdio.h>
#include <stdlib.h>

#define N_JOBS 3

static GMainLoop *loop;
static guint running = N_JOBS;

typedef struct {
    GVirSandboxContextInteractive *context;
    GVirSandboxConsole *console;
    GOutputStream *output;
    FILE *file;
    GError *error;
} Job;

static void
stopped(GObject *source, GAsyncResult *result, gpointer data)
{
    Job *job = data;

    gvir_sandbox_context_stop_finish(GVIR_SANDBOX_CONTEXT(source), result, job->error ? NULL : &job->error);
    if (--running == 0)
        g_main_loop_quit(loop);
}

static void
stop(Job *job)
{
    gvir_sandbox_context_stop_async(GVIR_SANDBOX_CONTEXT(job->context), NULL, stopped, job);
}

static void
failed(GVirSandboxConsole *console, GError *error, Job *job)
{
    if (!job->error)
        job->error = g_error_copy(error);
}

static void
closed(GVirSandboxConsole *console, gboolean early, Job *job)
{
    stop(job);
}

static void
started(GObject *source, GAsyncResult *result, gpointer data)
{
    Job *job = data;

    if (gvir_sandbox_context_start_finish(GVIR_SANDBOX_CONTEXT(source), result, &job->error))
        job->console = gvir_sandbox_context_interactive_get_app_console(job->context, &job->error);
    if (job->console) {
        g_signal_connect(job->console, "failed", G_CALLBACK(failed), job);
        g_signal_connect(job->console, "closed", G_CALLBACK(closed), job);
        gvir_sandbox_console_attach(job->console, NULL, G_UNIX_OUTPUT_STREAM(job->output), NULL, &job->error);
    }
    if (job->error)
        stop(job);
}

/* Waits in another thread, so that all start at the same time. */
static void
start(Job *job, GVirConnection *connection, guint number)
{
    g_autofree gchar *script = g_strdup_printf("echo number %u", number);
    gchar *command[] = { "sh", "-c", script, NULL };
    g_autoptr(GVirSandboxConfigInteractive) config = gvir_sandbox_config_interactive_new(NULL);

    gvir_sandbox_config_interactive_set_command(config, command);
    job->file = tmpfile();
    if (!job->file)
        g_error("no temporary file");
    job->output = g_unix_output_stream_new(fileno(job->file), FALSE);
    job->context = gvir_sandbox_context_interactive_new(connection, config);
    gvir_sandbox_context_start_async(GVIR_SANDBOX_CONTEXT(job->context), NULL, started, job);
}

static void
show(Job *job)
{
    char line[256];

    if (job->error)
        printf("%s\n", job->error->message);
    rewind(job->file);
    while (fgets(line, sizeof(line), job->file))
        fputs(line, stdout);
}

static void
clear(Job *job)
{
    g_clear_object(&job->console);
    g_clear_object(&job->context);
    g_clear_object(&job->output);
    fclose(job->file);
    g_clear_error(&job->error);
}

int
main(int argc, char **argv)
{
    GVirConnection *connection = NULL;
    g_autoptr(GError) error = NULL;
    Job jobs[N_JOBS] = { 0 };

    if (gvir_sandbox_init_check(NULL, NULL, &error))
        connection = gvir_sandbox_connection_open(argc > 1 ? argv[1] : NULL, &error);
    if (!connection) {
        fprintf(stderr, "several: %s\n", error->message);
        return EXIT_FAILURE;
    }

    loop = g_main_loop_new(NULL, FALSE);
    for (guint i = 0; i < N_JOBS; i++)
        start(&jobs[i], connection, i + 1);
    g_main_loop_run(loop);
    for (guint i = 0; i < N_JOBS; i++) {
        show(&jobs[i]);
        clear(&jobs[i]);
    }
    g_main_loop_unref(loop);
    g_object_unref(connection);
    return EXIT_SUCCESS;
}
