/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/leftover-private.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define END_WAIT_MSEC 1000

/* QEMU names its own files on its command line, and no other program is started with them. */
static gboolean
is_machine_of(const gchar *pid, const gchar *path)
{
    g_autofree gchar *file = g_build_filename("/proc", pid, "cmdline", NULL);
    g_autofree gchar *below = g_strconcat(path, "/", NULL);
    g_autofree gchar *arguments = NULL;
    g_autofree gchar *program = NULL;
    gsize length;

    if (!g_file_get_contents(file, &arguments, &length, NULL) || length == 0)
        return FALSE;
    program = g_path_get_basename(arguments);
    return g_str_has_prefix(program, "qemu") &&
           memmem(arguments, length, below, strlen(below)) != NULL;
}

/* By a descriptor, so that a number used again in between hits nobody else. */
static int
open_machine(const gchar *pid, const gchar *path)
{
    int fd = syscall(SYS_pidfd_open, atoi(pid), 0);

    if (fd >= 0 && is_machine_of(pid, path))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

void
gvir_sandbox_leftover_end_processes(const gchar *path)
{
    g_autoptr(GDir) processes = g_dir_open("/proc", 0, NULL);
    const gchar *pid;

    while (processes && (pid = g_dir_read_name(processes))) {
        struct pollfd pollfd = { .fd = -1, .events = POLLIN };

        if (g_ascii_isdigit(*pid) && is_machine_of(pid, path))
            pollfd.fd = open_machine(pid, path);
        if (pollfd.fd < 0)
            continue;
        if (syscall(SYS_pidfd_send_signal, pollfd.fd, SIGKILL, NULL, 0) == 0)
            poll(&pollfd, 1, END_WAIT_MSEC);
        close(pollfd.fd);
    }
}

void
gvir_sandbox_leftover_remove(const gchar *path)
{
    gchar *roots[] = { (gchar *)path, NULL };
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
    FTSENT *entry;

    while (tree && (entry = fts_read(tree))) {
        if (entry->fts_info == FTS_DP)
            rmdir(entry->fts_accpath);
        else if (entry->fts_info != FTS_D && entry->fts_info != FTS_DNR)
            unlink(entry->fts_accpath);
    }
    if (tree)
        fts_close(tree);
}
