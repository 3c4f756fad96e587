/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/vmlinux-private.h"
#include "libvirt-sandbox/error.h"

#include "kernel-samples.h"

#include <elf.h>
#include <string.h>

#define LIMIT (64 * 1024 * 1024)

static gboolean
parse(const GByteArray *content, GVirSandboxKernelImage *image, GError **error)
{
    return gvir_sandbox_kernel_image_parse(content->data,
                                           MIN(content->len, GVIR_SANDBOX_KERNEL_IMAGE_HEAD_SIZE),
                                           content->len, image, error);
}

static void
test_extract(gconstpointer data)
{
    KernelSampleCompression compression = GPOINTER_TO_INT(data);
    g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(TRUE);
    g_autoptr(GByteArray) payload = kernel_sample_compress(vmlinux, compression);
    g_autoptr(GByteArray) content = NULL;
    g_autoptr(GBytes) kernel = NULL;
    g_autoptr(GBytes) elf = NULL;
    g_autoptr(GError) error = NULL;
    GVirSandboxKernelImage image;

    if (!payload) {
        g_test_skip("libarchive was built without it");
        return;
    }
    content = kernel_sample_bzimage("6.1", payload, compression != KERNEL_SAMPLE_GZIP);
    g_assert_true(parse(content, &image, &error));
    kernel = g_bytes_new(content->data, content->len);
    elf = gvir_sandbox_vmlinux_extract(kernel, &image, LIMIT, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(g_bytes_get_data(elf, NULL), g_bytes_get_size(elf), vmlinux->data,
                    vmlinux->len);

    /* A bomb is stopped before it is unpacked. */
    g_assert_null(gvir_sandbox_vmlinux_extract(kernel, &image, vmlinux->len - 1, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
}

static void
test_extract_damaged(void)
{
    g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(TRUE);
    g_autoptr(GByteArray) payload = kernel_sample_compress(vmlinux, KERNEL_SAMPLE_XZ);
    g_autoptr(GByteArray) content = NULL;
    g_autoptr(GBytes) kernel = NULL;
    g_autoptr(GError) error = NULL;
    GVirSandboxKernelImage image;

    memset(payload->data + payload->len / 2, 0x55, 16);
    content = kernel_sample_bzimage("6.1", payload, TRUE);
    g_assert_true(parse(content, &image, NULL));
    kernel = g_bytes_new(content->data, content->len);
    g_assert_null(gvir_sandbox_vmlinux_extract(kernel, &image, LIMIT, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
}

static void
test_extract_unknown_compression(void)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    g_autoptr(GByteArray) content = NULL;
    g_autoptr(GBytes) kernel = NULL;
    g_autoptr(GError) error = NULL;
    GVirSandboxKernelImage image;

    g_byte_array_append(payload, (const guint8 *)"no compression that is known", 28);
    content = kernel_sample_bzimage("6.1", payload, TRUE);
    g_assert_true(parse(content, &image, NULL));
    kernel = g_bytes_new(content->data, content->len);
    g_assert_null(gvir_sandbox_vmlinux_extract(kernel, &image, LIMIT, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED);
}

/* The memory that a loader makes of an ELF file, from the physical address @base on. */
static GByteArray *
load(const guint8 *elf, gsize length, guint64 base, gsize size)
{
    GByteArray *memory = g_byte_array_new();
    Elf64_Ehdr header;

    g_byte_array_set_size(memory, size);
    memset(memory->data, '?', size);
    memcpy(&header, elf, sizeof(header));
    for (guint i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr segment;

        memcpy(&segment, elf + header.e_phoff + i * sizeof(segment), sizeof(segment));
        if (segment.p_type != PT_LOAD || segment.p_paddr < base || segment.p_paddr >= base + size)
            continue;
        g_assert_cmpuint(segment.p_offset + segment.p_filesz, <=, length);
        g_assert_cmpuint(segment.p_paddr + segment.p_memsz, <=, base + size);
        memset(memory->data + segment.p_paddr - base, 0, segment.p_memsz);
        memcpy(memory->data + segment.p_paddr - base, elf + segment.p_offset, segment.p_filesz);
    }
    return memory;
}

static void
test_trim_same_memory(void)
{
    g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(TRUE);
    g_autoptr(GBytes) whole = g_bytes_new(vmlinux->data, vmlinux->len);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) trimmed = gvir_sandbox_vmlinux_trim(whole, &error);
    const guint64 bases[] = {0x1000000, 0x2000000};

    g_assert_no_error(error);
    g_assert_cmpuint(g_bytes_get_size(trimmed), <, 32 * 1024);
    for (gsize i = 0; i < G_N_ELEMENTS(bases); i++) {
        g_autoptr(GByteArray) before = load(vmlinux->data, vmlinux->len, bases[i], 4 << 20);
        g_autoptr(GByteArray) after =
            load(g_bytes_get_data(trimmed, NULL), g_bytes_get_size(trimmed), bases[i], 4 << 20);

        g_assert_cmpmem(before->data, before->len, after->data, after->len);
    }
}

static void
test_trim_again(void)
{
    g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(TRUE);
    g_autoptr(GBytes) whole = g_bytes_new(vmlinux->data, vmlinux->len);
    g_autoptr(GBytes) once = gvir_sandbox_vmlinux_trim(whole, NULL);
    g_autoptr(GBytes) twice = gvir_sandbox_vmlinux_trim(once, NULL);

    g_assert_true(g_bytes_equal(once, twice));
}

static void
test_trim_without_note(void)
{
    g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(FALSE);
    g_autoptr(GBytes) whole = g_bytes_new(vmlinux->data, vmlinux->len);
    g_autoptr(GError) error = NULL;

    g_assert_null(gvir_sandbox_vmlinux_trim(whole, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED);
}

static void
expect_invalid(const GByteArray *vmlinux)
{
    g_autoptr(GBytes) whole = g_bytes_new(vmlinux->data, vmlinux->len);
    g_autoptr(GError) error = NULL;

    g_assert_null(gvir_sandbox_vmlinux_trim(whole, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
}

static void
test_trim_damaged(void)
{
    const struct {
        guint segment;
        gsize offset;
        guint64 value;
    } damages[] = {
        {0, offsetof(Elf64_Phdr, p_offset), G_MAXUINT64},
        {0, offsetof(Elf64_Phdr, p_offset), 1ull << 40},
        {0, offsetof(Elf64_Phdr, p_filesz), G_MAXUINT64 - 100},
        {0, offsetof(Elf64_Phdr, p_memsz), 16},
        {0, offsetof(Elf64_Phdr, p_memsz), 1ull << 40},
        {0, offsetof(Elf64_Phdr, p_paddr), G_MAXUINT32 - 4096},
        {1, offsetof(Elf64_Phdr, p_paddr), 0x1001000},
        {1, offsetof(Elf64_Phdr, p_offset), 1ull << 40},
        {2, offsetof(Elf64_Phdr, p_filesz), G_MAXINT64},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(damages); i++) {
        g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(TRUE);

        memcpy(vmlinux->data + sizeof(Elf64_Ehdr) + damages[i].segment * sizeof(Elf64_Phdr) +
                   damages[i].offset,
               &damages[i].value, sizeof(guint64));
        g_test_message("damage %" G_GSIZE_FORMAT, i);
        expect_invalid(vmlinux);
    }
}

static void
test_trim_cut_off(void)
{
    for (guint length = 0; length < 12000; length += 61) {
        g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(TRUE);

        g_byte_array_set_size(vmlinux, length);
        expect_invalid(vmlinux);
    }
}

/* Many segments of the same bytes. */
static void
test_trim_bomb(void)
{
    g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(TRUE);
    const guint count = 70;
    Elf64_Ehdr header;

    memcpy(&header, vmlinux->data, sizeof(header));
    header.e_phoff = vmlinux->len;
    header.e_phnum = count;
    memcpy(vmlinux->data, &header, sizeof(header));
    for (guint i = 0; i < count; i++) {
        Elf64_Phdr segment = {PT_LOAD, PF_R, 0, 0, (guint64)i << 24, 1 << 20, 1 << 20, 1};

        g_byte_array_append(vmlinux, (const guint8 *)&segment, sizeof(segment));
    }
    expect_invalid(vmlinux);
}

int
main(int argc, char **argv)
{
    static const gchar *const compressions[] = {"gzip", "xz", "zstd", "lz4", "bzip2", "lzma"};

    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(compressions); i++) {
        g_autofree gchar *name = g_strconcat("/vmlinux/extract/", compressions[i], NULL);

        g_test_add_data_func(name, GINT_TO_POINTER(i), test_extract);
    }
    g_test_add_func("/vmlinux/extract/damaged", test_extract_damaged);
    g_test_add_func("/vmlinux/extract/unknown-compression", test_extract_unknown_compression);
    g_test_add_func("/vmlinux/trim/same-memory", test_trim_same_memory);
    g_test_add_func("/vmlinux/trim/again", test_trim_again);
    g_test_add_func("/vmlinux/trim/without-note", test_trim_without_note);
    g_test_add_func("/vmlinux/trim/damaged", test_trim_damaged);
    g_test_add_func("/vmlinux/trim/cut-off", test_trim_cut_off);
    g_test_add_func("/vmlinux/trim/bomb", test_trim_bomb);
    return g_test_run();
}
