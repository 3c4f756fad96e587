/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/libvirt-sandbox.h"

#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/util/error-private.h"

#include <string.h>
#include <unistd.h>

/*
 * The life of a context without a guest: with libvirt's test driver, whose domains exist in its memory only, and a
 * builder for it that notes what it is asked for.
 */

#define TYPE_NOTING_BUILDER (noting_builder_get_type())
G_DECLARE_FINAL_TYPE(NotingBuilder, noting_builder, NOTING, BUILDER, GVirSandboxBuilder)

struct _NotingBuilder {
    GVirSandboxBuilder parent_instance;
};

G_DEFINE_TYPE(NotingBuilder, noting_builder, GVIR_SANDBOX_TYPE_BUILDER)

/* Of the builders of one test. */
static struct {
    GString *steps;
    gchar *statedir;
    const gchar *failing; /* the step that fails, or NULL */
} noted;

static gboolean
note(const gchar *step, GError **error)
{
    static GMutex lock;

    /* A start that is not waited for is in another thread. */
    g_mutex_lock(&lock);
    g_string_append_printf(noted.steps, "%s,", step);
    g_mutex_unlock(&lock);
    if (g_strcmp0(noted.failing, step) != 0)
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_FAILED, "%s fails", step);
    return FALSE;
}

static gboolean
noting_builder_check(GVirSandboxBuilder *builder G_GNUC_UNUSED, GVirSandboxConfig *config G_GNUC_UNUSED, GError **error)
{
    return note("check", error);
}

static GVirConfigDomain *
noting_builder_construct(GVirSandboxBuilder *builder G_GNUC_UNUSED, GVirSandboxConfig *config, const gchar *statedir,
                         GError **error)
{
    g_autofree gchar *xml = g_markup_printf_escaped("<domain type='test'><name>%s</name><memory>8192</memory>"
                                                    "<os><type>hvm</type></os></domain>",
                                                    gvir_sandbox_config_get_name(config));

    g_assert_true(g_file_test(statedir, G_FILE_TEST_IS_DIR));
    g_free(noted.statedir);
    noted.statedir = g_strdup(statedir);
    return note("construct", error) ? gvir_config_domain_new_from_xml(xml, error) : NULL;
}

static gboolean
noting_builder_clean_post_start(GVirSandboxBuilder *builder G_GNUC_UNUSED, GVirSandboxConfig *config G_GNUC_UNUSED,
                                const gchar *statedir, GError **error)
{
    g_assert_cmpstr(statedir, ==, noted.statedir);
    return note("started", error);
}

static gboolean
noting_builder_clean_post_stop(GVirSandboxBuilder *builder G_GNUC_UNUSED, GVirSandboxConfig *config G_GNUC_UNUSED,
                               const gchar *statedir G_GNUC_UNUSED, GError **error)
{
    return note("stopped", error);
}

static void
noting_builder_class_init(NotingBuilderClass *class)
{
    GVirSandboxBuilderClass *builder_class = GVIR_SANDBOX_BUILDER_CLASS(class);

    builder_class->check = noting_builder_check;
    builder_class->construct = noting_builder_construct;
    builder_class->clean_post_start = noting_builder_clean_post_start;
    builder_class->clean_post_stop = noting_builder_clean_post_stop;
}

static void
noting_builder_init(NotingBuilder *builder G_GNUC_UNUSED)
{
}

/* --- a context ------------------------------------------------------------------------------- */

typedef struct {
    GVirConnection *connection;
    GVirSandboxConfig *config;
    GVirSandboxContext *context;
} Fixture;

static GVirSandboxContext *
make_context(Fixture *fixture)
{
    return GVIR_SANDBOX_CONTEXT(
        gvir_sandbox_context_service_new(fixture->connection, GVIR_SANDBOX_CONFIG_SERVICE(fixture->config)));
}

static void
note_creating(GVirSandboxContext *context G_GNUC_UNUSED)
{
    note("creating", NULL);
}

static void
set_up(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree gchar *name = g_strdup_printf("test-context-%d", getpid());
    g_autoptr(GError) error = NULL;

    noted.steps = g_string_new(NULL);
    noted.failing = NULL;
    fixture->connection = gvir_sandbox_connection_open("test:///default", &error);
    g_assert_no_error(error);
    fixture->config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_service_generic_new(name));
    fixture->context = make_context(fixture);
    g_signal_connect(fixture->context, "creating", G_CALLBACK(note_creating), NULL);
}

static void
tear_down(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_clear_object(&fixture->context);
    g_clear_object(&fixture->config);
    g_clear_object(&fixture->connection);
    g_string_free(noted.steps, TRUE);
    g_clear_pointer(&noted.statedir, g_free);
}

/* Since this was called last. */
static void
expect_steps(const gchar *expected)
{
    g_assert_cmpstr(noted.steps->str, ==, expected);
    g_string_truncate(noted.steps, 0);
}

static gboolean
has_domain(Fixture *fixture)
{
    g_autoptr(GVirDomain) domain = NULL;

    g_assert_true(gvir_connection_fetch_domains(fixture->connection, NULL, NULL));
    domain = gvir_connection_find_domain_by_name(fixture->connection, gvir_sandbox_config_get_name(fixture->config));
    return domain != NULL;
}

static void
expect_nothing_left(Fixture *fixture)
{
    g_assert_false(has_domain(fixture));
    g_assert_true(!noted.statedir || !g_file_test(noted.statedir, G_FILE_TEST_EXISTS));
}

static void
start(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;

    gvir_sandbox_context_start(fixture->context, &error);
    g_assert_no_error(error);
}

/* Clears @error. */
static void
expect_state_error(gboolean done, GError **error)
{
    g_assert_false(done);
    g_assert_error(*error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
    g_clear_error(error);
}

static void
test_life(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GVirDomain) domain = NULL;
    g_autoptr(GError) error = NULL;

    expect_state_error(gvir_sandbox_context_stop(fixture->context, &error), &error);
    start(fixture);
    expect_steps("check,construct,creating,started,");
    domain = gvir_sandbox_context_get_domain(fixture->context, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(gvir_domain_get_name(domain), ==, gvir_sandbox_config_get_name(fixture->config));
    g_assert_true(has_domain(fixture));
    g_assert_true(gvir_sandbox_context_is_attached(fixture->context));
    expect_state_error(gvir_sandbox_context_start(fixture->context, &error), &error);
    expect_state_error(gvir_sandbox_context_attach(fixture->context, &error), &error);

    g_assert_true(gvir_sandbox_context_stop(fixture->context, &error));
    g_assert_no_error(error);
    expect_steps("stopped,");
    expect_nothing_left(fixture);
    g_assert_null(gvir_sandbox_context_get_domain(fixture->context, NULL));

    start(fixture);
    expect_steps("check,construct,creating,started,");
}

/* Who lets go of the context ends what it has started. */
static void
test_let_go(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    start(fixture);
    g_clear_object(&fixture->context);
    expect_steps("check,construct,creating,started,stopped,");
    expect_nothing_left(fixture);
}

static void
test_failures(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    static const struct {
        const gchar *failing, *steps;
    } cases[] = {
        { "check", "check," },
        /* Asked again, what was at fault may be that somebody else has it by now. */
        { "construct", "check,construct,stopped,check," },
        { "started", "check,construct,creating,started,stopped," },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree gchar *message = g_strconcat(cases[i].failing, " fails", NULL);
        g_autoptr(GError) error = NULL;

        g_test_message("%s", message);
        noted.failing = cases[i].failing;
        g_assert_false(gvir_sandbox_context_start(fixture->context, &error));
        g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_FAILED);
        g_assert_cmpstr(error->message, ==, message);
        expect_steps(cases[i].steps);
        expect_nothing_left(fixture);
    }
    noted.failing = NULL;
    start(fixture);
}

/* The name of a sandbox that runs is taken, and its directory is left alone. */
static void
test_name_taken(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GVirSandboxContext) second = make_context(fixture);
    g_autoptr(GError) error = NULL;

    start(fixture);
    g_assert_false(gvir_sandbox_context_start(second, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_BUSY);
    g_assert_true(g_file_test(noted.statedir, G_FILE_TEST_IS_DIR));
    g_assert_true(has_domain(fixture));
}

static void
test_attach(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GVirSandboxContext) second = make_context(fixture);
    g_autoptr(GError) error = NULL;

    g_assert_false(gvir_sandbox_context_attach(second, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND);
    g_clear_error(&error);
    start(fixture);
    g_assert_true(gvir_sandbox_context_attach(second, &error));
    g_assert_no_error(error);
    g_assert_true(gvir_sandbox_context_is_attached(second));
    expect_state_error(gvir_sandbox_context_attach(second, &error), &error);
    g_assert_true(gvir_sandbox_context_detach(second, &error));
    g_assert_no_error(error);
    g_assert_true(has_domain(fixture));
    /* It is not the second one's to end. */
    g_assert_true(gvir_sandbox_context_attach(second, &error));
    g_clear_object(&second);
    g_assert_true(has_domain(fixture));
}

static void
test_describe(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    g_autofree gchar *xml = gvir_sandbox_context_describe(fixture->context, &error);

    g_assert_no_error(error);
    g_assert_nonnull(strstr(xml, gvir_sandbox_config_get_name(fixture->config)));
    expect_steps("check,construct,stopped,");
    expect_nothing_left(fixture);
}

static void
keep_result(GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user_data)
{
    g_set_object((GAsyncResult **)user_data, result);
}

static void
await(GAsyncResult **result)
{
    while (!*result)
        g_main_context_iteration(NULL, TRUE);
}

static void
test_async(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GAsyncResult) started = NULL;
    g_autoptr(GAsyncResult) stopped = NULL;
    g_autoptr(GError) error = NULL;

    gvir_sandbox_context_start_async(fixture->context, NULL, keep_result, &started);
    await(&started);
    g_assert_true(gvir_sandbox_context_start_finish(fixture->context, started, &error));
    g_assert_no_error(error);
    g_assert_true(has_domain(fixture));
    gvir_sandbox_context_stop_async(fixture->context, NULL, keep_result, &stopped);
    await(&stopped);
    g_assert_true(gvir_sandbox_context_stop_finish(fixture->context, stopped, &error));
    g_assert_no_error(error);
    expect_nothing_left(fixture);
}

/* An object that bindings can make, and that cannot do anything. */
static void
test_incomplete(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    GVirSandboxContext *contexts[] = {
        g_object_new(GVIR_SANDBOX_TYPE_CONTEXT_SERVICE, NULL),
        g_object_new(GVIR_SANDBOX_TYPE_CONTEXT_SERVICE, "connection", fixture->connection, NULL),
        g_object_new(GVIR_SANDBOX_TYPE_CONTEXT_INTERACTIVE, "config", fixture->config, NULL),
        g_object_new(GVIR_SANDBOX_TYPE_CONTEXT_INTERACTIVE, "connection", fixture->connection, "config",
                     fixture->config, NULL),
    };

    for (gsize i = 0; i < G_N_ELEMENTS(contexts); i++) {
        g_autoptr(GError) error = NULL;
        GList *findings = gvir_sandbox_context_validate(contexts[i]);

        g_assert_nonnull(findings);
        g_list_free_full(findings, g_object_unref);
        g_assert_false(gvir_sandbox_context_start(contexts[i], &error));
        g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
        g_clear_error(&error);
        g_assert_null(gvir_sandbox_context_describe(contexts[i], &error));
        g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
        g_object_unref(contexts[i]);
    }
    expect_steps("");
}

static void
count_notify(GObject *object G_GNUC_UNUSED, GParamSpec *property G_GNUC_UNUSED, gpointer user_data)
{
    ++*(guint *)user_data;
}

static void
test_impatient(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    guint notified = 0;

    g_signal_connect(fixture->context, "notify::impatient", G_CALLBACK(count_notify), &notified);
    g_assert_false(gvir_sandbox_context_get_impatient(fixture->context));
    gvir_sandbox_context_set_impatient(fixture->context, TRUE);
    g_object_set(fixture->context, "impatient", TRUE, NULL);
    g_assert_true(gvir_sandbox_context_get_impatient(fixture->context));
    g_assert_cmpuint(notified, ==, 1);
}

typedef struct {
    GThread *thread;
    guint creating;
    guint notified;
} Heard;

static void
hear_creating(GVirSandboxContext *context, gpointer user_data)
{
    Heard *heard = user_data;

    g_assert_true(heard->thread == g_thread_self());
    heard->creating++;
    /* It is at work, and does not keep us. */
    gvir_sandbox_context_is_attached(context);
}

static void
hear_domain(GObject *context G_GNUC_UNUSED, GParamSpec *property G_GNUC_UNUSED, gpointer user_data)
{
    Heard *heard = user_data;

    g_assert_true(heard->thread == g_thread_self());
    heard->notified++;
}

static void
test_signals(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    Heard heard = { .thread = g_thread_self() };
    g_autoptr(GAsyncResult) started = NULL;
    g_autoptr(GError) error = NULL;

    g_signal_handlers_disconnect_by_func(fixture->context, note_creating, NULL);
    g_signal_connect(fixture->context, "creating", G_CALLBACK(hear_creating), &heard);
    g_signal_connect(fixture->context, "notify::domain", G_CALLBACK(hear_domain), &heard);
    start(fixture);
    g_assert_cmpuint(heard.creating, ==, 1);
    g_assert_cmpuint(heard.notified, ==, 1);
    g_assert_true(gvir_sandbox_context_stop(fixture->context, &error));
    g_assert_cmpuint(heard.notified, ==, 2);

    gvir_sandbox_context_start_async(fixture->context, NULL, keep_result, &started);
    /* For long enough that the thread has come to it. */
    g_usleep(G_USEC_PER_SEC / 5);
    g_assert_cmpuint(heard.creating, ==, 1);
    await(&started);
    g_assert_true(gvir_sandbox_context_start_finish(fixture->context, started, &error));
    g_assert_cmpuint(heard.creating, ==, 2);
    g_assert_cmpuint(heard.notified, ==, 3);
}

static void
test_cancelled(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GAsyncResult) started = NULL;
    g_autoptr(GError) error = NULL;

    g_signal_handlers_disconnect_by_func(fixture->context, note_creating, NULL);
    gvir_sandbox_context_start_async(fixture->context, cancellable, keep_result, &started);
    g_cancellable_cancel(cancellable);
    await(&started);
    g_assert_false(gvir_sandbox_context_start_finish(fixture->context, started, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_clear_error(&error);
    expect_state_error(gvir_sandbox_context_stop(fixture->context, &error), &error);
    expect_nothing_left(fixture);
    start(fixture);
}

static void
test_describe_async(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GAsyncResult) described = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree gchar *xml = NULL;

    gvir_sandbox_context_describe_async(fixture->context, NULL, keep_result, &described);
    await(&described);
    xml = gvir_sandbox_context_describe_finish(fixture->context, described, &error);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(xml, gvir_sandbox_config_get_name(fixture->config)));
}

static void
test_open_async(Fixture *fixture G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GAsyncResult) opened = NULL;
    g_autoptr(GVirConnection) connection = NULL;
    g_autoptr(GError) error = NULL;

    gvir_sandbox_connection_open_async("test:///default", NULL, keep_result, &opened);
    await(&opened);
    connection = gvir_sandbox_connection_open_finish(opened, &error);
    g_assert_no_error(error);
    g_assert_true(gvir_connection_is_open(connection));
}

int
main(int argc, char **argv)
{
    static const struct {
        const gchar *path;
        void (*test)(Fixture *fixture, gconstpointer data);
    } tests[] = {
        { "/context/life", test_life },
        { "/context/let-go", test_let_go },
        { "/context/failures", test_failures },
        { "/context/name-taken", test_name_taken },
        { "/context/attach", test_attach },
        { "/context/describe", test_describe },
        { "/context/async", test_async },
        { "/context/incomplete", test_incomplete },
        { "/context/impatient", test_impatient },
        { "/context/signals", test_signals },
        { "/context/cancelled", test_cancelled },
        { "/context/describe-async", test_describe_async },
        { "/context/open-async", test_open_async },
    };
    g_autoptr(GError) error = NULL;

    g_test_init(&argc, &argv, NULL);
    gvir_sandbox_init(&argc, &argv);
    gvir_sandbox_builder_register("test", TYPE_NOTING_BUILDER, &error);
    g_assert_no_error(error);
    for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
    return g_test_run();
}
