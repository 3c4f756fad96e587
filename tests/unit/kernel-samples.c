/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "tests/unit/kernel-samples.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <string.h>

#define MIB (1024 * 1024)
#define DATA_SIZE 8192
#define SETUP_SECTORS 4
#define SETUP_SIZE ((SETUP_SECTORS + 1) * 512)
#define PAYLOAD_OFFSET 64

static void
put16(GByteArray *array, gsize offset, guint value)
{
    guint16 little = GUINT16_TO_LE(value);

    memcpy(array->data + offset, &little, sizeof(little));
}

static void
put32(GByteArray *array, gsize offset, guint32 value)
{
    guint32 little = GUINT32_TO_LE(value);

    memcpy(array->data + offset, &little, sizeof(little));
}

static GByteArray *
new_zeroed(gsize size)
{
    GByteArray *array = g_byte_array_new();

    g_byte_array_set_size(array, size);
    memset(array->data, 0, size);
    return array;
}

GByteArray *
kernel_sample_vmlinux(gboolean with_pvh_note)
{
    const gsize first = 4096, first_size = 2 * DATA_SIZE + 2 * MIB;
    const gsize second = first + first_size;
    const struct {
        Elf64_Nhdr header;
        gchar name[4];
        guint64 entry;
    } note = { { 4, 8, with_pvh_note ? 18 : 17 }, "Xen", KERNEL_SAMPLE_ENTRY };
    Elf64_Ehdr header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
                          .e_type = ET_EXEC,
                          .e_machine = EM_X86_64,
                          .e_version = EV_CURRENT,
                          .e_entry = 0x1000000,
                          .e_phoff = sizeof(header),
                          .e_ehsize = sizeof(header),
                          .e_phentsize = sizeof(Elf64_Phdr),
                          .e_phnum = 3,
                          .e_shoff = second + DATA_SIZE,
                          .e_shentsize = sizeof(Elf64_Shdr),
                          .e_shnum = MIB / sizeof(Elf64_Shdr) };
    Elf64_Phdr segments[] = {
        { PT_LOAD, PF_R | PF_X, first, 0xffffffff81000000, 0x1000000, first_size, first_size + 4096, 0x1000 },
        { PT_LOAD, PF_R | PF_W, second, 0, 0x2000000, DATA_SIZE, DATA_SIZE, 0x1000 },
        { PT_NOTE, PF_R, first + 256, 0, 0, sizeof(note), sizeof(note), 4 },
    };
    GByteArray *elf = new_zeroed(second + DATA_SIZE + MIB);

    memcpy(elf->data, &header, sizeof(header));
    memcpy(elf->data + sizeof(header), segments, sizeof(segments));
    memset(elf->data + first, 'a', DATA_SIZE);
    memcpy(elf->data + first + 256, &note, sizeof(note));
    memcpy(elf->data + first + 512, "Linux version 5.4.3-sample (x)", 30);
    memset(elf->data + first + DATA_SIZE + MIB, 'b', DATA_SIZE);
    memset(elf->data + second, 'c', DATA_SIZE);
    memset(elf->data + second + DATA_SIZE, 'd', MIB);
    return elf;
}

void
kernel_sample_add_relocations(GByteArray *vmlinux, const guint32 *const *lists, guint count)
{
    const guint32 end = 0;

    for (guint i = 0; i < count; i++) {
        g_byte_array_append(vmlinux, (const guint8 *)&end, sizeof(end));
        for (const guint32 *place = lists[i]; *place; place++) {
            guint32 little = GUINT32_TO_LE(*place);

            g_byte_array_append(vmlinux, (const guint8 *)&little, sizeof(little));
        }
    }
}

static int
add_filter(struct archive *writer, KernelSampleCompression compression)
{
    switch (compression) {
    case KERNEL_SAMPLE_GZIP:
        return archive_write_add_filter_gzip(writer);
    case KERNEL_SAMPLE_XZ:
        return archive_write_add_filter_xz(writer);
    case KERNEL_SAMPLE_ZSTD:
        return archive_write_add_filter_zstd(writer);
    case KERNEL_SAMPLE_LZ4:
        return archive_write_add_filter_lz4(writer);
    case KERNEL_SAMPLE_BZIP2:
        return archive_write_add_filter_bzip2(writer);
    case KERNEL_SAMPLE_LZMA:
        return archive_write_add_filter_lzma(writer);
    }
    g_assert_not_reached();
}

GByteArray *
kernel_sample_compress(const GByteArray *data, KernelSampleCompression compression)
{
    struct archive *writer = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    GByteArray *output = new_zeroed(data->len + MIB);
    size_t used = 0;
    gboolean fine;

    fine = add_filter(writer, compression) == ARCHIVE_OK;
    if (fine) {
        g_assert_cmpint(archive_write_set_format_raw(writer), ==, ARCHIVE_OK);
        archive_write_set_bytes_in_last_block(writer, 1);
        g_assert_cmpint(archive_write_open_memory(writer, output->data, output->len, &used), ==, ARCHIVE_OK);
        archive_entry_set_filetype(entry, AE_IFREG);
        g_assert_cmpint(archive_write_header(writer, entry), ==, ARCHIVE_OK);
        g_assert_cmpint(archive_write_data(writer, data->data, data->len), ==, data->len);
        g_assert_cmpint(archive_write_close(writer), ==, ARCHIVE_OK);
        g_byte_array_set_size(output, used);
    }
    archive_entry_free(entry);
    archive_write_free(writer);
    if (!fine)
        g_clear_pointer(&output, g_byte_array_unref);
    return output;
}

GByteArray *
kernel_sample_bzimage(const gchar *release, const GByteArray *payload, gboolean size_behind)
{
    const guint8 size[4] = { 1, 2, 3, 4 };
    g_autofree gchar *version = g_strdup_printf("%s (builder@host) #1", release);
    GByteArray *image = new_zeroed(SETUP_SIZE + PAYLOAD_OFFSET);

    image->data[0x1f1] = SETUP_SECTORS;
    put16(image, 0x1fe, 0xaa55);
    memcpy(image->data + 0x202, "HdrS", 4);
    put16(image, 0x206, 0x20f);
    put16(image, 0x20e, 0x400);
    put32(image, 0x230, KERNEL_SAMPLE_ALIGNMENT);
    put16(image, 0x236, 1);
    put32(image, 0x248, PAYLOAD_OFFSET);
    put32(image, 0x24c, payload->len + (size_behind ? sizeof(size) : 0));
    memcpy(image->data + 0x600, version, strlen(version) + 1);
    g_byte_array_append(image, payload->data, payload->len);
    if (size_behind)
        g_byte_array_append(image, size, sizeof(size));
    return image;
}

GByteArray *
kernel_sample_new(const gchar *release)
{
    g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(TRUE);
    g_autoptr(GByteArray) payload = kernel_sample_compress(vmlinux, KERNEL_SAMPLE_GZIP);

    return kernel_sample_bzimage(release, payload, FALSE);
}

void
kernel_sample_write(const gchar *path, const GByteArray *content)
{
    g_autofree gchar *directory = g_path_get_dirname(path);

    g_assert_cmpint(g_mkdir_with_parents(directory, 0755), ==, 0);
    g_assert_true(g_file_set_contents(path, (const gchar *)content->data, content->len, NULL));
}
