/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/kernel-image-private.h"

#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Offsets in the x86 boot header, from Documentation/x86/boot.rst of the kernel. */
#define SETUP_SECTS 0x1f1
#define BOOT_FLAG 0x1fe
#define HEADER_MAGIC 0x202
#define PROTOCOL_VERSION 0x206
#define KERNEL_VERSION 0x20e
#define KERNEL_ALIGNMENT 0x230
#define XLOADFLAGS 0x236
#define PAYLOAD_OFFSET 0x248
#define PAYLOAD_LENGTH 0x24c
#define HEADER_END 0x250

#define SECTOR_SIZE 512
#define PROTOCOL_WITH_PAYLOAD 0x208
#define PROTOCOL_WITH_XLOADFLAGS 0x20c
#define XLF_KERNEL_64 0x1

static const gchar banner[] = "Linux version ";

static guint16
read16(const guint8 *data)
{
    return data[0] | data[1] << 8;
}

static guint32
read32(const guint8 *data)
{
    return read16(data) | (guint32)read16(data + 2) << 16;
}

static gboolean
is_release_character(guint8 c)
{
    return g_ascii_isalnum(c) || strchr(".-_+~", c) != NULL;
}

/* Takes the release that begins at @data, which must be one: "6.1.0-56-amd64 (debian...". */
static void
take_release(GVirSandboxKernelImage *image, const guint8 *data, gsize length)
{
    gsize used = 0;

    while (used < length && data[used] != '\0' && is_release_character(data[used]))
        used++;
    if (used == 0 || used == length || used >= sizeof(image->release) || !g_ascii_isdigit(data[0]))
        return;
    memcpy(image->release, data, used);
    image->release[used] = '\0';
}

static gboolean
is_bzimage(const guint8 *head, gsize length)
{
    return length >= HEADER_END && read16(head + BOOT_FLAG) == 0xaa55 && memcmp(head + HEADER_MAGIC, "HdrS", 4) == 0;
}

static gboolean
parse_bzimage(const guint8 *head, gsize head_length, guint64 file_length, GVirSandboxKernelImage *image, GError **error)
{
    guint sectors = head[SETUP_SECTS] ? head[SETUP_SECTS] : 4;
    guint64 code = (guint64)(sectors + 1) * SECTOR_SIZE;
    guint protocol = read16(head + PROTOCOL_VERSION);
    gsize version = read16(head + KERNEL_VERSION);

    image->format = GVIR_SANDBOX_KERNEL_IMAGE_BZIMAGE;
    image->arch = protocol >= PROTOCOL_WITH_XLOADFLAGS && read16(head + XLOADFLAGS) & XLF_KERNEL_64 ? "x86_64" : "i686";
    if (version != 0 && version + SECTOR_SIZE < head_length)
        take_release(image, head + SECTOR_SIZE + version, head_length - SECTOR_SIZE - version);
    if (protocol >= PROTOCOL_WITH_PAYLOAD) {
        image->payload_offset = code + read32(head + PAYLOAD_OFFSET);
        image->payload_length = read32(head + PAYLOAD_LENGTH);
        image->alignment = read32(head + KERNEL_ALIGNMENT);
    }
    if (code >= file_length || image->payload_offset + image->payload_length > file_length) {
        g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                            _("the kernel is cut off: the file is shorter than its header says"));
        return FALSE;
    }
    return TRUE;
}

static const gchar *
elf_arch(guint machine)
{
    switch (machine) {
    case EM_X86_64:
        return "x86_64";
    case EM_386:
        return "i686";
    case EM_AARCH64:
        return "aarch64";
    case EM_ARM:
        return "armv7l";
    case EM_PPC64:
        return "ppc64le";
    case EM_S390:
        return "s390x";
    case EM_RISCV:
        return "riscv64";
    default:
        return "another architecture";
    }
}

static gboolean
parse_elf(const guint8 *head, gsize head_length, GVirSandboxKernelImage *image, GError **error)
{
    image->format = GVIR_SANDBOX_KERNEL_IMAGE_ELF;
    if (head_length < sizeof(Elf32_Ehdr)) {
        g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                            _("the kernel is cut off: the file ends within its ELF header"));
        return FALSE;
    }
    /* e_machine is at the same place in both classes. */
    image->arch = elf_arch(head[EI_DATA] == ELFDATA2MSB ? (guint)(head[18] << 8 | head[19])
                                                        : read16(head + offsetof(Elf64_Ehdr, e_machine)));
    return TRUE;
}

static gboolean
has_bytes(const guint8 *head, gsize length, gsize offset, const gchar *bytes, gsize count)
{
    return offset + count <= length && memcmp(head + offset, bytes, count) == 0;
}

gboolean
gvir_sandbox_kernel_image_parse(const guint8 *head, gsize head_length, guint64 file_length,
                                GVirSandboxKernelImage *image, GError **error)
{
    memset(image, 0, sizeof(*image));

    if (is_bzimage(head, head_length))
        return parse_bzimage(head, head_length, file_length, image, error);
    if (has_bytes(head, head_length, 0, ELFMAG, SELFMAG))
        return parse_elf(head, head_length, image, error);

    if (has_bytes(head, head_length, 0x38, "ARM\x64", 4)) {
        image->format = GVIR_SANDBOX_KERNEL_IMAGE_OTHER;
        image->arch = "aarch64";
    } else if (has_bytes(head, head_length, 0x38, "RSC\x05", 4)) {
        image->format = GVIR_SANDBOX_KERNEL_IMAGE_OTHER;
        image->arch = "riscv64";
    } else if (has_bytes(head, head_length, 0, "\x1f\x8b", 2) || has_bytes(head, head_length, 4, "zimg", 4)) {
        image->format = GVIR_SANDBOX_KERNEL_IMAGE_OTHER;
    }
    return TRUE;
}

static gssize
read_fully(int fd, guint8 *buffer, gsize size)
{
    gsize used = 0;

    while (used < size) {
        gssize count = TEMP_FAILURE_RETRY(read(fd, buffer + used, size - used));

        if (count < 0)
            return -1;
        if (count == 0)
            break;
        used += count;
    }
    return used;
}

/* Looks for "Linux version RELEASE " in the whole file. */
static gboolean
find_banner(int fd, GVirSandboxKernelImage *image)
{
    const gsize overlap = sizeof(banner) + sizeof(image->release);
    const gsize size = 1024 * 1024;
    g_autofree guint8 *buffer = g_malloc(size);
    gsize kept = 0;

    if (lseek(fd, 0, SEEK_SET) < 0)
        return FALSE;
    for (;;) {
        gssize count = read_fully(fd, buffer + kept, size - kept);
        const guint8 *found = buffer;
        gsize used;

        if (count <= 0)
            return TRUE;
        used = kept + count;
        while ((found = memmem(found, used - (found - buffer), banner, strlen(banner)))) {
            found += strlen(banner);
            take_release(image, found, used - (found - buffer));
            if (image->release[0] != '\0')
                return TRUE;
        }
        kept = MIN(used, overlap);
        memmove(buffer, buffer + used - kept, kept);
    }
}

gboolean
gvir_sandbox_kernel_image_read(const gchar *path, GVirSandboxKernelImage *image, GError **error)
{
    g_autofree guint8 *head = g_malloc(GVIR_SANDBOX_KERNEL_IMAGE_HEAD_SIZE);
    struct stat status;
    gssize length;
    int fd = g_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
    gboolean fine = FALSE;

    if (fd < 0) {
        gvir_sandbox_error_set_errno(error, errno, _("kernel %s"), path);
        return FALSE;
    }
    if (fstat(fd, &status) < 0) {
        gvir_sandbox_error_set_errno(error, errno, _("kernel %s"), path);
    } else if (!S_ISREG(status.st_mode)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, _("kernel %s: not a regular file"), path);
    } else if ((length = read_fully(fd, head, GVIR_SANDBOX_KERNEL_IMAGE_HEAD_SIZE)) < 0) {
        gvir_sandbox_error_set_errno(error, errno, _("kernel %s"), path);
    } else {
        fine = gvir_sandbox_kernel_image_parse(head, length, status.st_size, image, error);
        if (!fine)
            gvir_sandbox_error_prefix(error, "%s", path);
        else if (image->release[0] == '\0' && image->format != GVIR_SANDBOX_KERNEL_IMAGE_BZIMAGE &&
                 image->format != GVIR_SANDBOX_KERNEL_IMAGE_UNKNOWN)
            fine = find_banner(fd, image);
    }
    close(fd);
    return fine;
}
