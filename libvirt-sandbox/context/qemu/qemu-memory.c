/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/qemu/qemu-memory-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/*
 * The memory of the guest and what QEMU translates code to are there from the start. A request to a shared directory
 * takes a stack of 1 MiB, of which there can be 128 at a time for each, and threads that wait for a disk have 8 MiB.
 */
#define MARGIN (G_GUINT64_CONSTANT(2) << 30)

/* Of a process. */
typedef struct {
    guint pid;
    guint uid;
    guint gid;
    guint64 data; /* in bytes: what RLIMIT_DATA counts */
} Process;

static gboolean
get_number(const gchar *status, const gchar *name, guint64 *number)
{
    const gchar *line = strstr(status, name);

    if (line)
        *number = g_ascii_strtoull(line + strlen(name), NULL, 10);
    return line != NULL;
}

static gboolean
look_at(guint pid, Process *process)
{
    g_autofree gchar *path = g_strdup_printf("/proc/%u/status", pid);
    g_autofree gchar *status = NULL;
    guint64 uid, gid, data;

    if (pid == 0 || !g_file_get_contents(path, &status, NULL, NULL) || !get_number(status, "\nUid:\t", &uid) ||
        !get_number(status, "\nGid:\t", &gid) || !get_number(status, "\nVmData:\t", &data))
        return FALSE;
    *process = (Process){ pid, (guint)uid, (guint)gid, data * 1024 };
    return TRUE;
}

static int
set_bound(const Process *process)
{
    const struct rlimit bound = { process->data + MARGIN, process->data + MARGIN };

    return prlimit((pid_t)process->pid, RLIMIT_DATA, &bound, NULL) < 0 ? errno : 0;
}

/* Root may do it to others only with CAP_SYS_RESOURCE, which it has not in many a container; they themselves may. The
 * kernel keeps credentials per thread. */
static gpointer
set_bound_as_itself(gpointer user_data)
{
    const Process *process = user_data;

    if (syscall(SYS_setresgid, process->gid, process->gid, process->gid) < 0 ||
        syscall(SYS_setresuid, process->uid, process->uid, process->uid) < 0)
        return GINT_TO_POINTER(errno);
    return GINT_TO_POINTER(set_bound(process));
}

/* Not by a control group: a driver without a daemon makes none, and an ordinary user may not. */
void
gvir_sandbox_qemu_memory_bound(guint pid)
{
    Process process;
    int failure;

    if (!look_at(pid, &process))
        return;
    failure = set_bound(&process);
    if (failure == EPERM)
        failure = GPOINTER_TO_INT(g_thread_join(g_thread_new("memory-bound", set_bound_as_itself, &process)));
    if (failure != 0)
        g_info(_("the memory of QEMU itself has no bound: %s"), g_strerror(failure));
}
