/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "support.h"
#include "tests.h"

#include <sys/wait.h>

static void
test_three_streams(void)
{
    g_autoptr(GVirSandboxContext) context = support_context(NULL, "echo err >&2; cat; echo end; exit 3");
    g_autoptr(Program) program = program_new(context);
    g_autofree gchar *output = NULL;
    g_autofree gchar *errors = NULL;

    program_write(program, "one\ntwo\n");
    /* The end of the input reaches the program. */
    g_clear_object(&program->input);
    program_finish(program);
    output = program_read_all(program, program->output);
    errors = program_read_all(program, program->errors);
    g_assert_cmpstr(output, ==, "one\ntwo\nend\n");
    g_assert_cmpstr(errors, ==, "err\n");
    g_assert_cmpint(WEXITSTATUS(program->status), ==, 3);
    gvir_sandbox_context_stop(context, NULL);
}

static void
test_missing_program(void)
{
    g_autoptr(GVirSandboxConfigInteractive) config = gvir_sandbox_config_interactive_new(NULL);
    g_autoptr(GVirSandboxContext) context = NULL;
    g_autoptr(Program) program = NULL;
    gchar *command[] = { (gchar *)"/nonexistent", NULL };

    gvir_sandbox_config_interactive_set_command(config, command);
    context = GVIR_SANDBOX_CONTEXT(gvir_sandbox_context_interactive_new(support_connection(), config));
    program = program_new(context);
    program_finish(program);
    g_assert_cmpint(WEXITSTATUS(program->status), ==, 127);
    g_assert_error(program->failure, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND);
    gvir_sandbox_context_stop(context, NULL);
}

static gboolean
is_set(gpointer user_data)
{
    return *(int *)user_data > 0;
}

static void
count(GVirSandboxConsole *console G_GNUC_UNUSED, gint value G_GNUC_UNUSED, gpointer user_data)
{
    ++*(int *)user_data;
}

/* With nobody to read or write, and with errors only: the program runs all the same. */
static void
test_isolate(gconstpointer data)
{
    gboolean with_stderr = GPOINTER_TO_INT(data);
    g_autoptr(GVirSandboxContext) context =
        support_context(NULL, with_stderr ? "cat; echo '# shown'" : "cat; seq 100000");
    g_autoptr(GVirSandboxConsole) console = NULL;
    g_autoptr(GError) error = NULL;
    int exits = 0, closes = 0;

    g_assert_true(gvir_sandbox_context_start(context, &error));
    g_assert_no_error(error);
    console = gvir_sandbox_context_interactive_get_app_console(GVIR_SANDBOX_CONTEXT_INTERACTIVE(context), &error);
    g_assert_no_error(error);
    g_signal_connect(console, "exited", G_CALLBACK(count), &exits);
    g_signal_connect(console, "closed", G_CALLBACK(count), &closes);
    g_assert_false(gvir_sandbox_console_detach(console, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
    g_clear_error(&error);
    g_assert_true(with_stderr ? gvir_sandbox_console_attach_stderr(console, &error)
                              : gvir_sandbox_console_isolate(console, &error));
    g_assert_no_error(error);
    g_assert_false(gvir_sandbox_console_isolate(console, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
    g_clear_error(&error);
    support_run_until(NULL, is_set, &closes);
    g_assert_cmpint(exits, ==, 1);
    g_assert_false(gvir_sandbox_console_isolate(console, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
    gvir_sandbox_context_stop(context, NULL);
}

/* Detached, the program runs on; attached to other streams, it goes on where it was. */
static void
test_detach(void)
{
    g_autoptr(GVirSandboxContext) context = support_context(NULL, "read -r a; read -r b; echo \"$a $b\"; exit 5");
    g_autoptr(Program) program = program_new(context);
    g_autofree gchar *output = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_true(gvir_sandbox_console_detach(program->console, &error));
    g_assert_no_error(error);
    g_assert_cmpint(program->closes, ==, 0);
    program_write(program, "first\nsecond\n");
    g_main_context_push_thread_default(program->main_context);
    g_assert_true(gvir_sandbox_console_attach(program->console, g_object_get_data(G_OBJECT(program->console), "in"),
                                              g_object_get_data(G_OBJECT(program->console), "out"),
                                              g_object_get_data(G_OBJECT(program->console), "err"), &error));
    g_main_context_pop_thread_default(program->main_context);
    g_assert_no_error(error);
    program_finish(program);
    output = program_read_all(program, program->output);
    g_assert_cmpstr(output, ==, "first second\n");
    g_assert_cmpint(WEXITSTATUS(program->status), ==, 5);
    gvir_sandbox_context_stop(context, NULL);
}

void
test_streams_add(void)
{
    g_test_add_func("/streams/three", test_three_streams);
    g_test_add_func("/streams/missing-program", test_missing_program);
    g_test_add_data_func("/streams/isolate", GINT_TO_POINTER(FALSE), test_isolate);
    g_test_add_data_func("/streams/attach-stderr", GINT_TO_POINTER(TRUE), test_isolate);
    g_test_add_func("/streams/detach", test_detach);
}
