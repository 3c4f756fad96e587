/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/embedded/driver-start-private.h"
#include "libvirt-sandbox/libvirt/driver-private.h"
#include "libvirt-sandbox/util/open-umask-private.h"

#include <sched.h>
#include <stdlib.h>

/*
 * libvirt keeps what it learns of QEMU, which takes seconds, together with what the processor says of itself,
 * and learns it anew where that has changed. One of the answers (leaf 0x1F) has the number of the core that
 * gives it, so that it would change from start to start. A driver that is started in our process asks while
 * it is opened: so that is done on one processor, always the same. Afterwards all is as before, before any
 * other program is started that would have its processors from us.
 */

/* More than any kernel can be built for. */
#define PROCESSORS_MAX 8192
#define SET_SIZE CPU_ALLOC_SIZE(PROCESSORS_MAX)

static cpu_set_t *
get_processors(pid_t thread)
{
    cpu_set_t *set = CPU_ALLOC(PROCESSORS_MAX);

    CPU_ZERO_S(SET_SIZE, set);
    if (sched_getaffinity(thread, SET_SIZE, set) == 0)
        return set;
    CPU_FREE(set);
    return NULL;
}

/* The first of those that we may use at all. */
static cpu_set_t *
choose_one(const cpu_set_t *all)
{
    cpu_set_t *one = CPU_ALLOC(PROCESSORS_MAX);
    int first = 0;

    while (first < PROCESSORS_MAX && !CPU_ISSET_S(first, SET_SIZE, all))
        first++;
    CPU_ZERO_S(SET_SIZE, one);
    CPU_SET_S(first, SET_SIZE, one);
    return one;
}

static GHashTable *
list_threads(void)
{
    GHashTable *threads = g_hash_table_new(NULL, NULL);
    g_autoptr(GDir) directory = g_dir_open("/proc/self/task", 0, NULL);
    const gchar *name;

    while (directory && (name = g_dir_read_name(directory)))
        g_hash_table_add(threads, GINT_TO_POINTER(atoi(name)));
    return threads;
}

/* A thread that was made meanwhile has the processors of who made it. FALSE if there was none. */
static gboolean
free_new_threads(GHashTable *before, const cpu_set_t *one, const cpu_set_t *all)
{
    gboolean found = FALSE;
    g_autoptr(GHashTable) threads = list_threads();
    GHashTableIter iterator;
    gpointer thread;

    g_hash_table_iter_init(&iterator, threads);
    while (g_hash_table_iter_next(&iterator, &thread, NULL)) {
        cpu_set_t *set = g_hash_table_contains(before, thread) ? NULL : get_processors(GPOINTER_TO_INT(thread));

        if (set && CPU_EQUAL_S(SET_SIZE, set, one))
            found |= sched_setaffinity(GPOINTER_TO_INT(thread), SET_SIZE, all) == 0;
        if (set)
            CPU_FREE(set);
    }
    return found;
}

static gboolean
open_on_one_processor(GVirConnection *connection, GError **error)
{
    g_autoptr(GHashTable) before = list_threads();
    cpu_set_t *all = get_processors(0);
    cpu_set_t *one = all ? choose_one(all) : NULL;
    gboolean pinned = one && sched_setaffinity(0, SET_SIZE, one) == 0;
    gboolean opened = gvir_connection_open(connection, NULL, error);

    if (pinned) {
        sched_setaffinity(0, SET_SIZE, all);
        /* One of them can have made another before it was found. */
        while (!CPU_EQUAL_S(SET_SIZE, all, one) && free_new_threads(before, one, all))
            ;
    }
    if (all)
        CPU_FREE(all);
    if (one)
        CPU_FREE(one);
    return opened;
}

typedef struct {
    GVirConnection *connection;
    GError **error;
} StartCall;

static gpointer
start(gpointer user_data)
{
    const StartCall *call = user_data;
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_parse(gvir_connection_get_uri(call->connection), NULL);
    gboolean opened;

    /* A daemon that libvirt starts for us would keep to the processor for ever. */
    if (driver && gvir_sandbox_driver_is_embedded(driver))
        opened = open_on_one_processor(call->connection, call->error);
    else
        opened = gvir_connection_open(call->connection, NULL, call->error);
    return GINT_TO_POINTER(opened);
}

gboolean
gvir_sandbox_driver_start(GVirConnection *connection, GError **error)
{
    StartCall call = { connection, error };

    return GPOINTER_TO_INT(gvir_sandbox_open_umask_call(start, &call));
}
