/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/leftover/leftover-private.h"
#include "libvirt-sandbox/builder/storage/scratch-private.h"
#include "libvirt-sandbox/context/leftover/tree-remove-private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define END_WAIT_MSEC 1000

/* Where libvirt's LXC driver, which is root's alone, has the files of its containers. */
#define CONTAINERS_DIRECTORY "/run/libvirt/lxc"

/* QEMU, and passt beside it, name their files on their command line, and no other is started with them. */
static gboolean
is_machine_of(const gchar *pid, const gchar *start)
{
    g_autofree gchar *file = g_build_filename("/proc", pid, "cmdline", NULL);
    g_autofree gchar *arguments = NULL;
    g_autofree gchar *program = NULL;
    gsize length;

    if (!g_file_get_contents(file, &arguments, &length, NULL) || length == 0)
        return FALSE;
    program = g_path_get_basename(arguments);
    return (g_str_has_prefix(program, "qemu") || g_str_has_prefix(program, "passt")) &&
           memmem(arguments, length, start, strlen(start)) != NULL;
}

/* By a descriptor, so that a number used again in between hits nobody else. */
static int
open_machine(const gchar *pid, const gchar *start)
{
    int fd = syscall(SYS_pidfd_open, atoi(pid), 0);

    if (fd >= 0 && is_machine_of(pid, start))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Those that name a file whose path has this @start. */
static void
end_machines(const gchar *start)
{
    g_autoptr(GDir) processes = g_dir_open("/proc", 0, NULL);
    const gchar *pid;

    while (processes && (pid = g_dir_read_name(processes))) {
        struct pollfd pollfd = { .fd = -1, .events = POLLIN };

        if (g_ascii_isdigit(*pid) && is_machine_of(pid, start))
            pollfd.fd = open_machine(pid, start);
        if (pollfd.fd < 0)
            continue;
        if (syscall(SYS_pidfd_send_signal, pollfd.fd, SIGKILL, NULL, 0) == 0)
            poll(&pollfd, 1, END_WAIT_MSEC);
        close(pollfd.fd);
    }
}

void
gvir_sandbox_leftover_end_processes(const gchar *path)
{
    g_autofree gchar *start = g_strconcat(path, "/", NULL);

    end_machines(start);
}

void
gvir_sandbox_leftover_end_probes(const gchar *root)
{
    g_autofree gchar *start = g_build_filename(root, "lib", "qemu", "qmp-", NULL);

    end_machines(start);
}

/* The link says where; that it is ours says the directory. */
static void
remove_scratch(const gchar *path, const gchar *link_name)
{
    g_autofree gchar *link_path = g_build_filename(path, link_name, NULL);
    g_autofree gchar *scratch = g_file_read_link(link_path, NULL);
    g_autofree gchar *name = scratch ? g_path_get_basename(scratch) : NULL;
    struct stat status;

    if (name && g_str_has_prefix(name, GVIR_SANDBOX_SCRATCH_PREFIX) && lstat(scratch, &status) == 0 &&
        S_ISDIR(status.st_mode) && status.st_uid == geteuid())
        gvir_sandbox_tree_remove(scratch);
}

void
gvir_sandbox_leftover_remove(const gchar *path)
{
    remove_scratch(path, GVIR_SANDBOX_SCRATCH_LINK);
    remove_scratch(path, GVIR_SANDBOX_SCRATCH_OVERLAY);
    gvir_sandbox_tree_remove(path);
}

gboolean
gvir_sandbox_leftover_container_runs(const gchar *name)
{
    g_autofree gchar *path = g_strdup_printf(CONTAINERS_DIRECTORY "/%s.pid", name);

    return access(path, F_OK) == 0;
}

void
gvir_sandbox_leftover_clear_container(const gchar *name)
{
    static const gchar *const directories[] = { "fuse", "dev", "devpts" };
    g_autofree gchar *socket = g_strdup_printf(CONTAINERS_DIRECTORY "/%s.sock", name);

    for (gsize i = 0; i < G_N_ELEMENTS(directories); i++) {
        g_autofree gchar *path = g_strdup_printf(CONTAINERS_DIRECTORY "/%s.%s", name, directories[i]);

        (void)rmdir(path);
    }
    (void)unlink(socket);
}
