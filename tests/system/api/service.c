/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

/*
 * service URI|"" NAME ACTION…
 *
 * Does one thing after the other with a service, for tests/system/life/test-service.sh: define, undefine, start,
 * stop, attach, detach, "log:TEXT" (until the log console shows TEXT), "script:TEXT" (what it runs),
 * systemd, and wait (for the end of standard input). The first that fails ends the program with its error.
 */

#include <libvirt-sandbox/libvirt-sandbox.h>

#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LIMIT_SECONDS 80

static GVirConnection *connection;
static GVirSandboxContext *context;
static const char *name;

static void
use(GVirSandboxConfigService *config)
{
    g_clear_object(&context);
    context = GVIR_SANDBOX_CONTEXT(gvir_sandbox_context_service_new(connection, config));
    g_object_unref(config);
}

static void
use_script(const char *script)
{
    GVirSandboxConfigServiceGeneric *config = gvir_sandbox_config_service_generic_new(name);
    gchar *command[] = { (gchar *)"/bin/sh", (gchar *)"-c", (gchar *)script, NULL };

    gvir_sandbox_config_service_generic_set_command(config, command);
    use(GVIR_SANDBOX_CONFIG_SERVICE(config));
}

static gboolean
read_until(int fd, const char *wanted)
{
    g_autoptr(GString) text = g_string_new(NULL);
    gint64 end = g_get_monotonic_time() + LIMIT_SECONDS * G_USEC_PER_SEC;
    char buffer[4096];

    while (g_get_monotonic_time() < end) {
        ssize_t got = read(fd, buffer, sizeof(buffer));

        if (got > 0)
            g_string_append_len(text, buffer, got);
        if (strstr(text->str, wanted))
            return TRUE;
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(10000);
    }
    fprintf(stderr, "the log has no %s: %s\n", wanted, text->str);
    return FALSE;
}

static gboolean
await_log(const char *wanted, GError **error)
{
    g_autoptr(GVirSandboxConsole) console = gvir_sandbox_context_get_log_console(context, error);
    g_autoptr(GOutputStream) local = NULL;
    gboolean shown;
    int ends[2];

    if (!console || !g_unix_open_pipe(ends, FD_CLOEXEC, error))
        return FALSE;
    g_unix_set_fd_nonblocking(ends[0], TRUE, NULL);
    local = g_unix_output_stream_new(ends[1], TRUE);
    if (!gvir_sandbox_console_attach(console, NULL, G_UNIX_OUTPUT_STREAM(local), NULL, error))
        return FALSE;
    shown = read_until(ends[0], wanted);
    gvir_sandbox_console_detach(console, NULL);
    close(ends[0]);
    return shown;
}

static gboolean
act(const char *action, GError **error)
{
    GVirSandboxContextService *service;

    if (g_str_has_prefix(action, "script:")) {
        use_script(action + strlen("script:"));
        return TRUE;
    }
    if (g_str_equal(action, "systemd")) {
        use(GVIR_SANDBOX_CONFIG_SERVICE(gvir_sandbox_config_service_systemd_new(name)));
        return TRUE;
    }
    service = GVIR_SANDBOX_CONTEXT_SERVICE(context);
    if (g_str_has_prefix(action, "log:"))
        return await_log(action + strlen("log:"), error);
    if (g_str_equal(action, "define"))
        return gvir_sandbox_context_service_define(service, error);
    if (g_str_equal(action, "undefine"))
        return gvir_sandbox_context_service_undefine(service, error);
    if (g_str_equal(action, "start"))
        return gvir_sandbox_context_start(context, error);
    if (g_str_equal(action, "stop"))
        return gvir_sandbox_context_stop(context, error);
    if (g_str_equal(action, "attach"))
        return gvir_sandbox_context_attach(context, error);
    if (g_str_equal(action, "detach"))
        return gvir_sandbox_context_detach(context, error);
    if (g_str_equal(action, "wait")) {
        while (getchar() != EOF)
            ;
        return TRUE;
    }
    fprintf(stderr, "no action %s\n", action);
    return FALSE;
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;

    if (argc < 3)
        return 2;
    g_setenv("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null", FALSE);
    gvir_sandbox_init(NULL, NULL);
    name = argv[2];
    connection = gvir_sandbox_connection_open(*argv[1] ? argv[1] : NULL, &error);
    if (connection)
        use_script("while :; do echo tick; sleep 0.2; done");
    for (int i = 3; i < argc && !error; i++) {
        if (!act(argv[i], &error) && !error)
            return 1;
    }
    if (error)
        fprintf(stderr, "%s\n", error->message);
    g_clear_object(&context);
    g_clear_object(&connection);
    return error ? 1 : 0;
}
