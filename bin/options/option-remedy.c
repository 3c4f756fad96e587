/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/options/option-remedy.h"
#include "bin/options/option-table.h"

#include <glib/gi18n.h>

gchar *
option_remedy_explain(const gchar *message, const gchar *property)
{
    const gchar *option = property ? options_name_for_property(property) : NULL;

    return option ? g_strdup_printf(_("%s (use --%s)"), message, option) : g_strdup(message);
}
