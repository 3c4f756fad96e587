/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "support.h"
#include "tests.h"

#include <glib/gstdio.h>
#include <libvirt/libvirt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENDLESS "echo up; while :; do sleep 0.2; done"

static void
stop(GVirSandboxContext *context)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(gvir_sandbox_context_is_attached(context));
    gvir_sandbox_context_stop(context, &error);
    g_assert_no_error(error);
    g_assert_false(gvir_sandbox_context_is_attached(context));
}

/* The same sandbox again and again: its name, directory, domain, and every descriptor are free again. */
static void
test_nothing_left(void)
{
    guint before = 0;

    for (guint round = 0; round < 3; round++) {
        g_autoptr(GVirSandboxContext) context = support_context("api-life", "exit 7");
        g_autoptr(Program) program = program_new(context);

        program_finish(program);
        g_assert_no_error(program->failure);
        g_assert_cmpint(program->exits, ==, 1);
        g_assert_true(WIFEXITED(program->status));
        g_assert_cmpint(WEXITSTATUS(program->status), ==, 7);
        g_assert_false(program->closed_early);
        stop(context);
        g_assert_false(support_is_left("api-life"));
        g_clear_pointer(&program, program_free);
        g_clear_object(&context);
        /* What libvirt keeps open for itself is there after the first time. */
        if (round == 0)
            before = support_count_descriptors();
        else
            g_assert_cmpint(support_count_descriptors(), ==, before);
    }
}

static void
test_state_errors(void)
{
    g_autoptr(GVirSandboxContext) context = support_context("api-twice", ENDLESS);
    g_autoptr(GVirSandboxContext) namesake = support_context("api-twice", "true");
    g_autoptr(GError) error = NULL;

    g_assert_false(gvir_sandbox_context_stop(context, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
    g_clear_error(&error);
    g_assert_null(gvir_sandbox_context_get_domain(context, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
    g_clear_error(&error);
    g_assert_null(gvir_sandbox_context_get_log_console(context, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
    g_clear_error(&error);
    g_assert_false(gvir_sandbox_context_attach(context, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND);
    g_clear_error(&error);

    g_assert_true(gvir_sandbox_context_start(context, &error));
    g_assert_no_error(error);
    g_assert_false(gvir_sandbox_context_start(context, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
    g_clear_error(&error);
    g_assert_false(gvir_sandbox_context_start(namesake, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_BUSY);
    g_clear_error(&error);
    g_assert_null(gvir_sandbox_context_get_shell_console(context, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
    g_clear_error(&error);

    stop(context);
    g_assert_false(gvir_sandbox_context_stop(context, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
    /* A caller that wants no reasons. */
    g_assert_false(gvir_sandbox_context_stop(context, NULL));
    g_assert_false(support_is_left("api-twice"));
}

static gboolean refuses_to_destroy;

/* In the place of libvirt's own. */
int
virDomainDestroy(virDomainPtr domain)
{
    return virDomainDestroyFlags(domain, refuses_to_destroy ? G_MAXUINT : 0);
}

/* Why it is not ended is said, and it can be tried again. */
static void
test_refused_stop(void)
{
    g_autoptr(GVirSandboxContext) context = support_context("api-refused", ENDLESS);
    g_autoptr(GError) error = NULL;

    g_assert_true(gvir_sandbox_context_start(context, &error));
    g_assert_no_error(error);
    refuses_to_destroy = TRUE;
    g_assert_false(gvir_sandbox_context_stop(context, &error));
    refuses_to_destroy = FALSE;
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_FAILED);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, "cannot end the sandbox: unsupported flags"));
    stop(context);
    g_assert_false(support_is_left("api-refused"));
}

static void
remove_source(GVirSandboxContext *context G_GNUC_UNUSED, gpointer source)
{
    g_assert_cmpint(g_rmdir(source), ==, 0);
}

/* A container's directories are looked up by libvirt; those of a machine are held since they were checked. */
static gboolean
sources_are_held(void)
{
    return !g_str_equal(g_getenv("DRIVER"), "lxc");
}

/* What was there when all was checked, and is gone when the sandbox is made. */
static void
test_vanished_source(void)
{
    g_autoptr(GVirSandboxContext) context = support_context("api-vanished", "true");
    g_autoptr(GVirSandboxConfig) config = gvir_sandbox_context_get_config(context);
    g_autofree gchar *source = g_dir_make_tmp("vanishing-XXXXXX", NULL);
    g_autoptr(GVirSandboxConfigMount) mount =
        GVIR_SANDBOX_CONFIG_MOUNT(gvir_sandbox_config_mount_host_bind_new(source, "/mnt"));
    g_autoptr(GError) error = NULL;

    gvir_sandbox_config_add_mount(config, mount);
    g_assert_cmpint(g_chmod(source, 0777), ==, 0);
    g_signal_connect(context, "creating", G_CALLBACK(remove_source), source);
    if (sources_are_held()) {
        g_assert_true(gvir_sandbox_context_start(context, &error));
        g_assert_no_error(error);
        stop(context);
    } else {
        g_assert_false(gvir_sandbox_context_start(context, &error));
        g_assert_nonnull(error);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, source));
    }
    g_assert_false(g_file_test(source, G_FILE_TEST_EXISTS));
    g_assert_false(support_is_left("api-vanished"));
}

static void
test_unref_running(void)
{
    GVirSandboxContext *context = support_context("api-unref", ENDLESS);
    g_autoptr(GError) error = NULL;
    guint before = support_count_descriptors();

    g_assert_true(gvir_sandbox_context_start(context, &error));
    g_assert_no_error(error);
    g_object_unref(context);
    g_assert_false(support_is_left("api-unref"));
    g_assert_cmpint(support_count_descriptors(), ==, before);
}

static gpointer
stop_in_thread(gpointer context)
{
    GError *error = NULL;

    gvir_sandbox_context_stop(context, &error);
    return error;
}

/* Two threads at once: one of them ends it, and the console is told, as of no failure. */
static void
test_stop_from_threads(void)
{
    g_autoptr(GVirSandboxContext) context = support_context("api-thread", ENDLESS);
    g_autoptr(Program) program = program_new(context);
    GThread *threads[2];
    guint errors = 0;

    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("stop", stop_in_thread, context);
    program_finish(program);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_autoptr(GError) error = g_thread_join(threads[i]);

        if (error)
            g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
        errors += error != NULL;
    }
    g_assert_cmpint(errors, ==, 1);
    g_assert_false(program->closed_early);
    g_assert_no_error(program->failure);
    g_assert_false(support_is_left("api-thread"));
}

static gpointer
start_in_thread(gpointer context)
{
    GError *error = NULL;

    gvir_sandbox_context_start(context, &error);
    return error;
}

/* Who stops while it is starting waits for the start, and ends it then. */
static void
test_stop_while_starting(void)
{
    g_autoptr(GVirSandboxContext) context = support_context("api-starting", ENDLESS);
    GThread *thread = g_thread_new("start", start_in_thread, context);
    g_autoptr(GError) start_error = NULL;
    g_autoptr(GError) error = NULL;

    while (!support_is_left("api-starting"))
        g_usleep(1000);
    gvir_sandbox_context_stop(context, &error);
    g_assert_no_error(error);
    start_error = g_thread_join(thread);
    g_assert_no_error(start_error);
    g_assert_false(gvir_sandbox_context_is_attached(context));
    g_assert_false(support_is_left("api-starting"));
}

static void
take_result(GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user_data)
{
    *(GAsyncResult **)user_data = g_object_ref(result);
}

static gboolean
has_result(gpointer user_data)
{
    return *(GAsyncResult **)user_data != NULL;
}

static void
test_async(void)
{
    g_autoptr(GVirSandboxContext) context = support_context("api-async", ENDLESS);
    g_autoptr(GMainContext) main_context = g_main_context_new();
    g_autoptr(GAsyncResult) started = NULL;
    g_autoptr(GAsyncResult) stopped = NULL;
    g_autoptr(GError) error = NULL;

    g_main_context_push_thread_default(main_context);
    gvir_sandbox_context_start_async(context, NULL, take_result, &started);
    g_assert_null(started);
    support_run_until(main_context, has_result, &started);
    g_assert_true(gvir_sandbox_context_start_finish(context, started, &error));
    g_assert_no_error(error);
    g_assert_true(gvir_sandbox_context_is_attached(context));
    gvir_sandbox_context_stop_async(context, NULL, take_result, &stopped);
    support_run_until(main_context, has_result, &stopped);
    g_assert_true(gvir_sandbox_context_stop_finish(context, stopped, &error));
    g_assert_no_error(error);
    g_main_context_pop_thread_default(main_context);
    g_assert_false(support_is_left("api-async"));
}

/* A start that was cancelled has not happened, whenever that came. */
static void
test_cancelled(gconstpointer data)
{
    g_autoptr(GVirSandboxContext) context = support_context("api-cancelled", ENDLESS);
    g_autoptr(GMainContext) main_context = g_main_context_new();
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GAsyncResult) started = NULL;
    g_autoptr(GError) error = NULL;
    gboolean at_once = GPOINTER_TO_INT(data);

    g_main_context_push_thread_default(main_context);
    if (at_once)
        g_cancellable_cancel(cancellable);
    gvir_sandbox_context_start_async(context, cancellable, take_result, &started);
    while (!at_once && !support_is_left("api-cancelled"))
        g_usleep(1000);
    g_cancellable_cancel(cancellable);
    support_run_until(main_context, has_result, &started);
    g_assert_false(gvir_sandbox_context_start_finish(context, started, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_main_context_pop_thread_default(main_context);
    /* What was begun is undone meanwhile, and this waits for it. */
    g_clear_error(&error);
    g_assert_false(gvir_sandbox_context_stop(context, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
    g_assert_false(gvir_sandbox_context_is_attached(context));
    g_assert_false(support_is_left("api-cancelled"));
}

/* Each in its own context, all with one connection. */
static void
test_several(void)
{
    enum { COUNT = 3 };
    Program *programs[COUNT];

    for (guint i = 0; i < COUNT; i++) {
        g_autofree gchar *script = g_strdup_printf("read -r line; echo \"%u $line\"; exit %u", i, 30 + i);
        g_autoptr(GVirSandboxContext) context = support_context(NULL, script);

        programs[i] = program_new(context);
    }
    for (guint i = COUNT; i-- > 0;) {
        g_autofree gchar *expected = g_strdup_printf("%u hello\n", i);
        g_autofree gchar *output = NULL;

        program_write(programs[i], "hello\n");
        program_finish(programs[i]);
        output = program_read_all(programs[i], programs[i]->output);
        g_assert_cmpstr(output, ==, expected);
        g_assert_cmpint(WEXITSTATUS(programs[i]->status), ==, 30 + i);
        stop(programs[i]->context);
        program_free(programs[i]);
    }
}

static void
note_thread(gpointer data, GObject *console G_GNUC_UNUSED)
{
    *(GThread **)data = g_thread_self();
}

static gboolean
is_set(gpointer user_data)
{
    return *(gpointer *)user_data != NULL;
}

/* A console works in its main context, which must not be taken from under it by the thread that stops. */
static void
test_console_thread(void)
{
    g_autoptr(GVirSandboxContext) context = support_context("api-thread", "echo up; exec sleep 1000");
    Program *program = program_new(context);
    GMainContext *main_context = g_main_context_ref(program->main_context);
    g_autoptr(GAsyncResult) stopped = NULL;
    g_autoptr(GError) error = NULL;
    GThread *finalized_in = NULL;

    program_await_output(program);
    g_object_weak_ref(G_OBJECT(program->console), note_thread, &finalized_in);
    program_free(program);
    g_assert_null(finalized_in);
    g_main_context_acquire(main_context);
    g_main_context_push_thread_default(main_context);
    gvir_sandbox_context_stop_async(context, NULL, take_result, &stopped);
    /* Whoever asks for it meanwhile gets it or not. */
    for (guint i = 0; !finalized_in && i < 1000000; i++) {
        GVirSandboxConsole *console =
            gvir_sandbox_context_interactive_get_app_console(GVIR_SANDBOX_CONTEXT_INTERACTIVE(context), NULL);

        if (!console)
            break;
        g_object_unref(console);
    }
    support_run_until(main_context, has_result, &stopped);
    g_assert_true(gvir_sandbox_context_stop_finish(context, stopped, &error));
    g_assert_no_error(error);
    support_run_until(main_context, is_set, &finalized_in);
    g_assert_true(finalized_in == g_thread_self());
    g_main_context_pop_thread_default(main_context);
    g_main_context_release(main_context);
    g_main_context_unref(main_context);
}

static gchar *
embedded_directory(void)
{
    return g_strdup_printf("/run/libvirt-sandbox/.%x", (guint)getpid());
}

/* The driver and its guard are the parent's. */
static void
test_fork(void)
{
    g_autofree gchar *directory = embedded_directory();
    pid_t child;
    int status;

    if (support_is_container()) {
        g_test_skip("a daemon's driver is in no process of ours");
        return;
    }
    support_connection();
    g_assert_true(g_file_test(directory, G_FILE_TEST_IS_DIR));
    fflush(stdout);
    child = fork();
    if (child == 0)
        exit(0);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(g_file_test(directory, G_FILE_TEST_IS_DIR));
}

static gpointer
ask_for_capabilities(gpointer connection)
{
    virConnectPtr handle = NULL;

    g_object_get(connection, "handle", &handle, NULL);
    free(virConnectGetDomainCapabilities(handle, NULL, NULL, NULL, NULL, 0));
    return NULL;
}

/* Ends while libvirt asks a QEMU what it can do, of which it knows nothing yet. */
void
test_life_exit_while_probing(const gchar *root)
{
    g_autofree gchar *uri = g_strconcat("qemu:///embed?root=", root, NULL);
    g_autofree gchar *probes = g_strconcat(root, "/lib/qemu/qmp-", NULL);
    g_autoptr(GError) error = NULL;
    GVirConnection *connection = gvir_sandbox_connection_open(uri, &error);

    g_assert_no_error(error);
    g_thread_unref(g_thread_new("probe", ask_for_capabilities, connection));
    while (!support_is_in_a_command_line(probes))
        g_usleep(1000);
    /* By now it is a daemon. */
    g_usleep(G_USEC_PER_SEC / 4);
    exit(0);
}

static void
test_probe(void)
{
    g_autofree gchar *root = NULL;
    g_autofree gchar *self = g_file_read_link("/proc/self/exe", NULL);
    gchar *arguments[] = { self, (gchar *)"exit-while-probing", NULL, NULL };
    gchar *remove[] = { (gchar *)"rm", (gchar *)"-rf", NULL, NULL };
    g_autoptr(GError) error = NULL;

    if (support_is_container()) {
        g_test_skip("a daemon's driver is in no process of ours");
        return;
    }
    root = g_dir_make_tmp("probe-XXXXXX", &error);
    g_assert_no_error(error);
    g_chmod(root, 0711);
    arguments[2] = remove[2] = root;
    g_spawn_sync(NULL, arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, NULL, &error);
    g_assert_no_error(error);
    g_usleep(G_USEC_PER_SEC);
    g_assert_false(support_is_in_a_command_line(root));
    g_spawn_sync(NULL, remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, &error);
    g_assert_no_error(error);
}

void
test_life_add(void)
{
    g_test_add_func("/life/fork", test_fork);
    g_test_add_func("/life/exit-while-probing", test_probe);
    g_test_add_func("/life/console-thread", test_console_thread);
    g_test_add_func("/life/nothing-left", test_nothing_left);
    g_test_add_func("/life/state-errors", test_state_errors);
    g_test_add_func("/life/refused-stop", test_refused_stop);
    g_test_add_func("/life/vanished-source", test_vanished_source);
    g_test_add_func("/life/unref-running", test_unref_running);
    g_test_add_func("/life/stop-from-threads", test_stop_from_threads);
    g_test_add_func("/life/stop-while-starting", test_stop_while_starting);
    g_test_add_func("/life/async", test_async);
    g_test_add_data_func("/life/cancelled-at-once", GINT_TO_POINTER(TRUE), test_cancelled);
    g_test_add_data_func("/life/cancelled-while-starting", GINT_TO_POINTER(FALSE), test_cancelled);
    g_test_add_func("/life/several", test_several);
}
