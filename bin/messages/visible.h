/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Appends @text to @line with all that is not printable written as \xNN, byte by byte, and with it @besides,
 * if that is not 0. */
void visible_append(GString *line, const gchar *text, gchar besides);
