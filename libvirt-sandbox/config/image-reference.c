/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/image-reference-private.h"

#include <string.h>
#include <unistd.h>

#define SECTOR_SIZE 512
#define QCOW2_DATA_FILE (G_GUINT64_CONSTANT(1) << 2)
#define QED_BACKING_FILE (G_GUINT64_CONSTANT(1) << 0)
/* As long as QEMU lets the description in a vmdk image be. */
#define VMDK_DESCRIPTION_MAX ((gsize)1024 * 1024)

static guint64
get_big(const guint8 *bytes)
{
    guint64 value;

    memcpy(&value, bytes, sizeof value);
    return GUINT64_FROM_BE(value);
}

static guint64
get_little(const guint8 *bytes)
{
    guint64 value;

    memcpy(&value, bytes, sizeof value);
    return GUINT64_FROM_LE(value);
}

static gboolean
qcow_names_other(const guint8 *header)
{
    guint8 version = header[7];

    return get_big(header + 8) != 0 || (version >= 3 && (get_big(header + 72) & QCOW2_DATA_FILE));
}

static gboolean
vmdk_description_names_other(int fd, guint64 offset, guint64 size)
{
    g_autofree gchar *text = NULL;
    gssize length;

    if (offset == 0)
        return FALSE;
    if (offset > G_MAXINT64 / SECTOR_SIZE || size > VMDK_DESCRIPTION_MAX / SECTOR_SIZE)
        return TRUE;
    text = g_malloc0(size * SECTOR_SIZE + 1);
    length = pread(fd, text, size * SECTOR_SIZE, (goffset)(offset * SECTOR_SIZE));
    return length < 0 || strstr(text, "parentFileNameHint");
}

/* Only of the kind that has all in one file a description is not used to find the data. */
static gboolean
vmdk_names_other(int fd, const guint8 *header)
{
    if (memcmp(header, "COWD", 4) == 0)
        return FALSE;
    return memcmp(header, "KDMV", 4) != 0 || get_little(header + 12) == 0 ||
           vmdk_description_names_other(fd, get_little(header + 28), get_little(header + 36));
}

gboolean
gvir_sandbox_image_names_other_file(int fd, GVirConfigDomainDiskFormat format)
{
    guint8 header[SECTOR_SIZE] = { 0 };

    if (pread(fd, header, sizeof header, 0) < 0)
        return TRUE;
    switch (format) {
    case GVIR_CONFIG_DOMAIN_DISK_FORMAT_QCOW:
    case GVIR_CONFIG_DOMAIN_DISK_FORMAT_QCOW2:
        return qcow_names_other(header);
    case GVIR_CONFIG_DOMAIN_DISK_FORMAT_QED:
        return get_little(header + 16) & QED_BACKING_FILE;
    case GVIR_CONFIG_DOMAIN_DISK_FORMAT_VMDK:
        return vmdk_names_other(fd, header);
    default:
        return FALSE;
    }
}
