/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/root/host-submounts-private.h"
#include "libvirt-sandbox/util/error-private.h"

#include "libvirt-sandbox/guest/manifest.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A line of mountinfo: id parent device root mountpoint options [tags…] - type source options */
#define FIELD_ID 0
#define FIELD_DEVICE 2
#define FIELD_MOUNTPOINT 4
#define NO_DEVICE "0:"

static const gchar *const own[] = { "/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp", "/var/run", NULL };

/* @path as seen from @root, or NULL if it is not below it. */
static const gchar *
path_below(const gchar *path, const gchar *root)
{
    gsize length = g_str_equal(root, "/") ? 0 : strlen(root);

    if (strncmp(path, root, length) != 0 || path[length] != '/' || path[length + 1] == '\0')
        return NULL;
    return path + length;
}

static gboolean
is_own(const gchar *path)
{
    for (guint i = 0; own[i]; i++) {
        if (g_str_equal(path, own[i]) || path_below(path, own[i]))
            return TRUE;
    }
    return FALSE;
}

/* Of the file systems that are on no device of the host those that hold files: the others are windows of its
 * kernel. */
static const gchar *const without_device[] = {
    "9p",    "afs",  "aufs",  "bcachefs", "btrfs", "ceph",   "cifs",     "coda",    "ecryptfs",
    "fuse",  "gpfs", "jffs2", "lustre",   "nfs",   "nfs4",   "orangefs", "overlay", "prl_fs",
    "ramfs", "smb3", "smbfs", "tmpfs",    "ubifs", "vboxsf", "virtiofs", "zfs",     NULL,
};

gboolean
gvir_sandbox_host_submounts_holds_files(const gchar *line)
{
    g_auto(GStrv) fields = g_strsplit(line, " ", FIELD_MOUNTPOINT);
    const gchar *separator = strstr(line, " - ");
    g_autofree gchar *type = separator ? g_strndup(separator + 3, strcspn(separator + 3, " ")) : NULL;

    /* Asking for what is below an automount would mount it. */
    if (!type || g_strv_length(fields) < FIELD_MOUNTPOINT || g_str_equal(type, "autofs"))
        return FALSE;
    return g_str_has_prefix(type, "fuse.") || g_strv_contains(without_device, type) ||
           (!g_str_has_prefix(fields[FIELD_DEVICE], NO_DEVICE) && *type);
}

const gchar *const *
gvir_sandbox_host_submounts_own(void)
{
    return own;
}

static void
submount_free(gpointer data)
{
    GVirSandboxHostSubmount *submount = data;

    g_free(submount->path);
    g_free(submount->identity);
    g_free(submount);
}

static gint
compare_paths(gconstpointer a, gconstpointer b)
{
    const GVirSandboxHostSubmount *const *first = a, *const *second = b;

    return strcmp((*first)->path, (*second)->path);
}

GPtrArray *
gvir_sandbox_host_submounts_parse(const gchar *mountinfo, const gchar *root)
{
    g_auto(GStrv) lines = g_strsplit(mountinfo, "\n", -1);
    GPtrArray *found = g_ptr_array_new_with_free_func(submount_free);

    for (guint i = 0; lines[i]; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], " ", FIELD_MOUNTPOINT + 2);
        g_autofree gchar *path = NULL;
        GVirSandboxHostSubmount *submount;
        const gchar *below;

        if (g_strv_length(fields) < FIELD_MOUNTPOINT + 2 || !gvir_sandbox_host_submounts_holds_files(lines[i]))
            continue;
        path = g_strcompress(fields[FIELD_MOUNTPOINT]);
        below = path_below(path, root);
        if (!below || is_own(below))
            continue;
        submount = g_new0(GVirSandboxHostSubmount, 1);
        submount->path = g_strdup(below);
        submount->mount_id = g_ascii_strtoull(fields[FIELD_ID], NULL, 10);
        g_ptr_array_add(found, submount);
    }

    /* In this order a parent comes before what is mounted in it. */
    g_ptr_array_sort(found, compare_paths);
    return found;
}

int
gvir_sandbox_host_submounts_open_root(const gchar *root)
{
    return open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static gboolean
is_root_of_mount(const struct statx *status, guint64 mount_id)
{
    return (status->stx_mask & STATX_MNT_ID) && status->stx_mnt_id == mount_id &&
           (status->stx_attributes & STATX_ATTR_MOUNT_ROOT) && (S_ISDIR(status->stx_mode) || S_ISREG(status->stx_mode));
}

static int
open_and_look(int root, const GVirSandboxHostSubmount *submount, struct statx *status)
{
    struct open_how how = { .flags = O_PATH | O_CLOEXEC,
                            .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
    int fd = (int)syscall(SYS_openat2, root, submount->path + 1, &how, sizeof(how));

    if (fd < 0)
        return -1;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, status) == 0 &&
        is_root_of_mount(status, submount->mount_id))
        return fd;
    close(fd);
    return -1;
}

int
gvir_sandbox_host_submount_open(int root, const GVirSandboxHostSubmount *submount)
{
    struct statx status;

    return open_and_look(root, submount, &status);
}

/* Mounted over by a later mount, or not ours to see: then it is not in the sandbox either. */
static gboolean
identify(int root, GVirSandboxHostSubmount *submount)
{
    struct statx status;
    int fd = open_and_look(root, submount, &status);

    if (fd < 0)
        return FALSE;
    close(fd);
    submount->identity = g_strdup_printf(GUEST_SUBMOUNT_IDENTITY, status.stx_dev_major, status.stx_dev_minor,
                                         (unsigned long long)status.stx_ino);
    return TRUE;
}

GPtrArray *
gvir_sandbox_host_submounts_list(const gchar *root, GError **error)
{
    g_autofree gchar *mountinfo = NULL;
    g_autofree gchar *resolved = realpath(root, NULL);
    int directory = gvir_sandbox_host_submounts_open_root(root);
    GPtrArray *found = NULL;

    if (g_file_get_contents("/proc/self/mountinfo", &mountinfo, NULL, error)) {
        /* The kernel tells paths without symbolic links and trailing slashes. */
        found = gvir_sandbox_host_submounts_parse(mountinfo, resolved ? resolved : root);
        for (guint i = found->len; i-- > 0;) {
            if (!identify(directory, g_ptr_array_index(found, i)))
                g_ptr_array_remove_index(found, i);
        }
    }
    if (directory >= 0)
        close(directory);
    return found;
}
