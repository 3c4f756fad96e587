/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "message.h"
#include "options.h"
#include "run.h"
#include "signals.h"
#include "status.h"
#include "validate.h"
#include "xml-messages.h"
#include "libvirt-sandbox/autoptr-private.h"

#include <fcntl.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

static int
fail(const GError *error)
{
    message("%s", error->message);
    return STATUS_BROKEN;
}

static int
save_config(GVirSandboxConfig *config, const gchar *path)
{
    g_autoptr(GError) error = NULL;

    if (gvir_sandbox_config_save_to_path(config, path, &error))
        return EXIT_SUCCESS;
    return fail(error);
}

static int
print_xml(GVirConnection *connection, GVirSandboxConfigInteractive *config)
{
    g_autoptr(GVirSandboxContextInteractive) context =
        gvir_sandbox_context_interactive_new(connection, config);
    g_autoptr(GError) error = NULL;
    g_autofree gchar *xml = gvir_sandbox_context_describe(GVIR_SANDBOX_CONTEXT(context), &error);

    if (!xml)
        return fail(error);
    g_print("%s\n", xml);
    return EXIT_SUCCESS;
}

static int
run_with(const Options *options)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVirSandboxConfigInteractive) config = options_make_config(options, &error);
    /* Closed by the end of the process: closing it waits for libvirt, which looks at processes that end only
     * every 200 ms. */
    static GVirConnection *connection;

    if (!config)
        return fail(error);
    if (options->save_file)
        return save_config(GVIR_SANDBOX_CONFIG(config), options->save_file);

    if (options->validate)
        return validate_host(options, config);

    connection = gvir_sandbox_connection_open_as(options->connect, options->qemu_user, &error);
    if (!connection)
        return fail(error);
    if (options->print_xml)
        return print_xml(connection, config);
    return run_sandbox(connection, config, options);
}

/* libvirt prints its log on standard error, where the program's own belongs. */
static void
quieten_libvirt(void)
{
    g_setenv("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null", FALSE);
}

/* What we open must not be taken for a standard stream that our caller has closed. */
static void
occupy_standard_streams(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Options) options = NULL;
    int status;

    occupy_standard_streams();
    setlocale(LC_ALL, "");
    bindtextdomain(GETTEXT_PACKAGE, LOCALEDIR);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);
    signals_block();
    signals_guard_terminal();

    options = options_parse(argc, argv, &error);
    if (!options)
        return fail(error);
    if (options->version) {
        g_print("virt-sandbox (%s) %s\n", PACKAGE_NAME, PACKAGE_VERSION);
        return EXIT_SUCCESS;
    }
    if (options->status_fd && !status_open(options->status_fd, &error))
        return fail(error);
    quieten_libvirt();
    xml_messages_drop();
    message_show_log(options->verbose || options->debug);
    status = gvir_sandbox_init_check(NULL, NULL, &error) ? run_with(options) : fail(error);
    status_ended(status, message_last());
    return status;
}
