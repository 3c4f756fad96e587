/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* One line on standard error, "A /etc/motd", for what the program has done to @path. */
void changes_print(const gchar *kind, const gchar *path);
