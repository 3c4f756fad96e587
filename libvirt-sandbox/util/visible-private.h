/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* One line of hostile text as it may be shown: valid UTF-8, control characters written out, not too long. */
gchar *gvir_sandbox_visible_line(const gchar *text, gsize length);

/* Appends @data to @out with everything that a terminal would obey written out, but for newline and tab. */
void gvir_sandbox_visible_append(GByteArray *out, const guint8 *data, gsize length);
