/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A file with a file system for the layers of a machine's overlay, as large as there is room for. */

/* Whether one can be made in @directory: NOT_FOUND, UNSUPPORTED, FAILED. */
gboolean gvir_sandbox_overlay_image_check(const gchar *directory, GError **error);

/* Makes it in the open @directory, for that user if @uid is not 0, and returns its name there. */
const gchar *gvir_sandbox_overlay_image_make(int directory, guint uid, guint gid, GError **error);
