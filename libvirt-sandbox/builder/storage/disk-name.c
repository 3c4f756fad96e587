/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/storage/disk-name-private.h"

#define LETTERS 26

gchar *
gvir_sandbox_disk_name(const gchar *prefix, guint number)
{
    GString *name = g_string_new(NULL);

    /* No letter stands for zero: behind z comes aa. */
    for (guint rest = number + 1; rest > 0; rest = (rest - 1) / LETTERS)
        g_string_prepend_c(name, (gchar)('a' + (rest - 1) % LETTERS));
    g_string_prepend(name, prefix);
    return g_string_free(name, FALSE);
}
