/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/host-submounts-private.h"
#include "libvirt-sandbox/error-private.h"

#include <stdlib.h>
#include <string.h>

/* A line of mountinfo: id parent device root mountpoint options [tags…] - type source options */
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
    "9p",     "afs",  "aufs", "bcachefs", "btrfs",   "ceph",   "cifs",  "coda", "ecryptfs", "fuse",
    "gpfs",   "jffs2", "lustre", "nfs",   "nfs4",    "orangefs", "overlay", "prl_fs", "ramfs", "smb3",
    "smbfs",  "tmpfs", "ubifs", "vboxsf", "virtiofs", "zfs",   NULL,
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

static gint
compare_paths(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const gchar *const *)a, *(const gchar *const *)b);
}

GStrv
gvir_sandbox_host_submounts_parse(const gchar *mountinfo, const gchar *root)
{
    g_auto(GStrv) lines = g_strsplit(mountinfo, "\n", -1);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *found = g_ptr_array_new();

    for (guint i = 0; lines[i]; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], " ", FIELD_MOUNTPOINT + 2);
        g_autofree gchar *path = NULL;
        const gchar *below;

        if (g_strv_length(fields) < FIELD_MOUNTPOINT + 2 ||
            !gvir_sandbox_host_submounts_holds_files(lines[i]))
            continue;
        path = g_strcompress(fields[FIELD_MOUNTPOINT]);
        below = path_below(path, root);
        if (!below || is_own(below) || g_hash_table_contains(seen, below))
            continue;
        g_ptr_array_add(found, g_strdup(below));
        g_hash_table_add(seen, g_ptr_array_index(found, found->len - 1));
    }

    /* In this order a parent comes before what is mounted in it. */
    g_ptr_array_sort(found, compare_paths);
    g_ptr_array_add(found, NULL);
    return (GStrv)g_ptr_array_free(found, FALSE);
}

GStrv
gvir_sandbox_host_submounts_list(const gchar *root, GError **error)
{
    g_autofree gchar *mountinfo = NULL;
    g_autofree gchar *resolved = realpath(root, NULL);

    if (!g_file_get_contents("/proc/self/mountinfo", &mountinfo, NULL, error))
        return NULL;
    /* The kernel tells paths without symbolic links and trailing slashes. */
    return gvir_sandbox_host_submounts_parse(mountinfo, resolved ? resolved : root);
}
