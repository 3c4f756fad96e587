/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/libvirt/xml-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

void
gvir_sandbox_xml_append(GString *xml, const gchar *format, ...)
{
    g_autofree gchar *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_markup_vprintf_escaped(format, args);
    va_end(args);
    g_string_append(xml, text);
}

gboolean
gvir_sandbox_xml_check_path(const gchar *what, const gchar *path, GError **error)
{
    g_autofree gchar *shown = NULL;
    const gchar *at = path;

    if (g_utf8_validate(path, -1, NULL)) {
        while (*at && !g_ascii_iscntrl(*at))
            at++;
        if (!*at)
            return TRUE;
    }
    shown = g_strescape(path, NULL);
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                _("%s %s: libvirt takes no path that has control characters or is not UTF-8 text; rename it"), what,
                shown);
    return FALSE;
}
