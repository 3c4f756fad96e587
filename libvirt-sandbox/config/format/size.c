/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/format/size-private.h"

#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <string.h>

/* How many bits UNIT shifts a number; FALSE if it is no unit. */
static gboolean
unit_to_shift(const gchar *unit, guint *shift)
{
    static const gchar letters[] = "KMGT";
    const gchar *letter;

    *shift = 0;
    if (!*unit)
        return TRUE;
    letter = strchr(letters, g_ascii_toupper(*unit));
    if (!letter || (unit[1] && g_ascii_strcasecmp(unit + 1, "iB") != 0))
        return FALSE;
    *shift = 10 * (guint)(letter - letters + 1);
    return TRUE;
}

gboolean
gvir_sandbox_size_parse(const gchar *text, guint64 *bytes, GError **error)
{
    gsize digits = strspn(text, "0123456789");
    g_autofree gchar *number = g_strndup(text, digits);
    g_autofree gchar *shown = NULL;
    guint64 count;
    guint shift;

    if (digits > 0 && unit_to_shift(text + digits, &shift)) {
        if (g_ascii_string_to_unsigned(number, 10, 0, G_MAXUINT64 >> shift, &count, NULL)) {
            *bytes = count << shift;
            return TRUE;
        }
        shown = gvir_sandbox_text_show(text);
        return gvir_sandbox_text_invalid(error, _("\"%s\" is too large a size"), shown);
    }
    shown = gvir_sandbox_text_show(text);
    return gvir_sandbox_text_invalid(
        error, _("\"%s\" is not a size: expected bytes, or a number with K, M, G, T, KiB, MiB, GiB or TiB"), shown);
}

/* GLib puts a space that does not break before the unit, for which many a locale has no character. */
gchar *
gvir_sandbox_size_show(guint64 bytes)
{
    g_autofree gchar *text = g_format_size_full(bytes, G_FORMAT_SIZE_IEC_UNITS);
    GString *shown = g_string_new(text);

    g_string_replace(shown, "\xc2\xa0", " ", 0);
    return g_string_free(shown, FALSE);
}
