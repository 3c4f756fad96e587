/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/export/mount-table.h"

#include "libvirt-sandbox/builder/root/host-submounts-private.h"
#include "libvirt-sandbox/export/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define MOUNTINFO "/proc/self/mountinfo"

enum { FIELD_ID, FIELD_PARENT, FIELD_DEVICE, FIELD_ROOT, FIELD_PATH, FIELDS };

static ExportMount *
parse(const gchar *line)
{
    g_auto(GStrv) fields = g_strsplit(line, " ", FIELDS + 1);
    ExportMount *mount;

    if (g_strv_length(fields) <= FIELDS)
        export_fail(MOUNTINFO ": %s", line);
    mount = g_new0(ExportMount, 1);
    mount->id = g_ascii_strtoull(fields[FIELD_ID], NULL, 10);
    mount->parent = g_ascii_strtoull(fields[FIELD_PARENT], NULL, 10);
    mount->device = g_strdup(fields[FIELD_DEVICE]);
    mount->root = g_strcompress(fields[FIELD_ROOT]);
    mount->path = g_strcompress(fields[FIELD_PATH]);
    mount->wanted = gvir_sandbox_host_submounts_holds_files(line);
    return mount;
}

/* A parent comes before what is mounted in it. Lives as long as the process. */
GPtrArray *
mount_table_read(void)
{
    g_autofree gchar *text = NULL;
    g_auto(GStrv) lines = NULL;
    GPtrArray *table = g_ptr_array_new();
    g_autoptr(GError) error = NULL;

    if (!g_file_get_contents(MOUNTINFO, &text, NULL, &error))
        export_fail("%s", error->message);
    lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        if (*lines[i])
            g_ptr_array_add(table, parse(lines[i]));
    }
    return table;
}

const ExportMount *
mount_table_find(GPtrArray *table, guint64 id)
{
    for (guint i = 0; i < table->len; i++) {
        const ExportMount *mount = g_ptr_array_index(table, i);

        if (mount->id == id)
            return mount;
    }
    return NULL;
}

/* @step is one of the mounts on the way to another, and @before the next of them; NULL: there is none. */
static gboolean
step_is_hidden(GPtrArray *table, const ExportMount *step, const ExportMount *before)
{
    for (guint i = 0; i < table->len; i++) {
        const ExportMount *other = g_ptr_array_index(table, i);

        if (other == step || other == before)
            continue;
        if ((other->parent == step->id && g_str_equal(other->path, step->path)) ||
            (other->parent == step->parent && path_rest(step->path, other->path)))
            return TRUE;
    }
    return FALSE;
}

gboolean
mount_table_is_hidden(GPtrArray *table, const ExportMount *mount)
{
    const ExportMount *before = NULL;

    for (const ExportMount *step = mount; step; step = mount_table_find(table, step->parent)) {
        if (step_is_hidden(table, step, before))
            return TRUE;
        before = step;
    }
    return FALSE;
}

const gchar *
path_rest(const gchar *path, const gchar *directory)
{
    gsize length = g_str_equal(directory, "/") ? 0 : strlen(directory);

    if (strncmp(path, directory, length) != 0 || (path[length] != '/' && path[length] != '\0'))
        return NULL;
    return path + length;
}

guint64
mount_number(int fd)
{
    struct statx status;

    if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &status) < 0)
        export_fail("mount: %s", g_strerror(errno));
    if (!(status.stx_mask & STATX_MNT_ID))
        export_refuse("the kernel does not tell mounts apart");
    return status.stx_mnt_id;
}
