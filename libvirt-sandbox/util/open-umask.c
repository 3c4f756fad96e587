/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/open-umask-private.h"

#include <gio/gio.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_UMASK 022

typedef struct {
    GThreadFunc function;
    gpointer data;
    GCancellable *cancellable;
    GMainContext *served;
    gint done; /* atomic */
} Call;

/* Set in a thread that has the umask already. */
static GPrivate is_open = G_PRIVATE_INIT(NULL);

static gpointer
call_in_thread(gpointer user_data)
{
    Call *call = user_data;
    gpointer result;

    /* The umask of this thread, and no longer that of the process; where that is forbidden the caller's remains. */
    if (unshare(CLONE_FS) == 0)
        umask(OPEN_UMASK);
    g_private_set(&is_open, GINT_TO_POINTER(TRUE));
    if (call->cancellable)
        g_cancellable_push_current(call->cancellable);
    result = call->function(call->data);
    if (call->cancellable)
        g_cancellable_pop_current(call->cancellable);
    if (call->served) {
        g_atomic_int_set(&call->done, TRUE);
        g_main_context_wakeup(call->served);
    }
    return result;
}

static void
serve(Call *call)
{
    while (!g_atomic_int_get(&call->done))
        g_main_context_iteration(call->served, TRUE);
    while (g_main_context_iteration(call->served, FALSE))
        ;
}

gpointer
gvir_sandbox_open_umask_call_serving(GThreadFunc function, gpointer data, GMainContext *served)
{
    Call call = { function, data, g_cancellable_get_current(), served, FALSE };
    GThread *thread;

    if (geteuid() != 0 || g_private_get(&is_open))
        return function(data);
    thread = g_thread_new("open-umask", call_in_thread, &call);
    if (served)
        serve(&call);
    return g_thread_join(thread);
}

gpointer
gvir_sandbox_open_umask_call(GThreadFunc function, gpointer data)
{
    return gvir_sandbox_open_umask_call_serving(function, data, NULL);
}
