/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The lock of an entry of the cache: one byte of a file beside the cache, in a directory that is closed to
 * others, as who can open a file can lock it, while the entry itself is open to all who run QEMU. Who uses an
 * entry shares the lock; who makes or removes it has it alone, for which he must be able to write the file:
 * who sees it read-only, from a container, may keep an entry from being removed, and nobody from using or
 * making it. A lock goes with its descriptor.
 */

typedef enum {
    GVIR_SANDBOX_BOOT_CACHE_FREE,  /* shared with others */
    GVIR_SANDBOX_BOOT_CACHE_USED,  /* others share it, so that it cannot be had alone */
    GVIR_SANDBOX_BOOT_CACHE_TAKEN, /* somebody has it alone */
} GVirSandboxBootCacheLockState;

/* -1 with errno where there is none, as in a cache that cannot be written. */
int gvir_sandbox_boot_cache_lock_open(const gchar *cache, const gchar *key);

/* Without waiting; TAKEN or USED where it cannot be had so. */
GVirSandboxBootCacheLockState gvir_sandbox_boot_cache_lock_share(int lock);
GVirSandboxBootCacheLockState gvir_sandbox_boot_cache_lock_alone(int lock);

/* Whether the file is still the entry's; not if the entry was removed after it was opened. */
gboolean gvir_sandbox_boot_cache_lock_is_current(int lock, const gchar *cache, const gchar *key);

/* Removes the file, of an entry that is gone, by who has it alone. */
void gvir_sandbox_boot_cache_lock_remove(const gchar *cache, const gchar *key);

G_END_DECLS
