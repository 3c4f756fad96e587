/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/messages/visible.h"

/* An argument, the name of a file or what a guest says can have any bytes, and a terminal obeys some. */
void
visible_append(GString *line, const gchar *text, gchar besides)
{
    while (*text) {
        gunichar character = g_utf8_get_char_validated(text, -1);
        gboolean is_text = character != (gunichar)-1 && character != (gunichar)-2;

        if (is_text && g_unichar_isprint(character) && (!besides || *text != besides)) {
            g_string_append_unichar(line, character);
            text = g_utf8_next_char(text);
        } else {
            g_string_append_printf(line, "\\x%02x", (guchar)*text++);
        }
    }
}
