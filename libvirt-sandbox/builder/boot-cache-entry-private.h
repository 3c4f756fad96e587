/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the cache does with one of its directories. Used by boot-cache.c and boot-cache-prune.c. */

/* Opens the directory @path and locks it: shared, or exclusive without waiting. -1 with errno:
 * EWOULDBLOCK if it is in use, ENOENT if it is not (or no longer) there. */
int gvir_sandbox_boot_cache_lock(const gchar *path, gboolean exclusive);

/* Makes an exclusive lock a shared one. */
void gvir_sandbox_boot_cache_share(int lock);

/* Writes down in the directory @path, open as @directory, which files it holds and how long they
 * are, and lets all read them. */
gboolean gvir_sandbox_boot_cache_complete(const gchar *path, int directory, GError **error);

/* Whether @directory holds what was written down. */
gboolean gvir_sandbox_boot_cache_is_whole(int directory);

/* Removes the files in the directory @path; or it too. Entries have no directories in them. */
void gvir_sandbox_boot_cache_empty(const gchar *path);
void gvir_sandbox_boot_cache_remove(const gchar *path);

G_END_DECLS
