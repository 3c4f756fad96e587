/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the cache does with one of its directories. Used by boot-cache.c and boot-cache-prune.c. */

/* Writes down in the directory @path which files it holds and how long they are, and lets all read them. */
gboolean gvir_sandbox_boot_cache_complete(const gchar *path, GError **error);

/* Whether the directory @path is nobody else's and holds what was written down; it is used then, if so. */
gboolean gvir_sandbox_boot_cache_is_whole(const gchar *path);

/* Removes the files in the directory @path; or it too, whatever it is. Entries have no directories in them. */
void gvir_sandbox_boot_cache_empty(const gchar *path);
void gvir_sandbox_boot_cache_remove(const gchar *path);

G_END_DECLS
