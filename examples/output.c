/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * output [URI]
 *
 * Runs a program in a sandbox with an input, and gets what it writes and how it ended.
 *
 *   cc output.c $(pkg-config --cflags --libs libvirt-sandbox-1.0) -o output
 */

#include <libvirt-sandbox/libvirt-sandbox.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

static gboolean
run_program(GVirConnection *connection, GError **error)
{
    gchar *command[] = { "sh", "-c", "sed 's/^/it read: /'; uname -s >&2; exit 3", NULL };
    g_autoptr(GVirSandboxConfigInteractive) config = gvir_sandbox_config_interactive_new(NULL);
    g_autoptr(GBytes) input = g_bytes_new_static("hello\n", 6);
    g_autoptr(GBytes) output = NULL;
    g_autoptr(GBytes) errors = NULL;
    int status;

    gvir_sandbox_config_interactive_set_command(config, command);
    if (!gvir_sandbox_run(config, connection, input, NULL, &output, &errors, &status, error))
        return FALSE;
    fwrite(g_bytes_get_data(output, NULL), 1, g_bytes_get_size(output), stdout);
    fwrite(g_bytes_get_data(errors, NULL), 1, g_bytes_get_size(errors), stdout);
    printf("status %d\n", WEXITSTATUS(status));
    return TRUE;
}

int
main(int argc, char **argv)
{
    GVirConnection *connection = NULL;
    g_autoptr(GError) error = NULL;
    gboolean done;

    if (gvir_sandbox_init_check(NULL, NULL, &error))
        connection = gvir_sandbox_connection_open(argc > 1 ? argv[1] : NULL, &error);
    done = connection && run_program(connection, &error);
    if (!done)
        fprintf(stderr, "output: %s\n", error->message);
    g_clear_object(&connection);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
