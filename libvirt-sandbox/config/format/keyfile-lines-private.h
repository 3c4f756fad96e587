/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Checks the lines of a key file, for what GKeyFile would accept without a word or refuse without
 * saying where: text that is none, lines without end, groups and keys that come twice.
 */
gboolean gvir_sandbox_keyfile_check_lines(const gchar *data, gsize length, GError **error);
