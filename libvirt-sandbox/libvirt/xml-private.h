/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Appends, as g_string_append_printf() with the arguments escaped for XML. */
void gvir_sandbox_xml_append(GString *xml, const gchar *format, ...) G_GNUC_PRINTF(2, 3);
/* Whether a description can hold the path: XML has no way to write every byte. @what: for the message. */
gboolean gvir_sandbox_xml_check_path(const gchar *what, const gchar *path, GError **error);
