/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Removes from @cache what was not used for 30 days, what is not among the 4 used last, and what
 * builders left behind that did not come to their end; but nothing that is in use. */
void gvir_sandbox_boot_cache_prune(const gchar *cache);
