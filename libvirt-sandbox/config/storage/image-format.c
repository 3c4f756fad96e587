/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/storage/image-format-private.h"

#include "libvirt-sandbox/config/format/option-text-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/storage/image-reference-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Formats that libvirt has no name for are -1: they are recognized so that they are not taken for raw. */
#define FORMAT_UNSUPPORTED (-1)

static const struct {
    goffset offset;
    guint length;
    const gchar *magic;
    gint format;
    const gchar *name;
} magics[] = {
    { 0, 8, "QFI\xfb\0\0\0\1", GVIR_CONFIG_DOMAIN_DISK_FORMAT_QCOW, "qcow" },
    { 0, 4, "QFI\xfb", GVIR_CONFIG_DOMAIN_DISK_FORMAT_QCOW2, "qcow2" },
    { 0, 4, "QED\0", GVIR_CONFIG_DOMAIN_DISK_FORMAT_QED, "qed" },
    { 0, 4, "KDMV", GVIR_CONFIG_DOMAIN_DISK_FORMAT_VMDK, "vmdk" },
    { 0, 4, "COWD", GVIR_CONFIG_DOMAIN_DISK_FORMAT_VMDK, "vmdk" },
    { 0, 21, "# Disk DescriptorFile", GVIR_CONFIG_DOMAIN_DISK_FORMAT_VMDK, "vmdk" },
    { 0, 8, "conectix", GVIR_CONFIG_DOMAIN_DISK_FORMAT_VPC, "vpc" },
    { 0, 8, "vhdxfile", FORMAT_UNSUPPORTED, "vhdx" },
    { 64, 4, "\x7f\x10\xda\xbe", GVIR_SANDBOX_IMAGE_FORMAT_VDI, "vdi" },
};

static const struct {
    const gchar *suffix;
    gint format;
} suffixes[] = {
    { "qcow", GVIR_CONFIG_DOMAIN_DISK_FORMAT_QCOW },
    { "qcow2", GVIR_CONFIG_DOMAIN_DISK_FORMAT_QCOW2 },
    { "qed", GVIR_CONFIG_DOMAIN_DISK_FORMAT_QED },
    { "vmdk", GVIR_CONFIG_DOMAIN_DISK_FORMAT_VMDK },
    { "vpc", GVIR_CONFIG_DOMAIN_DISK_FORMAT_VPC },
    { "vhd", GVIR_CONFIG_DOMAIN_DISK_FORMAT_VPC },
    { "vhdx", FORMAT_UNSUPPORTED },
    { "vdi", GVIR_SANDBOX_IMAGE_FORMAT_VDI },
};

static gint
format_from_suffix(const gchar *path)
{
    const gchar *dot = strrchr(path, '.');

    for (gsize i = 0; dot && i < G_N_ELEMENTS(suffixes); i++) {
        if (g_ascii_strcasecmp(dot + 1, suffixes[i].suffix) == 0)
            return suffixes[i].format;
    }
    return GVIR_CONFIG_DOMAIN_DISK_FORMAT_RAW;
}

typedef struct {
    gint format;
    const gchar *name; /* NULL where it is of no known format */
    gboolean names_other_file;
} Content;

static void
recognize(const gchar *header, Content *content)
{
    for (gsize i = 0; !content->name && i < G_N_ELEMENTS(magics); i++) {
        if (memcmp(header + magics[i].offset, magics[i].magic, magics[i].length) == 0) {
            content->name = magics[i].name;
            content->format = magics[i].format;
        }
    }
}

/* FALSE where there is no content to judge by. */
static gboolean
read_content(const gchar *path, Content *content)
{
    gchar header[512] = { 0 };
    struct stat status;
    gssize length = 0;
    /* Not to hang on a pipe. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return FALSE;
    if (fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode)))
        length = pread(fd, header, sizeof header, 0);
    if (length > 0) {
        recognize(header, content);
        content->names_other_file =
            content->name && content->format != FORMAT_UNSUPPORTED &&
            gvir_sandbox_image_names_other_file(fd, (GVirConfigDomainDiskFormat)content->format);
    }
    close(fd);
    return length > 0;
}

gboolean
gvir_sandbox_image_format_guess(const gchar *path, GVirConfigDomainDiskFormat *format, GError **error)
{
    gint named = format_from_suffix(path);
    g_autofree gchar *shown = gvir_sandbox_text_show(path);
    Content content = { GVIR_CONFIG_DOMAIN_DISK_FORMAT_RAW, NULL, FALSE };
    const gchar *name;
    gint held;

    held = read_content(path, &content) ? content.format : named;
    name = content.name;
    if (held == FORMAT_UNSUPPORTED)
        return gvir_sandbox_text_invalid(error, _("%s: images of this format cannot be used; convert it with qemu-img"),
                                         shown);
    if (held != named && name)
        return gvir_sandbox_text_invalid(
            error, _("%s holds a %s image, which its name does not say: add format=%s or format=raw"), shown, name,
            name);
    if (held != named)
        return gvir_sandbox_text_invalid(error, _("%s does not hold what its name says: add format=FORMAT"), shown);
    if (content.names_other_file)
        return gvir_sandbox_text_invalid(error,
                                         _("%s is a %s image that has the host open another file for its data: "
                                           "if you know where it comes from, add format=%s"),
                                         shown, name, name);
    *format = (GVirConfigDomainDiskFormat)held;
    return TRUE;
}

gboolean
gvir_sandbox_image_format_from_options(gchar **options, const gchar *path, GVirConfigDomainDiskFormat *format,
                                       GError **error)
{
    gint value;

    if (!options[0])
        return gvir_sandbox_image_format_guess(path, format, error);
    if (!g_str_has_prefix(options[0], "format="))
        return gvir_sandbox_option_unknown(options[0], error);
    if (options[1] && g_str_has_prefix(options[1], "format="))
        return gvir_sandbox_text_invalid(error, _("format is there twice"));
    if (options[1])
        return gvir_sandbox_option_unknown(options[1], error);
    if (!gvir_sandbox_value_to_enum("format", options[0] + strlen("format="), GVIR_CONFIG_TYPE_DOMAIN_DISK_FORMAT,
                                    &value, error))
        return FALSE;
    *format = (GVirConfigDomainDiskFormat)value;
    return TRUE;
}
