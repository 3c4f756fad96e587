/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/boot-cache-prune-private.h"

#include "libvirt-sandbox/builder/boot/boot-cache-entry-private.h"
#include "libvirt-sandbox/builder/boot/boot-cache-lock-private.h"

#include <sys/stat.h>
#include <unistd.h>

#define ENTRIES_MAX 4
#define ENTRY_AGE_MAX (30 * G_TIME_SPAN_DAY / G_TIME_SPAN_SECOND)
#define LEFTOVER_AGE_MAX (G_TIME_SPAN_DAY / G_TIME_SPAN_SECOND)

typedef struct {
    gchar *path;
    gint64 used; /* seconds since 1970 */
} Candidate;

static void
free_candidate(gpointer data)
{
    Candidate *candidate = data;

    g_free(candidate->path);
    g_free(candidate);
}

static gint
compare_used_last_first(gconstpointer a, gconstpointer b)
{
    const Candidate *first = *(const Candidate *const *)a;
    const Candidate *second = *(const Candidate *const *)b;

    return first->used == second->used ? 0 : first->used > second->used ? -1 : 1;
}

static void
remove_unless_used(const gchar *cache, const gchar *path)
{
    g_autofree gchar *key = g_path_get_basename(path);
    int lock = gvir_sandbox_boot_cache_lock_open(cache, key);

    if (lock < 0)
        return;
    if (gvir_sandbox_boot_cache_lock_alone(lock) == GVIR_SANDBOX_BOOT_CACHE_FREE &&
        gvir_sandbox_boot_cache_lock_is_current(lock, cache, key)) {
        gvir_sandbox_boot_cache_remove(path);
        gvir_sandbox_boot_cache_lock_remove(cache, key);
    }
    close(lock);
}

static void
add_candidate(GPtrArray *list, const gchar *path, gint64 used)
{
    Candidate *candidate = g_new0(Candidate, 1);

    candidate->path = g_strdup(path);
    candidate->used = used;
    g_ptr_array_add(list, candidate);
}

/* Sorts what is in the cache into entries and what builders left. */
static void
list_cache(const gchar *cache, GPtrArray *entries, GPtrArray *leftovers)
{
    g_autoptr(GDir) directory = g_dir_open(cache, 0, NULL);
    const gchar *name;

    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree gchar *path = g_build_filename(cache, name, NULL);
        struct stat status;

        if (lstat(path, &status) == 0 && S_ISDIR(status.st_mode))
            add_candidate(name[0] == '.' ? leftovers : entries, path, status.st_mtim.tv_sec);
    }
}

void
gvir_sandbox_boot_cache_prune(const gchar *cache)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(free_candidate);
    g_autoptr(GPtrArray) leftovers = g_ptr_array_new_with_free_func(free_candidate);
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;

    list_cache(cache, entries, leftovers);
    g_ptr_array_sort(entries, compare_used_last_first);
    for (guint i = 0; i < entries->len; i++) {
        const Candidate *candidate = g_ptr_array_index(entries, i);

        if (i >= ENTRIES_MAX || now - candidate->used > ENTRY_AGE_MAX)
            remove_unless_used(cache, candidate->path);
    }
    for (guint i = 0; i < leftovers->len; i++) {
        const Candidate *candidate = g_ptr_array_index(leftovers, i);

        /* Nobody is at it for so long. */
        if (now - candidate->used > LEFTOVER_AGE_MAX)
            gvir_sandbox_boot_cache_remove(candidate->path);
    }
}
