/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "support.h"

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

gboolean
support_is_container(void)
{
    return g_strcmp0(g_getenv("DRIVER"), "lxc") == 0;
}

GVirConnection *
support_connection(void)
{
    static GVirConnection *connection;
    g_autoptr(GError) error = NULL;

    if (!connection)
        connection = gvir_sandbox_connection_open(support_is_container() ? "lxc:///" : NULL, &error);
    g_assert_no_error(error);
    return connection;
}

GVirSandboxContext *
support_context(const gchar *name, const gchar *script)
{
    g_autoptr(GVirSandboxConfigInteractive) config = gvir_sandbox_config_interactive_new(name);
    gchar *command[] = { (gchar *)"/bin/sh", (gchar *)"-c", (gchar *)script, NULL };

    gvir_sandbox_config_interactive_set_command(config, command);
    return GVIR_SANDBOX_CONTEXT(gvir_sandbox_context_interactive_new(support_connection(), config));
}

static gboolean
set_flag(gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
    return G_SOURCE_REMOVE;
}

void
support_run_until(GMainContext *main_context, SupportCondition done, gpointer user_data)
{
    g_autoptr(GSource) timeout = g_timeout_source_new_seconds(LIMIT_SECONDS);
    gboolean timed_out = FALSE;

    g_source_set_callback(timeout, set_flag, &timed_out, NULL);
    g_source_attach(timeout, main_context);
    while (!done(user_data) && !timed_out)
        g_main_context_iteration(main_context, TRUE);
    g_source_destroy(timeout);
    g_assert_true(done(user_data));
}

static void
exited(GVirSandboxConsole *console G_GNUC_UNUSED, gint status, gpointer user_data)
{
    Program *program = user_data;

    g_assert_cmpint(program->closes, ==, 0);
    program->exits++;
    program->status = status;
}

static void
failed(GVirSandboxConsole *console G_GNUC_UNUSED, const GError *error, gpointer user_data)
{
    Program *program = user_data;

    g_clear_error(&program->failure);
    program->failure = g_error_copy(error);
}

static void
closed(GVirSandboxConsole *console G_GNUC_UNUSED, gboolean early, gpointer user_data)
{
    Program *program = user_data;

    program->closes++;
    program->closed_early = early;
    g_clear_object(&program->input);
}

/* The console uses the descriptors only, so that these may go as soon as it is closed. */
static void
attach(Program *program)
{
    int in[2], out[2], err[2];
    g_autoptr(GInputStream) local_in = NULL;
    g_autoptr(GOutputStream) local_out = NULL;
    g_autoptr(GOutputStream) local_err = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_true(g_unix_open_pipe(in, FD_CLOEXEC, NULL) && g_unix_open_pipe(out, FD_CLOEXEC, NULL) &&
                  g_unix_open_pipe(err, FD_CLOEXEC, NULL));
    local_in = g_unix_input_stream_new(in[0], TRUE);
    local_out = g_unix_output_stream_new(out[1], TRUE);
    local_err = g_unix_output_stream_new(err[1], TRUE);
    program->input = g_unix_output_stream_new(in[1], TRUE);
    program->output = g_unix_input_stream_new(out[0], TRUE);
    program->errors = g_unix_input_stream_new(err[0], TRUE);
    g_object_set_data_full(G_OBJECT(program->console), "in", g_steal_pointer(&local_in), g_object_unref);
    g_object_set_data_full(G_OBJECT(program->console), "out", g_object_ref(local_out), g_object_unref);
    g_object_set_data_full(G_OBJECT(program->console), "err", g_object_ref(local_err), g_object_unref);
    gvir_sandbox_console_attach(program->console, g_object_get_data(G_OBJECT(program->console), "in"),
                                G_UNIX_OUTPUT_STREAM(local_out), G_UNIX_OUTPUT_STREAM(local_err), &error);
    g_assert_no_error(error);
}

static Program *
program_new_in(GVirSandboxContext *context, GMainContext *main_context)
{
    Program *program = g_new0(Program, 1);
    g_autoptr(GError) error = NULL;

    program->main_context = main_context;
    program->context = g_object_ref(context);
    gvir_sandbox_context_start(context, &error);
    g_assert_no_error(error);
    program->console =
        gvir_sandbox_context_interactive_get_app_console(GVIR_SANDBOX_CONTEXT_INTERACTIVE(context), &error);
    g_assert_no_error(error);
    g_signal_connect(program->console, "exited", G_CALLBACK(exited), program);
    g_signal_connect(program->console, "failed", G_CALLBACK(failed), program);
    g_signal_connect(program->console, "closed", G_CALLBACK(closed), program);

    g_main_context_push_thread_default(program->main_context);
    attach(program);
    g_main_context_pop_thread_default(program->main_context);
    return program;
}

Program *
program_new(GVirSandboxContext *context)
{
    return program_new_in(context, g_main_context_new());
}

Program *
program_new_in_default(GVirSandboxContext *context)
{
    return program_new_in(context, g_main_context_ref(g_main_context_default()));
}

static gboolean
has_output(gpointer user_data)
{
    return g_pollable_input_stream_is_readable(G_POLLABLE_INPUT_STREAM(((Program *)user_data)->output));
}

void
program_await_output(Program *program)
{
    support_run_until(program->main_context, has_output, program);
}

static gboolean
is_closed(gpointer user_data)
{
    return ((Program *)user_data)->closes > 0;
}

void
program_finish(Program *program)
{
    support_run_until(program->main_context, is_closed, program);
    g_assert_cmpint(program->closes, ==, 1);
    /* The ends that the console had; ours then see the end of the streams. */
    g_object_set_data(G_OBJECT(program->console), "in", NULL);
    g_object_set_data(G_OBJECT(program->console), "out", NULL);
    g_object_set_data(G_OBJECT(program->console), "err", NULL);
}

/* Of a program that has ended, whose output fits into a pipe. */
gchar *
program_read_all(Program *program G_GNUC_UNUSED, GInputStream *stream)
{
    gchar buffer[65536];
    gsize length;

    g_assert_true(g_input_stream_read_all(stream, buffer, sizeof(buffer), &length, NULL, NULL));
    return g_strndup(buffer, length);
}

void
program_write(Program *program, const gchar *text)
{
    g_assert_true(g_output_stream_write_all(program->input, text, strlen(text), NULL, NULL, NULL));
}

void
program_free(Program *program)
{
    g_signal_handlers_disconnect_by_data(program->console, program);
    g_clear_object(&program->input);
    g_clear_object(&program->output);
    g_clear_object(&program->errors);
    g_clear_object(&program->console);
    g_clear_object(&program->context);
    g_clear_error(&program->failure);
    g_main_context_unref(program->main_context);
    g_free(program);
}

gboolean
support_is_in_a_command_line(const gchar *name)
{
    g_autoptr(GDir) processes = g_dir_open("/proc", 0, NULL);
    const gchar *pid;

    while ((pid = g_dir_read_name(processes))) {
        g_autofree gchar *path = g_build_filename("/proc", pid, "cmdline", NULL);
        g_autofree gchar *text = NULL;
        gsize length;

        if (g_ascii_isdigit(*pid) && g_file_get_contents(path, &text, &length, NULL) &&
            memmem(text, length, name, strlen(name)))
            return TRUE;
    }
    return FALSE;
}

static gboolean
has_domain(const gchar *name)
{
    g_autoptr(GError) error = NULL;
    GVirDomain *domain;

    gvir_connection_fetch_domains(support_connection(), NULL, &error);
    g_assert_no_error(error);
    domain = gvir_connection_find_domain_by_name(support_connection(), name);
    if (!domain)
        return FALSE;
    g_object_unref(domain);
    return TRUE;
}

gboolean
support_is_left(const gchar *name)
{
    g_autofree gchar *directory = g_build_filename("/run/libvirt-sandbox", name, NULL);

    return has_domain(name) || support_is_in_a_command_line(name) || g_file_test(directory, G_FILE_TEST_EXISTS);
}

guint
support_count_descriptors(void)
{
    g_autoptr(GDir) directory = g_dir_open("/proc/self/fd", 0, NULL);
    guint count = 0;

    while (g_dir_read_name(directory))
        count++;
    return count;
}
