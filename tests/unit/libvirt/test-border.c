/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/console/console-private.h"
#include "libvirt-sandbox/libvirt-sandbox.h"
#include "libvirt-sandbox/util/error-private.h"

#include <gio/gio.h>

/* Errors of others, as they come out of each kind of public function: a part of the library that fails with them is
 * put in place of the real one. */

typedef struct {
    GQuark domain;
    gint code;
    GVirSandboxError ours;
} Foreign;

static Foreign foreign;

static gboolean
fail(GError **error)
{
    g_set_error_literal(error, foreign.domain, foreign.code, "told by another");
    return FALSE;
}

/* -- A context -- */

#define TEST_TYPE_CONTEXT (test_context_get_type())
G_DECLARE_FINAL_TYPE(TestContext, test_context, TEST, CONTEXT, GVirSandboxContext)

struct _TestContext {
    GVirSandboxContext parent_instance;
};

G_DEFINE_FINAL_TYPE(TestContext, test_context, GVIR_SANDBOX_TYPE_CONTEXT)

static gboolean
fail_in_context(GVirSandboxContext *context G_GNUC_UNUSED, GError **error)
{
    return fail(error);
}

static void
test_context_class_init(TestContextClass *klass)
{
    GVirSandboxContextClass *context_class = GVIR_SANDBOX_CONTEXT_CLASS(klass);

    context_class->start = fail_in_context;
    context_class->stop = fail_in_context;
    context_class->attach = fail_in_context;
    context_class->detach = fail_in_context;
}

static void
test_context_init(TestContext *context G_GNUC_UNUSED)
{
}

/* -- A console -- */

#define TEST_TYPE_CONSOLE (test_console_get_type())
G_DECLARE_FINAL_TYPE(TestConsole, test_console, TEST, CONSOLE, GVirSandboxConsole)

struct _TestConsole {
    GVirSandboxConsole parent_instance;
};

G_DEFINE_FINAL_TYPE(TestConsole, test_console, GVIR_SANDBOX_TYPE_CONSOLE)

static gboolean
fail_to_attach(GVirSandboxConsole *console G_GNUC_UNUSED, GUnixInputStream *input G_GNUC_UNUSED,
               GUnixOutputStream *output G_GNUC_UNUSED, GUnixOutputStream *errors G_GNUC_UNUSED, GError **error)
{
    return fail(error);
}

static void
test_console_class_init(TestConsoleClass *klass)
{
    GVIR_SANDBOX_CONSOLE_CLASS(klass)->attach = fail_to_attach;
}

static void
test_console_init(TestConsole *console G_GNUC_UNUSED)
{
}

/* -- What comes out -- */

static void
check(GError *error)
{
    g_assert_error(error, GVIR_SANDBOX_ERROR, (gint)foreign.ours);
    g_assert_cmpstr(error->message, ==, "told by another");
    g_assert_null(gvir_sandbox_error_get_remedy(error));
    g_error_free(error);
}

static void
keep_result(GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user_data)
{
    *(GAsyncResult **)user_data = g_object_ref(result);
}

static GAsyncResult *
wait_for(GAsyncResult **result)
{
    while (!*result)
        g_main_context_iteration(NULL, TRUE);
    return *result;
}

static void
check_context(void)
{
    g_autoptr(GVirConnection) connection = gvir_connection_new("test:///default");
    g_autoptr(GVirSandboxConfigInteractive) config = gvir_sandbox_config_interactive_new("border");
    g_autoptr(GVirSandboxContext) context =
        g_object_new(TEST_TYPE_CONTEXT, "connection", connection, "config", config, NULL);
    g_autoptr(GAsyncResult) result = NULL;
    GError *error = NULL;

    g_assert_true(gvir_connection_open(connection, NULL, NULL));
    g_assert_false(gvir_sandbox_context_start(context, NULL));
    g_assert_false(gvir_sandbox_context_start(context, &error));
    check(g_steal_pointer(&error));
    g_assert_false(gvir_sandbox_context_stop(context, &error));
    check(g_steal_pointer(&error));
    g_assert_false(gvir_sandbox_context_attach(context, &error));
    check(g_steal_pointer(&error));
    g_assert_false(gvir_sandbox_context_detach(context, &error));
    check(g_steal_pointer(&error));

    gvir_sandbox_context_start_async(context, NULL, keep_result, &result);
    g_assert_false(gvir_sandbox_context_start_finish(context, wait_for(&result), &error));
    check(g_steal_pointer(&error));
}

static void
keep_failure(GVirSandboxConsole *console G_GNUC_UNUSED, const GError *error, gpointer user_data)
{
    *(GError **)user_data = g_error_copy(error);
}

static void
check_console(void)
{
    g_autoptr(GVirSandboxConsole) console = g_object_new(TEST_TYPE_CONSOLE, NULL);
    g_autoptr(GAsyncResult) result = NULL;
    g_autoptr(GError) told = NULL;
    GError *error = NULL;

    g_assert_false(gvir_sandbox_console_attach(console, NULL, NULL, NULL, &error));
    check(g_steal_pointer(&error));
    gvir_sandbox_console_attach_async(console, NULL, NULL, NULL, NULL, keep_result, &result);
    g_assert_false(gvir_sandbox_console_attach_finish(console, wait_for(&result), &error));
    check(g_steal_pointer(&error));

    fail(&told);
    g_signal_connect(console, "failed", G_CALLBACK(keep_failure), &error);
    gvir_sandbox_console_finish(console, told);
    check(g_steal_pointer(&error));
}

static void
test_entries(void)
{
    const Foreign all[] = {
        { G_FILE_ERROR, G_FILE_ERROR_NOENT, GVIR_SANDBOX_ERROR_NOT_FOUND },
        { G_FILE_ERROR, G_FILE_ERROR_ACCES, GVIR_SANDBOX_ERROR_DENIED },
        { G_FILE_ERROR, G_FILE_ERROR_IO, GVIR_SANDBOX_ERROR_FAILED },
        { G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, GVIR_SANDBOX_ERROR_DENIED },
        { G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, GVIR_SANDBOX_ERROR_UNSUPPORTED },
        { G_IO_ERROR, G_IO_ERROR_TIMED_OUT, GVIR_SANDBOX_ERROR_FAILED },
        { G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_PARSE, GVIR_SANDBOX_ERROR_INVALID },
        { G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT, GVIR_SANDBOX_ERROR_NOT_FOUND },
        { g_quark_from_static_string("gvir-error-quark"), 0, GVIR_SANDBOX_ERROR_FAILED },
        { GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_BUSY, GVIR_SANDBOX_ERROR_BUSY },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
        foreign = all[i];
        check_context();
        check_console();
    }
}

/* libvirt-glib has no codes: what it says last is looked up at libvirt itself. */
static void
test_libvirt(void)
{
    g_autoptr(GVirConnection) connection = gvir_connection_new("test:///default");
    g_autoptr(GVirConfigDomain) nameless = gvir_config_domain_new();
    g_autoptr(GVirDomain) domain = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_true(gvir_connection_open(connection, NULL, NULL));
    domain = gvir_connection_create_domain(connection, nameless, &error);
    g_assert_null(domain);
    g_assert_true(error->domain != GVIR_SANDBOX_ERROR);
    gvir_sandbox_border_convert(&error);
    g_assert_true(error->domain == GVIR_SANDBOX_ERROR);
}

static void
test_cancelled(void)
{
    g_autoptr(GError) error = g_error_new_literal(G_IO_ERROR, G_IO_ERROR_CANCELLED, "not wanted any more");
    g_autoptr(GError) none = NULL;

    gvir_sandbox_border_convert(&error);
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    gvir_sandbox_border_convert(&none);
    g_assert_no_error(none);
    gvir_sandbox_border_convert(NULL);
}

static void
test_files(void)
{
    GError *error = NULL;

    g_assert_null(gvir_sandbox_config_load_from_path("/nonexistent/sandbox", &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_null(gvir_sandbox_config_load_from_data("[", &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
    g_clear_error(&error);
}

/* What helps stays with an error wherever it is passed on. */
static void
test_remedy(void)
{
    g_autoptr(GError) error = g_error_new_literal(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND, "no kernel");
    g_autoptr(GError) other = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_NOENT, "no file");
    g_autoptr(GError) copy = NULL;

    gvir_sandbox_error_set_remedy(&error, "kernpath");
    gvir_sandbox_error_set_remedy(&other, "kernpath");
    gvir_sandbox_error_set_remedy(NULL, "kernpath");
    gvir_sandbox_error_prefix(&error, "start");
    copy = g_error_copy(error);
    gvir_sandbox_border_convert(&copy);
    g_assert_cmpstr(copy->message, ==, "start: no kernel");
    g_assert_cmpstr(gvir_sandbox_error_get_remedy(copy), ==, "kernpath");
    g_assert_null(gvir_sandbox_error_get_remedy(other));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gvir_sandbox_init(NULL, NULL);
    g_test_add_func("/border/entries", test_entries);
    g_test_add_func("/border/libvirt", test_libvirt);
    g_test_add_func("/border/cancelled", test_cancelled);
    g_test_add_func("/border/files", test_files);
    g_test_add_func("/border/remedy", test_remedy);
    return g_test_run();
}
