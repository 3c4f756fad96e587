/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/text-private.h"

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
    else if (character != 0xfffd && !g_unichar_isprint(character))
        g_string_append_printf(shown, "\\u%04x", character);
    else
        g_string_append_unichar(shown, character);
}

gchar *
gvir_sandbox_text_show(const gchar *text)
{
    /* A character has at most four bytes, so no more of TEXT than this can be shown. */
    gsize length = text ? strnlen(text, (SHOWN_CHARACTERS + 1) * 4) : 0;
    g_autofree gchar *valid = g_utf8_make_valid(text ? text : "", (gssize)length);
    const gchar *next = valid;
    GString *shown = g_string_new(NULL);

    for (guint count = 0; *next && count < SHOWN_CHARACTERS; count++) {
        append_visible(shown, g_utf8_get_char(next));
        next = g_utf8_next_char(next);
    }
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
