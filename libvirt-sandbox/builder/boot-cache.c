/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot-cache-private.h"

#include "libvirt-sandbox/builder/boot-cache-entry-private.h"
#include "libvirt-sandbox/error-private.h"
#include "libvirt-sandbox/i18n-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * An entry is a directory KEY. It is made as ".KEY.new", under an exclusive flock on that
 * directory, and renamed when it is whole; so a builder that was killed leaves a directory whose
 * lock is free, which the next one takes over. Who uses an entry holds a shared flock on it. An
 * entry found broken is first renamed to ".KEY.old-N", as somebody may still be reading in it.
 */

#define WAIT_MICROSECONDS 10000

/* One call of obtain. */
typedef struct {
    const gchar *cache;
    const gchar *key;
    gchar *path;     /* the entry */
    gchar *new_path; /* the entry while it is made */
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

    /* Tells when it was used last. */
    futimens(lock, NULL);
    entry->path = g_strdup(path);
    entry->lock = lock;
    entry->built = built;
    return entry;
}

/* Where root's umask is narrow, QEMU, which runs as somebody else, still has to get in. */
static gboolean
make_cache(const gchar *cache, GError **error)
{
    g_autofree gchar *parent = g_path_get_dirname(cache);
    gboolean is_new = !g_file_test(cache, G_FILE_TEST_IS_DIR);
    gboolean is_parent_new = !g_file_test(parent, G_FILE_TEST_IS_DIR);

    if (g_mkdir_with_parents(cache, 0755) < 0) {
        gvir_sandbox_error_set_errno(
            error, errno, _("boot image cache %s (set XDG_CACHE_HOME for another)"), cache);
        return FALSE;
    }
    if (is_new)
        g_chmod(cache, 0755);
    if (is_parent_new)
        g_chmod(parent, 0755);
    return TRUE;
}

/* The entry, if it is there and whole. */
static GVirSandboxBootCacheEntry *
look_up(const Request *request)
{
    int lock = gvir_sandbox_boot_cache_lock(request->path, FALSE);

    if (lock < 0)
        return NULL;
    if (!gvir_sandbox_boot_cache_is_whole(lock)) {
        close(lock);
        return NULL;
    }
    return new_entry(request->path, lock, FALSE);
}

/* The directory to build in, locked; or -1: with @error not set, somebody else has it. */
static int
lock_new(const Request *request, GError **error)
{
    int lock;

    if (g_mkdir(request->new_path, 0755) < 0 && errno != EEXIST) {
        gvir_sandbox_error_set_errno(error, errno,
                                     _("boot image cache %s (set XDG_CACHE_HOME for another)"),
                                     request->cache);
        return -1;
    }
    lock = gvir_sandbox_boot_cache_lock(request->new_path, TRUE);
    if (lock < 0 && errno != EWOULDBLOCK && errno != ENOENT)
        gvir_sandbox_error_set_errno(error, errno, _("boot image cache %s"), request->new_path);
    return lock;
}

static void
put_broken_aside(const Request *request)
{
    for (guint i = 0; i < 1000; i++) {
        g_autofree gchar *old = g_strdup_printf("%s/.%s.old-%u", request->cache, request->key, i);

        if (g_rename(request->path, old) == 0) {
            int lock = gvir_sandbox_boot_cache_lock(old, TRUE);

            if (lock >= 0) {
                gvir_sandbox_boot_cache_remove(old);
                close(lock);
            }
            return;
        }
        if (errno != EEXIST && errno != ENOTEMPTY)
            return;
    }
}

/* Under the lock of the new directory, so that nobody else does it. */
static GVirSandboxBootCacheEntry *
build_entry(const Request *request, int lock, GError **error)
{
    gvir_sandbox_boot_cache_empty(request->new_path);
    if (!request->build(request->new_path, request->user_data, request->cancellable, error) ||
        !gvir_sandbox_boot_cache_complete(request->new_path, lock, error)) {
        gvir_sandbox_boot_cache_remove(request->new_path);
        return NULL;
    }
    put_broken_aside(request);
    if (g_rename(request->new_path, request->path) < 0) {
        gvir_sandbox_error_set_errno(error, errno, _("boot image cache %s"), request->path);
        gvir_sandbox_boot_cache_remove(request->new_path);
        return NULL;
    }
    gvir_sandbox_boot_cache_share(lock);
    return new_entry(request->path, lock, TRUE);
}

static GVirSandboxBootCacheEntry *
build_or_wait(const Request *request, GError **error)
{
    gboolean told = FALSE;

    for (;;) {
        GVirSandboxBootCacheEntry *entry;
        g_autoptr(GError) local = NULL;
        int lock;

        if (g_cancellable_set_error_if_cancelled(request->cancellable, error))
            return NULL;
        lock = lock_new(request, &local);
        if (local) {
            g_propagate_error(error, g_steal_pointer(&local));
            return NULL;
        }
        /* Whoever held the lock may just have finished. */
        entry = look_up(request);
        if (entry) {
            if (lock >= 0) {
                gvir_sandbox_boot_cache_remove(request->new_path);
                close(lock);
            }
            return entry;
        }
        if (lock >= 0) {
            entry = build_entry(request, lock, error);
            if (!entry)
                close(lock);
            return entry;
        }
        if (!told && request->waiting)
            request->waiting(request->user_data);
        told = TRUE;
        g_usleep(WAIT_MICROSECONDS);
    }
}

GVirSandboxBootCacheEntry *
gvir_sandbox_boot_cache_obtain(const gchar *cache, const gchar *key,
                               GVirSandboxBootCacheBuild build, GVirSandboxBootCacheWaiting waiting,
                               gpointer user_data, GCancellable *cancellable, GError **error)
{
    g_autofree gchar *path = g_build_filename(cache, key, NULL);
    g_autofree gchar *new_path = g_strdup_printf("%s/.%s.new", cache, key);
    Request request = {cache, key, path, new_path, build, waiting, user_data, cancellable};
    GVirSandboxBootCacheEntry *entry = look_up(&request);

    if (!entry && make_cache(cache, error))
        entry = build_or_wait(&request, error);
    return entry;
}
