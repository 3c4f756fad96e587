/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bin/reaper.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Until its process is known, a machine may have died already; libvirt waits 40 s for a zombie to go. */
#define LOOK_MILLISECONDS 50

static guint look_source;

/* By the name of its program, which the dead still have: of libvirt's, or the guard. */
static gboolean
is_known_program(pid_t child)
{
    g_autofree gchar *path = g_strdup_printf("/proc/%d/comm", (int)child);
    g_autofree gchar *name = NULL;

    return g_file_get_contents(path, &name, NULL, NULL) &&
           (g_str_has_prefix(name, "qemu") || g_str_has_prefix(name, "passt") ||
            g_str_has_prefix(name, "libvirt-sandbox"));
}

/*
 * libvirt waits for its other children itself: those in our session, and those that lead one until they have
 * forked. But passt, the network beside a machine, leads its own for as long as it lives, and so does a QEMU
 * that is asked what it can do: which newer versions of libvirt do only when a machine is created.
 */
static gboolean
is_daemon(pid_t child)
{
    pid_t session = getsid(child);

    return session >= 0 && session != getsid(0) && (session != child || is_known_program(child));
}

static gboolean
reap_daemons(gpointer user_data G_GNUC_UNUSED)
{
    siginfo_t dead = { 0 };

    while (waitid(P_ALL, 0, &dead, WEXITED | WNOHANG | WNOWAIT) == 0 && dead.si_pid > 0) {
        if (!is_daemon(dead.si_pid) || waitpid(dead.si_pid, NULL, WNOHANG) != dead.si_pid)
            break;
        dead.si_pid = 0;
    }
    return G_SOURCE_CONTINUE;
}

static void
look_for_daemons(void)
{
    if (look_source == 0)
        look_source = g_timeout_add(LOOK_MILLISECONDS, reap_daemons, NULL);
}

/* What ran beside it ends with it. */
static void
machine_ended(GPid pid G_GNUC_UNUSED, gint status G_GNUC_UNUSED, gpointer user_data G_GNUC_UNUSED)
{
    look_for_daemons();
}

void
reaper_start(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    look_for_daemons();
}

void
reaper_watch(guint process)
{
    siginfo_t state = { 0 };

    g_clear_handle_id(&look_source, g_source_remove);
    if (process == 0)
        return;
    /* It may be known no more, and been reaped above. */
    if (waitid(P_PID, process, &state, WEXITED | WNOHANG | WNOWAIT) == 0)
        g_child_watch_add((GPid)process, machine_ended, NULL);
    else
        look_for_daemons();
}
