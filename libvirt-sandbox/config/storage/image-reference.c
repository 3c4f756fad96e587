/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/storage/image-reference-private.h"

#include <string.h>
#include <unistd.h>

#define SECTOR_SIZE 512
#define QCOW2_DATA_FILE (G_GUINT64_CONSTANT(1) << 2)
#define QED_BACKING_FILE (G_GUINT64_CONSTANT(1) << 0)
#define VPC_DIFFERENCING 4
#define VMDK_PARENT "parentFileNameHint"
/* Where QEMU and libvirt read it, and how much of it. */
#define VMDK_DESCRIPTION_OFFSET 0x200
#define VMDK_DESCRIPTION_SIZE ((gsize)20 * SECTOR_SIZE)
/* As long as QEMU lets it be where the header says. */
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

/* Also behind a zero byte, where QEMU would stop. */
static gboolean
vmdk_description_names_other(int fd, guint64 offset, gsize size)
{
    g_autofree gchar *text = g_malloc(size);
    gssize length = pread(fd, text, size, (goffset)offset);

    if (length == 0)
        return FALSE;
    return length < 0 || memmem(text, length, VMDK_PARENT, strlen(VMDK_PARENT));
}

/* The description that the header tells of, which others than QEMU read. */
static gboolean
vmdk_told_description_names_other(int fd, guint64 sector, guint64 sectors)
{
    if (sector == 0)
        return FALSE;
    if (sector > G_MAXINT64 / SECTOR_SIZE || sectors > VMDK_DESCRIPTION_MAX / SECTOR_SIZE)
        return TRUE;
    return vmdk_description_names_other(fd, sector * SECTOR_SIZE, sectors * SECTOR_SIZE);
}

/* Whatever the header says, QEMU and libvirt look for a parent in one place. In an image without a capacity, and in
 * one that is nothing but a description, the description says which files have the data. */
static gboolean
vmdk_names_other(int fd, const guint8 *header)
{
    if (vmdk_description_names_other(fd, VMDK_DESCRIPTION_OFFSET, VMDK_DESCRIPTION_SIZE))
        return TRUE;
    if (memcmp(header, "COWD", 4) == 0)
        return FALSE;
    return memcmp(header, "KDMV", 4) != 0 || get_little(header + 12) == 0 ||
           vmdk_told_description_names_other(fd, get_little(header + 28), get_little(header + 36));
}

/* QEMU does not read the parent of such an image, but the image is of no use without. */
static gboolean
vpc_names_other(const guint8 *header)
{
    return (get_big(header + 56) & G_MAXUINT32) == VPC_DIFFERENCING;
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
    case GVIR_CONFIG_DOMAIN_DISK_FORMAT_VPC:
        return vpc_names_other(header);
    default:
        return FALSE;
    }
}
