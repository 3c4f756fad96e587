/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* TEXT as a message can show it: on one line, printable, and of a sane length. */
gchar *gvir_sandbox_text_show(const gchar *text);

/* Sets @error to GVIR_SANDBOX_ERROR_INVALID; always FALSE, so that a failing function can return it. */
gboolean gvir_sandbox_text_invalid(GError **error, const gchar *format, ...) G_GNUC_PRINTF(2, 3);

/* Sets *FIELD to a copy of VALUE; FALSE if it was that already. */
gboolean gvir_sandbox_text_replace(gchar **field, const gchar *value);
