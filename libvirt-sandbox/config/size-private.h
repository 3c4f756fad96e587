/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Bytes, from plain digits or digits and one of K M G T, KiB MiB GiB TiB (all of them powers of 1024). */
gboolean gvir_sandbox_size_parse(const gchar *text, guint64 *bytes, GError **error);
