/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "changes.h"

#include <stdio.h>

/* The name of a file can have any bytes: on a line of its own, and nothing that a terminal would obey. */
static void
append_visible(GString *line, const gchar *text)
{
    while (*text) {
        gunichar character = g_utf8_get_char_validated(text, -1);
        gboolean is_text = character != (gunichar)-1 && character != (gunichar)-2;

        if (is_text && g_unichar_isprint(character) && character != '\\') {
            g_string_append_unichar(line, character);
            text = g_utf8_next_char(text);
        } else {
            g_string_append_printf(line, "\\x%02x", (guchar)*text++);
        }
    }
}

void
changes_print(const gchar *kind, const gchar *path)
{
    g_autoptr(GString) line = g_string_new(kind);

    g_string_append_c(line, ' ');
    append_visible(line, path);
    fprintf(stderr, "%s\n", line->str);
}
