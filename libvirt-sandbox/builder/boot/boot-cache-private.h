/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A directory of the cache, ready to be read. It is not removed before this is freed. */
typedef struct {
    gchar *path;
    gboolean built; /* by this call, so it was not in the cache */
    int lock;       /* -1 in a cache that cannot be written */
} GVirSandboxBootCacheEntry;

/* Fills @directory, which is empty. Nobody sees the files before it has returned TRUE. */
typedef gboolean (*GVirSandboxBootCacheBuild)(const gchar *directory, gpointer user_data, GCancellable *cancellable,
                                              GError **error);

/* Called once when another one is seen to build what is wanted. */
typedef void (*GVirSandboxBootCacheWaiting)(gpointer user_data);

/* The directory of @key in @cache, which another user must not be able to change: DENIED. If there is
 * none that is whole, @build makes it. If another process or thread is at it, waits for that one
 * instead, after a call of @waiting (may be NULL), but not for ever. */
GVirSandboxBootCacheEntry *gvir_sandbox_boot_cache_obtain(const gchar *cache, const gchar *key,
                                                          GVirSandboxBootCacheBuild build,
                                                          GVirSandboxBootCacheWaiting waiting, gpointer user_data,
                                                          GCancellable *cancellable, GError **error);

/* Where the cache is for this user. */
gchar *gvir_sandbox_boot_cache_default_directory(void);

void gvir_sandbox_boot_cache_entry_free(GVirSandboxBootCacheEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxBootCacheEntry, gvir_sandbox_boot_cache_entry_free)

G_END_DECLS
