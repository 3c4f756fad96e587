/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/changes.h"

#include "bin/messages/error-output.h"
#include "bin/messages/visible.h"

void
changes_print(const gchar *kind, const gchar *path)
{
    g_autoptr(GString) line = g_string_new(kind);

    g_string_append_c(line, ' ');
    /* On a line of its own, from which the name can be made again. */
    visible_append(line, path, '\\');
    g_string_append_c(line, '\n');
    error_output_add(line->str);
}
