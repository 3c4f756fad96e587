/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/text-private.h"

#include "libvirt-sandbox/error.h"

#include <string.h>

#define SHOWN_CHARACTERS 100

static void
append_visible(GString *shown, gunichar character)
{
    if (character == '\n')
        g_string_append(shown, "\\n");
    else if (character == '\t')
        g_string_append(shown, "\\t");
    else if (character < 0x80 && !g_ascii_isprint((gchar)character))
        g_string_append_printf(shown, "\\x%02x", character);
    else if (!g_unichar_isprint(character))
        g_string_append_printf(shown, "\\u%04x", character);
    else
        g_string_append_unichar(shown, character);
}

/* Appends the character that @text begins with, or its first byte if it is none; returns what follows. */
static const gchar *
append_first(GString *shown, const gchar *text)
{
    gunichar character = g_utf8_get_char_validated(text, -1);

    if (character == (gunichar)-1 || character == (gunichar)-2) {
        g_string_append_printf(shown, "\\x%02x", (guchar)*text);
        return text + 1;
    }
    append_visible(shown, character);
    return g_utf8_next_char(text);
}

gchar *
gvir_sandbox_text_show(const gchar *text)
{
    const gchar *next = text ? text : "";
    GString *shown = g_string_new(NULL);

    for (guint count = 0; *next && count < SHOWN_CHARACTERS; count++)
        next = append_first(shown, next);
    if (*next)
        g_string_append(shown, "…");
    return g_string_free(shown, FALSE);
}

gboolean
gvir_sandbox_text_invalid(GError **error, const gchar *format, ...)
{
    va_list args;
    g_autofree gchar *text = NULL;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);

    g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, text);
    return FALSE;
}

gboolean
gvir_sandbox_text_replace(gchar **field, const gchar *value)
{
    gchar *copy;

    if (g_strcmp0(*field, value) == 0)
        return FALSE;
    copy = g_strdup(value);
    g_free(*field);
    *field = copy;
    return TRUE;
}
