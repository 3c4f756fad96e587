/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/main.h"
#include "libvirt-sandbox/context/ready-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"

#include <stdlib.h>

/**
 * gvir_sandbox_init:
 * @argc: (inout) (optional): pointer to the program's argument count
 * @argv: (inout) (transfer none) (array length=argc) (optional) (nullable): pointer to the program's arguments
 *
 * Makes the library ready, and with it libvirt and its event loop; must be called before anything
 * else of it. Ends the process with a message if that fails; gvir_sandbox_init_check() does not.
 */
void
gvir_sandbox_init(int *argc, char ***argv)
{
    g_autoptr(GError) error = NULL;

    if (!gvir_sandbox_init_check(argc, argv, &error)) {
        g_printerr("libvirt-sandbox: %s\n", error->message);
        exit(EXIT_FAILURE);
    }
}

/**
 * gvir_sandbox_init_check:
 * @argc: (inout) (optional): pointer to the program's argument count
 * @argv: (inout) (transfer none) (array length=argc) (optional) (nullable): pointer to the program's arguments
 * @error: return location for an error, or %NULL
 *
 * Makes the library ready, and with it libvirt and its event loop; must be called before anything
 * else of it. May be called more than once.
 *
 * libvirt's event loop becomes part of the default main context. The program needs to run that one for the
 * log and shell consoles of a sandbox, and for libvirt-glib's own signals; without it, ending a sandbox only
 * takes some milliseconds longer. The console of a program is served by the context that is the
 * thread-default one where it is attached, and the asynchronous methods call back in that of their caller.
 *
 * Nothing of libvirt's log is written to standard error, unless the environment variable `LIBVIRT_LOG_OUTPUTS` says so
 * or the program has initialised libvirt before.
 *
 * Returns: %TRUE if the library can be used
 */
gboolean
gvir_sandbox_init_check(int *argc, char ***argv, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return gvir_sandbox_make_ready(argc, argv, error);
}
