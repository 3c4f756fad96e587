/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Whether an overlay can show what @layer is (O_PATH will do); also where that cannot be tried. */
gboolean gvir_sandbox_overlay_layer_is_possible(int layer);
