/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/boot-cache-private.h"

#include "libvirt-sandbox/builder/boot/boot-cache-entry-private.h"
#include "libvirt-sandbox/builder/boot/boot-cache-lock-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/trusted-directory-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

/*
 * An entry is a directory KEY. It is made as ".KEY.new", by who has the lock of KEY alone, and renamed
 * when it is whole; so a builder that was killed leaves a directory that the next one takes over. An
 * entry found broken is first renamed to ".KEY.old-N", and stays for a day where somebody uses it. Where
 * the lock cannot be had in good time the entry is made under a name of its own: then the work is done
 * twice, but it is done.
 */

#define WAIT_MICROSECONDS 10000
/* For who makes the entry, which takes some seconds; and for who only seems to use one that is not there. */
#define BUILDER_WAIT_MICROSECONDS (120 * G_USEC_PER_SEC)
#define USER_WAIT_MICROSECONDS (2 * G_USEC_PER_SEC)
#define OLD_NAMES_MAX 1000

/* One call of obtain. */
typedef struct {
    const gchar *cache;
    const gchar *key;
    gchar *path; /* the entry */
    GVirSandboxBootCacheBuild build;
    GVirSandboxBootCacheWaiting waiting;
    gpointer user_data;
    GCancellable *cancellable;
} Request;

gchar *
gvir_sandbox_boot_cache_default_directory(void)
{
    const gchar *base = geteuid() == 0 ? "/var/cache" : g_get_user_cache_dir();

    return g_build_filename(base, "libvirt-sandbox", "boot", NULL);
}

void
gvir_sandbox_boot_cache_entry_free(GVirSandboxBootCacheEntry *entry)
{
    if (entry->lock >= 0)
        close(entry->lock);
    g_free(entry->path);
    g_free(entry);
}

static GVirSandboxBootCacheEntry *
new_entry(const gchar *path, int lock, gboolean built)
{
    GVirSandboxBootCacheEntry *entry = g_new0(GVirSandboxBootCacheEntry, 1);

    entry->path = g_strdup(path);
    entry->lock = lock;
    entry->built = built;
    return entry;
}

static gchar *
open_cache(const gchar *cache, GError **error)
{
    gchar *resolved = NULL;
    int fd = gvir_sandbox_trusted_directory_open(cache, GVIR_SANDBOX_TRUSTED_MAKE, 0755, &resolved, error);

    if (fd >= 0)
        close(fd);
    else if (geteuid() == 0)
        gvir_sandbox_error_prefix(error, _("boot image cache %s"), cache);
    else
        gvir_sandbox_error_prefix(error, _("boot image cache %s (set XDG_CACHE_HOME for another)"), cache);
    return resolved;
}

/* Gives @made, which is whole, the name of the entry; or takes what somebody else has put there meanwhile. A
 * broken one is removed by who has the lock @alone, as else somebody may still be reading in it. */
static gboolean
put_in_place(const Request *request, const gchar *made, gboolean alone, GError **error)
{
    for (guint i = 0; rename(made, request->path) < 0; i++) {
        g_autofree gchar *old = g_strdup_printf("%s/.%s.old-%u", request->cache, request->key, i);

        if ((errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR) || i == OLD_NAMES_MAX) {
            gvir_sandbox_error_set_errno(error, errno, _("boot image cache %s"), request->path);
            return FALSE;
        }
        if (gvir_sandbox_boot_cache_is_whole(request->path))
            return TRUE;
        if (rename(request->path, old) == 0 && alone)
            gvir_sandbox_boot_cache_remove(old);
    }
    return TRUE;
}

/* In the directory @path, which is gone afterwards. */
static gboolean
build_as(const Request *request, const gchar *path, gboolean alone, GError **error)
{
    gboolean built;

    if (g_mkdir(path, 0755) < 0 && errno != EEXIST) {
        gvir_sandbox_error_set_errno(error, errno,
                                     geteuid() == 0 ? _("boot image cache %s")
                                                    : _("boot image cache %s (set XDG_CACHE_HOME for another)"),
                                     request->cache);
        return FALSE;
    }
    gvir_sandbox_boot_cache_empty(path);
    built = request->build(path, request->user_data, request->cancellable, error) &&
            gvir_sandbox_boot_cache_complete(path, error) && put_in_place(request, path, alone, error);
    gvir_sandbox_boot_cache_remove(path);
    return built;
}

/* By who has the lock alone, and shares it afterwards. */
static GVirSandboxBootCacheEntry *
build_entry(const Request *request, int lock, GError **error)
{
    g_autofree gchar *path = g_strdup_printf("%s/.%s.new", request->cache, request->key);
    gboolean built = gvir_sandbox_boot_cache_is_whole(request->path);
    gboolean found = built;

    if (!built)
        built = build_as(request, path, TRUE, error);
    gvir_sandbox_boot_cache_lock_share(lock);
    return built ? new_entry(request->path, lock, !found) : NULL;
}

/* Beside whoever has the lock, and without it. */
static GVirSandboxBootCacheEntry *
build_apart(const Request *request, GError **error)
{
    g_autofree gchar *path =
        g_strdup_printf("%s/.%s.new-%08x%08x", request->cache, request->key, g_random_int(), g_random_int());

    return build_as(request, path, FALSE, error) ? new_entry(request->path, -1, TRUE) : NULL;
}

/* What one look at the lock tells; the entry, or NULL without an error to look again. */
static GVirSandboxBootCacheEntry *
try_once(const Request *request, int lock, GVirSandboxBootCacheLockState *state, GError **error)
{
    *state = gvir_sandbox_boot_cache_lock_share(lock);
    if (*state == GVIR_SANDBOX_BOOT_CACHE_FREE && gvir_sandbox_boot_cache_is_whole(request->path) &&
        gvir_sandbox_boot_cache_lock_is_current(lock, request->cache, request->key))
        return new_entry(request->path, lock, FALSE);
    if (*state == GVIR_SANDBOX_BOOT_CACHE_FREE)
        *state = gvir_sandbox_boot_cache_lock_alone(lock);
    if (*state == GVIR_SANDBOX_BOOT_CACHE_FREE &&
        gvir_sandbox_boot_cache_lock_is_current(lock, request->cache, request->key))
        return build_entry(request, lock, error);
    return NULL;
}

static GVirSandboxBootCacheEntry *
look_or_build(const Request *request, GVirSandboxBootCacheLockState *state, GError **error)
{
    int lock = gvir_sandbox_boot_cache_lock_open(request->cache, request->key);
    GVirSandboxBootCacheEntry *entry;

    if (lock < 0) {
        /* It cannot be written, so that nobody removes anything either. */
        if (gvir_sandbox_boot_cache_is_whole(request->path))
            return new_entry(request->path, -1, FALSE);
        return build_apart(request, error);
    }
    entry = try_once(request, lock, state, error);
    if (!entry)
        close(lock);
    return entry;
}

static gboolean
is_overdue(GVirSandboxBootCacheLockState state, gint64 began)
{
    gint64 waited = g_get_monotonic_time() - began;

    return waited >= BUILDER_WAIT_MICROSECONDS ||
           (state == GVIR_SANDBOX_BOOT_CACHE_USED && waited >= USER_WAIT_MICROSECONDS);
}

static GVirSandboxBootCacheEntry *
obtain(const Request *request, GError **error)
{
    gint64 began = g_get_monotonic_time();
    gboolean told = FALSE;

    for (;;) {
        GVirSandboxBootCacheLockState state = GVIR_SANDBOX_BOOT_CACHE_FREE;
        g_autoptr(GError) failure = NULL;
        GVirSandboxBootCacheEntry *entry;
        gboolean retry;

        if (g_cancellable_set_error_if_cancelled(request->cancellable, error))
            return NULL;
        entry = look_or_build(request, &state, &failure);
        retry = !failure;
        if (failure)
            g_propagate_error(error, g_steal_pointer(&failure));
        if (entry || !retry)
            return entry;
        if (is_overdue(state, began))
            return build_apart(request, error);
        if (!told && state == GVIR_SANDBOX_BOOT_CACHE_TAKEN && request->waiting)
            request->waiting(request->user_data);
        told = told || state == GVIR_SANDBOX_BOOT_CACHE_TAKEN;
        g_usleep(WAIT_MICROSECONDS);
    }
}

GVirSandboxBootCacheEntry *
gvir_sandbox_boot_cache_obtain(const gchar *cache, const gchar *key, GVirSandboxBootCacheBuild build,
                               GVirSandboxBootCacheWaiting waiting, gpointer user_data, GCancellable *cancellable,
                               GError **error)
{
    g_autofree gchar *resolved = open_cache(cache, error);
    g_autofree gchar *path = resolved ? g_build_filename(resolved, key, NULL) : NULL;
    Request request = { resolved, key, path, build, waiting, user_data, cancellable };

    return resolved ? obtain(&request, error) : NULL;
}
