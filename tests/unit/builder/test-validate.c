/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/libvirt-sandbox.h"

#include "libvirt-sandbox/builder/findings-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"

#include <unistd.h>

/* What is found on a host, with a builder of the test's own on libvirt's test driver. */

typedef struct {
    GVirSandboxBuilder parent_instance;
} TestBuilder;

typedef struct {
    GVirSandboxBuilderClass parent_class;
} TestBuilderClass;

GType test_builder_get_type(void);
G_DEFINE_TYPE(TestBuilder, test_builder, GVIR_SANDBOX_TYPE_BUILDER)

static GList *
test_builder_validate(GVirSandboxBuilder *builder G_GNUC_UNUSED, GVirSandboxConfig *config G_GNUC_UNUSED)
{
    return g_list_append(NULL, gvir_sandbox_finding_new(GVIR_SANDBOX_FINDING_LEVEL_WARN, "weather", "rain"));
}

static gboolean
test_builder_check(GVirSandboxBuilder *builder G_GNUC_UNUSED, GVirSandboxConfig *config, GError **error)
{
    if (gvir_sandbox_config_get_cpus(config) == 0)
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED, "no processors");
    return FALSE;
}

static void
test_builder_class_init(TestBuilderClass *klass)
{
    GVIR_SANDBOX_BUILDER_CLASS(klass)->validate = test_builder_validate;
    GVIR_SANDBOX_BUILDER_CLASS(klass)->check = test_builder_check;
}

static void
test_builder_init(TestBuilder *builder G_GNUC_UNUSED)
{
}

static GVirSandboxContext *
new_context(const gchar *uri, guint cpus)
{
    g_autoptr(GVirConnection) connection = gvir_connection_new(uri);
    g_autoptr(GVirSandboxConfigInteractive) config = gvir_sandbox_config_interactive_new("n");
    gchar *command[] = { (gchar *)"true", NULL };

    gvir_sandbox_config_set_cpus(GVIR_SANDBOX_CONFIG(config), cpus);
    gvir_sandbox_config_interactive_set_command(config, command);
    return GVIR_SANDBOX_CONTEXT(gvir_sandbox_context_interactive_new(connection, config));
}

/* "PASS connection", in that order, and the detail of the last one. */
static gchar *
summarize(GList *findings, const gchar **last)
{
    static const gchar *const words[] = { "PASS", "WARN", "FAIL" };
    GString *text = g_string_new(NULL);

    for (GList *link = findings; link; link = link->next) {
        g_string_append_printf(text, "%s %s\n", words[gvir_sandbox_finding_get_level(link->data)],
                               gvir_sandbox_finding_get_what(link->data));
        *last = gvir_sandbox_finding_get_detail(link->data);
    }
    return g_string_free(text, FALSE);
}

static void
check(GList *findings, const gchar *expected, const gchar *expected_last)
{
    const gchar *last = NULL;
    g_autofree gchar *summary = summarize(findings, &last);

    g_assert_cmpstr(summary, ==, expected);
    if (expected_last)
        g_assert_cmpstr(last, ==, expected_last);
    gvir_sandbox_findings_free(findings);
}

#define FOUND_FIRST "PASS connection\nPASS driver\nPASS run directory\n"

/* One that cannot be reached is for the system tests: libvirt-glib 4.0 loses memory with it. */
static void
test_context(void)
{
    g_autoptr(GVirSandboxContext) good = new_context("test:///default", 0);
    g_autoptr(GVirSandboxContext) refused = new_context("test:///default", 1);
    g_autoptr(GVirSandboxContext) wrong = new_context("test:///default", 5000);

    check(gvir_sandbox_context_validate(good), FOUND_FIRST "WARN weather\nPASS description\n", NULL);
    /* The connection is open by now. */
    check(gvir_sandbox_context_validate(good), FOUND_FIRST "WARN weather\nPASS description\n", NULL);
    check(gvir_sandbox_context_validate(refused), FOUND_FIRST "WARN weather\nFAIL description\n", "no processors");
    check(gvir_sandbox_context_validate(wrong), FOUND_FIRST "FAIL description\n", NULL);
}

static void
take_result(GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user_data)
{
    *(GAsyncResult **)user_data = g_object_ref(result);
}

static GAsyncResult *
validate_async(GVirSandboxContext *context, GCancellable *cancellable)
{
    GAsyncResult *result = NULL;

    gvir_sandbox_context_validate_async(context, cancellable, take_result, &result);
    while (!result)
        g_main_context_iteration(NULL, TRUE);
    return result;
}

static void
test_async(void)
{
    g_autoptr(GVirSandboxContext) context = new_context("test:///default", 0);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GAsyncResult) result = validate_async(context, cancellable);
    g_autoptr(GAsyncResult) cancelled = NULL;
    g_autoptr(GError) error = NULL;

    check(gvir_sandbox_context_validate_finish(context, result, &error), FOUND_FIRST "WARN weather\nPASS description\n",
          NULL);
    g_assert_no_error(error);

    g_cancellable_cancel(cancellable);
    cancelled = validate_async(context, cancellable);
    g_assert_null(gvir_sandbox_context_validate_finish(context, cancelled, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_directory(void)
{
    g_autofree gchar *directory = g_dir_make_tmp("test-validate-XXXXXX", NULL);
    g_autofree gchar *file = g_build_filename(directory, "file", NULL);
    g_autofree gchar *below_file = g_build_filename(file, "a", "b", NULL);
    g_autofree gchar *not_there = g_build_filename(directory, "a", "b", NULL);
    GList *findings = NULL;

    g_assert_true(g_file_set_contents(file, "", 0, NULL));
    gvir_sandbox_findings_add_directory(&findings, "there", directory, 0);
    gvir_sandbox_findings_add_directory(&findings, "not there", not_there, 0);
    gvir_sandbox_findings_add_directory(&findings, "no room", directory, G_MAXUINT64);
    gvir_sandbox_findings_add_directory(&findings, "file", file, 0);
    gvir_sandbox_findings_add_directory(&findings, "below", below_file, 0);
    check(findings, "PASS there\nPASS not there\nWARN no room\nFAIL file\nFAIL below\n", NULL);
    g_assert_false(g_file_test(not_there, G_FILE_TEST_EXISTS));
    unlink(file);
    rmdir(directory);
}

static void
test_said_once(void)
{
    g_autoptr(GError) error = g_error_new(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND, "no such network");
    GList *findings = NULL;

    gvir_sandbox_findings_add_error(&findings, "network", error);
    gvir_sandbox_findings_add_error(&findings, "description", error);
    check(findings, "FAIL network\n", "no such network");
}

int
main(int argc, char **argv)
{
    GError *error = NULL;

    g_test_init(&argc, &argv, NULL);
    gvir_sandbox_init(&argc, &argv);
    gvir_sandbox_builder_register("test", test_builder_get_type(), &error);
    g_assert_no_error(error);
    g_test_add_func("/validate/context", test_context);
    g_test_add_func("/validate/async", test_async);
    g_test_add_func("/validate/directory", test_directory);
    g_test_add_func("/validate/said-once", test_said_once);
    return g_test_run();
}
