/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/format/option-text-private.h"

#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <string.h>

gchar **
gvir_sandbox_option_split(const gchar *text)
{
    GPtrArray *pieces = g_ptr_array_new();
    GString *piece = g_string_new(NULL);

    for (; *text; text++) {
        if (text[0] == '\\' && text[1] == ',') {
            g_string_append_c(piece, ',');
            text++;
        } else if (*text == ',') {
            g_ptr_array_add(pieces, g_string_free(piece, FALSE));
            piece = g_string_new(NULL);
        } else {
            g_string_append_c(piece, *text);
        }
    }
    g_ptr_array_add(pieces, g_string_free(piece, FALSE));
    g_ptr_array_add(pieces, NULL);
    return (gchar **)g_ptr_array_free(pieces, FALSE);
}

const gchar *
gvir_sandbox_option_find_equals(const gchar *text, gchar **left)
{
    GString *name = g_string_new(NULL);

    for (; *text && *text != '='; text++) {
        if (text[0] == '\\' && text[1] == '=')
            text++;
        g_string_append_c(name, *text);
    }
    *left = g_string_free(name, FALSE);
    return *text ? text : NULL;
}

GVirSandboxOption *
gvir_sandbox_option_parse(const gchar *text, const gchar *expected, GError **error)
{
    g_auto(GStrv) pieces = gvir_sandbox_option_split(text);
    const gchar *colon = strchr(pieces[0], ':');
    g_autofree gchar *target = NULL;
    const gchar *equals = colon ? gvir_sandbox_option_find_equals(colon + 1, &target) : NULL;
    GVirSandboxOption *option;

    if (!equals) {
        gvir_sandbox_text_invalid(error, _("expected %s"), expected);
        return NULL;
    }
    option = g_new0(GVirSandboxOption, 1);
    option->type = g_strndup(pieces[0], (gsize)(colon - pieces[0]));
    option->target = g_steal_pointer(&target);
    option->source = g_strdup(equals + 1);
    option->options = g_strdupv(pieces + 1);
    return option;
}

void
gvir_sandbox_option_free(GVirSandboxOption *option)
{
    g_free(option->type);
    g_free(option->target);
    g_free(option->source);
    g_strfreev(option->options);
    g_free(option);
}

gboolean
gvir_sandbox_option_unknown(const gchar *option, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(option);

    return gvir_sandbox_text_invalid(error, _("unknown option \"%s\" (a comma in a value is written \"\\,\")"), shown);
}

gboolean
gvir_sandbox_option_prefix(GError **error, const gchar *kind, const gchar *text)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(text);

    return gvir_sandbox_error_prefix(error, "%s %s", kind, shown);
}
