/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/qemu/qemu-log-private.h"

#include "libvirt-sandbox/util/error-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* As much as is left to be read once the machine runs. */
#define KEPT_MAX ((gsize)64 * 1024)

/*
 * libvirt wants a file that it can seek in, and QEMU has it as its standard error to the end. So it is one in memory,
 * which the driver, being in this process, finds by a link; sealed, it does not grow, whoever writes to it.
 */
struct _GVirSandboxQemuLog {
    gchar *path;
    int fd;
};

static gboolean
set_link(const gchar *path, int fd)
{
    g_autofree gchar *directory = g_path_get_dirname(path);
    g_autofree gchar *target = g_strdup_printf("/proc/self/fd/%d", fd);

    if (g_mkdir_with_parents(directory, 0700) < 0 || (unlink(path) < 0 && errno != ENOENT))
        return FALSE;
    return symlink(target, path) == 0;
}

GVirSandboxQemuLog *
gvir_sandbox_qemu_log_new(const gchar *root, const gchar *name, GError **error)
{
    g_autofree gchar *file = g_strconcat(name, ".log", NULL);
    g_autofree gchar *path = g_build_filename(root, "log", "qemu", file, NULL);
    int fd = memfd_create("qemu-log", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    GVirSandboxQemuLog *log;

    if (fd < 0 || !set_link(path, fd)) {
        gvir_sandbox_error_set_errno(error, errno, "%s", path);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    log = g_new0(GVirSandboxQemuLog, 1);
    log->path = g_steal_pointer(&path);
    log->fd = fd;
    return log;
}

/* In place of the link, which leads nowhere any more. */
static void
keep(const GVirSandboxQemuLog *log)
{
    g_autofree gchar *text = g_malloc(KEPT_MAX);
    gssize length = TEMP_FAILURE_RETRY(pread(log->fd, text, KEPT_MAX, 0));
    g_autoptr(GError) error = NULL;

    if (!g_file_set_contents_full(log->path, text, MAX(length, 0), G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
        g_debug("%s", error->message);
}

void
gvir_sandbox_qemu_log_end(GVirSandboxQemuLog *log)
{
    if (fcntl(log->fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
        g_warning("%s: %s", log->path, g_strerror(errno));
    keep(log);
    close(log->fd);
    g_free(log->path);
    g_free(log);
}
