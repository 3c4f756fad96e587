/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "support.h"
#include "tests.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static GVirSandboxConfigInteractive *
make_config(const gchar *name, const gchar *script)
{
    GVirSandboxConfigInteractive *config = gvir_sandbox_config_interactive_new(name);
    const gchar *command[] = { "sh", "-c", script, NULL };

    gvir_sandbox_config_interactive_set_command(config, (gchar **)command);
    return config;
}

static void
assert_text(GBytes *bytes, const gchar *text)
{
    g_autoptr(GBytes) expected = g_bytes_new_static(text, strlen(text));

    g_assert_true(g_bytes_equal(bytes, expected));
}

static void
test_bytes(void)
{
    g_autoptr(GVirSandboxConfigInteractive) config = make_config(NULL, "cat; echo err >&2; exit 3");
    gsize length = 3 * 1024 * 1024 + 1;
    guint8 *data = g_malloc(length);
    g_autoptr(GBytes) input = NULL;
    g_autoptr(GBytes) output = NULL;
    g_autoptr(GBytes) errors = NULL;
    g_autoptr(GError) error = NULL;
    gint wait_status = -1;

    for (gsize i = 0; i < length; i++)
        data[i] = (guint8)(i * 2654435761u >> 13);
    input = g_bytes_new_take(data, length);
    g_assert_true(gvir_sandbox_run(config, support_connection(), input, NULL, &output, &errors, &wait_status, &error));
    g_assert_no_error(error);
    g_assert_true(g_bytes_equal(input, output));
    assert_text(errors, "err\n");
    g_assert_cmpint(WEXITSTATUS(wait_status), ==, 3);
}

/* What is not wanted is left out, and no input is an empty one. */
static void
test_nothing(void)
{
    g_autoptr(GVirSandboxConfigInteractive) config = make_config(NULL, "cat; kill -9 $$");
    g_autoptr(GBytes) output = NULL;
    g_autoptr(GError) error = NULL;
    gint wait_status = -1;

    g_assert_true(gvir_sandbox_run(config, support_connection(), NULL, NULL, &output, NULL, &wait_status, &error));
    g_assert_no_error(error);
    assert_text(output, "");
    g_assert_true(WIFSIGNALED(wait_status));
    g_assert_cmpint(WTERMSIG(wait_status), ==, 9);
}

static void
test_missing(void)
{
    g_autoptr(GVirSandboxConfigInteractive) config = gvir_sandbox_config_interactive_new(NULL);
    gchar *command[] = { (gchar *)"/nonexistent", NULL };
    GBytes *output = NULL;
    g_autoptr(GError) error = NULL;

    gvir_sandbox_config_interactive_set_command(config, command);
    g_assert_false(gvir_sandbox_run(config, support_connection(), NULL, NULL, &output, NULL, NULL, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND);
    g_assert_null(output);
}

static gchar *
unused_name(void)
{
    static guint count;

    return g_strdup_printf("run-%d-%u", (int)getpid(), count++);
}

static void
test_timeout(void)
{
    g_autofree gchar *name = unused_name();
    g_autoptr(GVirSandboxConfigInteractive) config = make_config(name, "trap '' TERM; sleep 1000");
    g_autoptr(GError) error = NULL;

    gvir_sandbox_config_set_timeout(GVIR_SANDBOX_CONFIG(config), 3000);
    g_assert_false(gvir_sandbox_run(config, support_connection(), NULL, NULL, NULL, NULL, NULL, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_TIMED_OUT);
    g_assert_false(support_is_left(name));
}

/* -- Cancelling -- */

typedef struct {
    GCancellable *cancellable;
    const gchar *path; /* cancels when it is there; NULL for soon */
} Canceller;

static gpointer
cancel_later(gpointer data)
{
    Canceller *canceller = data;

    for (guint i = 0; canceller->path && i < LIMIT_SECONDS * 20; i++) {
        if (g_file_test(canceller->path, G_FILE_TEST_EXISTS))
            break;
        g_usleep(G_USEC_PER_SEC / 20);
    }
    g_usleep(G_USEC_PER_SEC / 20);
    g_cancellable_cancel(canceller->cancellable);
    return NULL;
}

/* Cancels the run of a program that makes @path, at once or when that is there, and looks for what is left of it. */
static void
run_and_cancel(GVirSandboxConfigInteractive *config, const gchar *path)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    Canceller canceller = { .cancellable = cancellable, .path = path };
    GThread *thread = g_thread_new("cancel", cancel_later, &canceller);
    g_autoptr(GError) error = NULL;

    g_assert_false(gvir_sandbox_run(config, support_connection(), NULL, cancellable, NULL, NULL, NULL, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_false(support_is_left(gvir_sandbox_config_get_name(GVIR_SANDBOX_CONFIG(config))));
    g_thread_join(thread);
}

static void
test_cancelled(void)
{
    g_autofree gchar *name = unused_name();
    g_autofree gchar *directory = g_dir_make_tmp("test-run-XXXXXX", NULL);
    g_autofree gchar *path = g_build_filename(directory, "runs", NULL);
    g_autoptr(GVirSandboxConfigInteractive) config = make_config(name, "touch /mnt/runs; sleep 1000");
    g_autoptr(GVirSandboxConfigMountHostBind) mount = gvir_sandbox_config_mount_host_bind_new(directory, "/mnt");

    g_assert_cmpint(g_chmod(directory, 0777), ==, 0);
    gvir_sandbox_config_add_mount(GVIR_SANDBOX_CONFIG(config), GVIR_SANDBOX_CONFIG_MOUNT(mount));
    run_and_cancel(config, NULL);
    run_and_cancel(config, path);
    g_assert_cmpint(g_remove(path), ==, 0);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
}

static void
test_cancelled_before(void)
{
    g_autoptr(GVirSandboxConfigInteractive) config = make_config(NULL, "sleep 1000");
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;

    g_cancellable_cancel(cancellable);
    g_assert_false(gvir_sandbox_run(config, NULL, NULL, cancellable, NULL, NULL, NULL, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* -- Several at once -- */

#define N_RUNS 3

static guint ended;

static void
on_ended(GObject *config G_GNUC_UNUSED, GAsyncResult *result, gpointer number)
{
    g_autofree gchar *expected = g_strdup_printf("number %d\n", GPOINTER_TO_INT(number));
    g_autoptr(GBytes) output = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_true(gvir_sandbox_run_finish(result, &output, NULL, NULL, &error));
    g_assert_no_error(error);
    assert_text(output, expected);
    ended++;
}

static gboolean
all_have_ended(gpointer user_data G_GNUC_UNUSED)
{
    return ended == N_RUNS;
}

static void
test_several(void)
{
    for (int i = 0; i < N_RUNS; i++) {
        g_autofree gchar *script = g_strdup_printf("echo number %d", i);
        g_autoptr(GVirSandboxConfigInteractive) config = make_config(NULL, script);

        gvir_sandbox_run_async(config, support_connection(), NULL, NULL, on_ended, GINT_TO_POINTER(i));
    }
    support_run_until(NULL, all_have_ended, NULL);
}

/* The default driver is in this process, and its connection ends with the run. */
static void
test_no_connection(void)
{
    g_autoptr(GVirSandboxConfigInteractive) config = make_config(NULL, "echo here");
    g_autoptr(GBytes) output = NULL;
    g_autoptr(GError) error = NULL;

    if (support_is_container()) {
        g_test_skip("the default driver makes machines");
        return;
    }
    g_assert_true(gvir_sandbox_run(config, NULL, NULL, NULL, &output, NULL, NULL, &error));
    g_assert_no_error(error);
    assert_text(output, "here\n");
}

void
test_run_add(void)
{
    g_test_add_func("/run/bytes", test_bytes);
    g_test_add_func("/run/nothing", test_nothing);
    g_test_add_func("/run/missing", test_missing);
    g_test_add_func("/run/timeout", test_timeout);
    g_test_add_func("/run/cancelled", test_cancelled);
    g_test_add_func("/run/cancelled-before", test_cancelled_before);
    g_test_add_func("/run/several", test_several);
    g_test_add_func("/run/no-connection", test_no_connection);
}
