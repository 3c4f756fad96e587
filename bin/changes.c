/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "changes.h"

#include "visible.h"

#include <stdio.h>

void
changes_print(const gchar *kind, const gchar *path)
{
    g_autoptr(GString) line = g_string_new(kind);

    g_string_append_c(line, ' ');
    /* On a line of its own, from which the name can be made again. */
    visible_append(line, path, '\\');
    fprintf(stderr, "%s\n", line->str);
}
