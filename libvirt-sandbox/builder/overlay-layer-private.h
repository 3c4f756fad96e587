/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Whether an overlay can show what is at @path; also where that cannot be tried. */
gboolean gvir_sandbox_overlay_layer_is_possible(const gchar *path);
