/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/visible-private.h"

#include <string.h>

#define LINE_MAX_CHARACTERS 1000

static void
append_character(GString *line, gunichar character)
{
    if (g_unichar_isprint(character))
        g_string_append_unichar(line, character);
    else
        g_string_append_printf(line, character < 0x100 ? "\\x%02x" : "\\u%04x", character);
}

gchar *
gvir_sandbox_visible_line(const gchar *text, gsize length)
{
    g_autofree gchar *valid = g_utf8_make_valid(text, length);
    GString *line = g_string_new(NULL);
    guint count = 0;

    for (const gchar *at = valid; *at; at = g_utf8_next_char(at)) {
        if (++count > LINE_MAX_CHARACTERS) {
            g_string_append(line, "…");
            break;
        }
        append_character(line, g_utf8_get_char(at));
    }
    return g_string_free(line, FALSE);
}

void
gvir_sandbox_visible_append(GByteArray *out, const guint8 *data, gsize length)
{
    for (gsize i = 0; i < length; i++) {
        gchar text[8];

        if (data[i] == '\r')
            continue;
        if (data[i] == '\n' || data[i] == '\t' || (data[i] >= 0x20 && data[i] < 0x7f)) {
            g_byte_array_append(out, data + i, 1);
            continue;
        }
        if (data[i] < 0x20)
            g_snprintf(text, sizeof(text), "^%c", data[i] + '@');
        else
            g_snprintf(text, sizeof(text), "\\x%02x", data[i]);
        g_byte_array_append(out, (const guint8 *)text, strlen(text));
    }
}
