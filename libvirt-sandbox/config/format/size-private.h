/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Bytes, from plain digits or digits and one of K M G T, KiB MiB GiB TiB (all of them powers of 1024). */
gboolean gvir_sandbox_size_parse(const gchar *text, guint64 *bytes, GError **error);

/* As people write it, and as it is read: "12.6 GiB". Plain ASCII in every locale that has a point or a comma. */
gchar *gvir_sandbox_size_show(guint64 bytes);
