/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * builder [COMMAND [ARGUMENTS…]]
 *
 * Teaches the library to make sandboxes with a driver that it does not know. The driver here is
 * libvirt's "test", whose domains exist in its memory only, so that nothing is really run; one
 * for another kind of virtualization is made in the same way.
 *
 * A builder turns a configuration into the description of a domain. Its class derives from
 * GVirSandboxBuilder and implements construct(); the other methods have defaults.
 */

#include <libvirt-sandbox/libvirt-sandbox.h>

#include <stdio.h>
#include <stdlib.h>

/* --- the class ------------------------------------------------------------------------------- */

#define TYPE_TEST_BUILDER (test_builder_get_type())
G_DECLARE_FINAL_TYPE(TestBuilder, test_builder, TEST, BUILDER, GVirSandboxBuilder)

struct _TestBuilder {
    GVirSandboxBuilder parent_instance;
};

G_DEFINE_TYPE(TestBuilder, test_builder, GVIR_SANDBOX_TYPE_BUILDER)

/* Called before anything is made: what this driver cannot do is said here, in one line. */
static gboolean
test_builder_check(GVirSandboxBuilder *builder, GVirSandboxConfig *config, GError **error)
{
    if (!gvir_sandbox_config_has_networks(config))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED, "the test driver has no networks");
    return FALSE;
}

/* Files that the guest needs would be written to statedir, which is removed with the sandbox. */
static GVirConfigDomain *
test_builder_construct(GVirSandboxBuilder *builder, GVirSandboxConfig *config, const gchar *statedir, GError **error)
{
    gchar **command = gvir_sandbox_config_get_command(config);
    gchar *arguments = g_strjoinv(" ", command);
    gchar *xml = g_markup_printf_escaped("<domain type='test'>"
                                         "<name>%s</name><description>%s</description>"
                                         "<memory unit='MiB'>64</memory>"
                                         "<os><type>hvm</type></os>"
                                         "</domain>",
                                         gvir_sandbox_config_get_name(config), arguments);
    GVirConfigDomain *domain = gvir_config_domain_new_from_xml(xml, error);

    g_free(xml);
    g_free(arguments);
    g_strfreev(command);
    return domain;
}

static void
test_builder_class_init(TestBuilderClass *class)
{
    GVIR_SANDBOX_BUILDER_CLASS(class)->check = test_builder_check;
    GVIR_SANDBOX_BUILDER_CLASS(class)->construct = test_builder_construct;
}

static void
test_builder_init(TestBuilder *builder)
{
}

/* --- its use --------------------------------------------------------------------------------- */

static gboolean
show(GVirSandboxContext *context, GError **error)
{
    GVirDomain *domain = gvir_sandbox_context_get_domain(context, error);
    GVirConfigDomain *description = domain ? gvir_domain_get_config(domain, 0, error) : NULL;

    if (description)
        printf("%s runs: %s\n", gvir_domain_get_name(domain), gvir_config_domain_get_description(description));
    g_clear_object(&description);
    g_clear_object(&domain);
    return *error == NULL;
}

static gboolean
run(gchar **command, GError **error)
{
    GVirConnection *connection = gvir_sandbox_connection_open("test:///default", error);
    GVirSandboxConfigServiceGeneric *config;
    GVirSandboxContextService *service;
    GVirSandboxContext *context;

    if (!connection)
        return FALSE;
    config = gvir_sandbox_config_service_generic_new("example");
    gvir_sandbox_config_service_generic_set_command(config, command);
    /* A service needs no connection to its program, which this driver could not give. */
    service = gvir_sandbox_context_service_new(connection, GVIR_SANDBOX_CONFIG_SERVICE(config));
    context = GVIR_SANDBOX_CONTEXT(service);

    if (gvir_sandbox_context_start(context, error) && show(context, error) && gvir_sandbox_context_stop(context, error))
        printf("and is gone\n");

    g_object_unref(service);
    g_object_unref(config);
    g_object_unref(connection);
    return *error == NULL;
}

int
main(int argc, char **argv)
{
    gchar *sleeping[] = { "sleep", "inf", NULL };
    GError *error = NULL;

    /* From here on, every connection to the driver gets builders of this class. */
    if (!gvir_sandbox_init_check(NULL, NULL, &error) ||
        !gvir_sandbox_builder_register("test", TYPE_TEST_BUILDER, &error) ||
        !run(argc > 1 ? &argv[1] : sleeping, &error)) {
        fprintf(stderr, "builder: %s\n", error->message);
        g_error_free(error);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
