/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/ready-private.h"
#include "libvirt-sandbox/context/user-places-private.h"

#include <libintl.h>
#include <libvirt-gobject/libvirt-gobject.h>
#include <libvirt/libvirt.h>

#define LOG_VARIABLE "LIBVIRT_LOG_OUTPUTS"

/* libvirt looks once where it logs to, and in the environment alone. Without a word of the caller that would be the
 * standard error of his process, which is not ours to write to. */
static void
initialize_libvirt(void)
{
    gboolean unset = !g_getenv(LOG_VARIABLE);

    if (unset)
        g_setenv(LOG_VARIABLE, "4:file:/dev/null", TRUE);
    virInitialize();
    if (unset)
        g_unsetenv(LOG_VARIABLE);
}

gboolean
gvir_sandbox_make_ready(int *argc, char ***argv, GError **error)
{
    static gsize initialized;

    bindtextdomain(GETTEXT_PACKAGE, LOCALEDIR);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");

    gvir_sandbox_user_places_settle_home();
    if (g_once_init_enter(&initialized)) {
        initialize_libvirt();
        g_once_init_leave(&initialized, 1);
    }
    /* What fails above fails here again, and is told. */
    return gvir_init_object_check(argc, argv, error);
}
