/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/ending.h"
#include "bin/messages/message.h"
#include "bin/messages/status.h"
#include "bin/messages/xml-messages.h"
#include "bin/options/options.h"
#include "bin/options/options-config.h"
#include "bin/run.h"
#include "bin/signals.h"
#include "bin/validate.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* As many as processes usually have. */
#define DESCRIPTORS 1024

static gboolean
print_xml(GVirConnection *connection, GVirSandboxConfigInteractive *config, GError **error)
{
    g_autoptr(GVirSandboxContextInteractive) context = gvir_sandbox_context_interactive_new(connection, config);
    g_autofree gchar *xml = gvir_sandbox_context_describe(GVIR_SANDBOX_CONTEXT(context), error);

    if (xml)
        /* As the bytes are: g_print() has a question mark for each that the locale does not know. */
        printf("%s\n", xml);
    return xml != NULL;
}

/* FALSE with @error if it cannot even be tried; else it has ended as @ending says. */
static gboolean
run_with(const Options *options, Ending *ending, GError **error)
{
    g_autoptr(GVirSandboxConfigInteractive) config = options_make_config(options, error);
    /* Closed by the end of the process: closing it waits for libvirt, which looks at processes that end only
     * every 200 ms. */
    static GVirConnection *connection;

    if (!config)
        return FALSE;
    if (options->save_file)
        return gvir_sandbox_config_save_to_path(GVIR_SANDBOX_CONFIG(config), options->save_file, error);

    if (options->validate) {
        ending->status = validate_host(options, config);
        return TRUE;
    }

    connection = gvir_sandbox_connection_open_as(options->connect, options->qemu_user, error);
    if (!connection)
        return FALSE;
    if (options->print_xml)
        return print_xml(connection, config, error);
    return run_sandbox(connection, config, options, ending, error);
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

/* Ours is left to who comes after us, whatever the program does. */
static gboolean
leave_standard_input(GError **error)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    gboolean done = null >= 0 && dup2(null, STDIN_FILENO) == STDIN_FILENO;

    if (!done)
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_FAILED, "--no-stdin: /dev/null: %s",
                    g_strerror(errno));
    if (null >= 0)
        close(null);
    return done;
}

/* A caller that allows itself few descriptors for its own work has not thought of libvirt's. */
static void
allow_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS)
        return;
    limit.rlim_cur = MIN(DESCRIPTORS, limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
}

static gboolean
run_options(const Options *options, Ending *ending, GError **error)
{
    if (options->version) {
        g_print("virt-sandbox (%s) %s\n", PACKAGE_NAME, PACKAGE_VERSION);
        return TRUE;
    }
    if (options->no_stdin && !leave_standard_input(error))
        return FALSE;
    if (options->status_fd && !status_open(options->status_fd, error))
        return FALSE;
    quieten_libvirt();
    xml_messages_drop();
    message_show_log(options->verbose || options->debug);
    return gvir_sandbox_init_check(NULL, NULL, error) && run_with(options, ending, error);
}

int
main(int argc G_GNUC_UNUSED, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Options) options = NULL;
    g_auto(Ending) ending = { .status = EXIT_SUCCESS };

    occupy_standard_streams();
    allow_descriptors();
    setlocale(LC_ALL, "");
    bindtextdomain(GETTEXT_PACKAGE, LOCALEDIR);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);
    signals_block();
    signals_guard_terminal();

    options = options_parse(argv, &error);
    if (!options || !run_options(options, &ending, &error))
        ending_fail(&ending, error);
    ending_deliver(&ending);
    status_ended(&ending);
    return ending.status;
}
