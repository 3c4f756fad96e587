/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/vmlinux-private.h"
#include "libvirt-sandbox/error.h"

#include "tests/unit/kernel-samples.h"

#include <elf.h>
#include <string.h>

#define LIMIT (64 * 1024 * 1024)

static gboolean
parse(const GByteArray *content, GVirSandboxKernelImage *image, GError **error)
{
    return gvir_sandbox_kernel_image_parse(content->data, MIN(content->len, GVIR_SANDBOX_KERNEL_IMAGE_HEAD_SIZE),
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
    g_assert_cmpmem(g_bytes_get_data(elf, NULL), g_bytes_get_size(elf), vmlinux->data, vmlinux->len);

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
    g_autoptr(GBytes) trimmed = gvir_sandbox_vmlinux_trim(whole, 0, &error);
    const guint64 bases[] = { 0x1000000, 0x2000000 };

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
    g_autoptr(GBytes) once = gvir_sandbox_vmlinux_trim(whole, 0, NULL);
    g_autoptr(GBytes) twice = gvir_sandbox_vmlinux_trim(once, 0, NULL);

    g_assert_true(g_bytes_equal(once, twice));
}

static void
test_trim_without_note(void)
{
    g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(FALSE);
    g_autoptr(GBytes) whole = g_bytes_new(vmlinux->data, vmlinux->len);
    g_autoptr(GError) error = NULL;

    g_assert_null(gvir_sandbox_vmlinux_trim(whole, 0, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED);
}

static void
expect_invalid(const GByteArray *vmlinux)
{
    g_autoptr(GBytes) whole = g_bytes_new(vmlinux->data, vmlinux->len);
    g_autoptr(GError) error = NULL;

    g_assert_null(gvir_sandbox_vmlinux_trim(whole, 0, &error));
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
        { 0, offsetof(Elf64_Phdr, p_offset), G_MAXUINT64 },
        { 0, offsetof(Elf64_Phdr, p_offset), 1ull << 40 },
        { 0, offsetof(Elf64_Phdr, p_filesz), G_MAXUINT64 - 100 },
        { 0, offsetof(Elf64_Phdr, p_memsz), 16 },
        { 0, offsetof(Elf64_Phdr, p_memsz), 1ull << 40 },
        { 0, offsetof(Elf64_Phdr, p_paddr), G_MAXUINT32 - 4096 },
        { 1, offsetof(Elf64_Phdr, p_paddr), 0x1001000 },
        { 1, offsetof(Elf64_Phdr, p_offset), 1ull << 40 },
        { 2, offsetof(Elf64_Phdr, p_filesz), G_MAXINT64 },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(damages); i++) {
        g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(TRUE);

        memcpy(vmlinux->data + sizeof(Elf64_Ehdr) + damages[i].segment * sizeof(Elf64_Phdr) + damages[i].offset,
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
        Elf64_Phdr segment = { PT_LOAD, PF_R, 0, 0, (guint64)i << 24, 1 << 20, 1 << 20, 1 };

        g_byte_array_append(vmlinux, (const guint8 *)&segment, sizeof(segment));
    }
    expect_invalid(vmlinux);
}

/* -- Relocations -- */

static const guint32 wide_places[] = { 0x81000000, 0x82000000 + 8192 - 8, 0 };
static const guint32 inverse_places[] = { 0x81000008, 0 };
static const guint32 narrow_places[] = { 0x81000010, 0x82000010, 0x82000000 + 8192 - 4, 0 };
static const guint32 no_places[] = { 0 };

static GBytes *
make_movable(const guint32 *const *lists, guint count)
{
    GByteArray *vmlinux = kernel_sample_vmlinux(TRUE);

    kernel_sample_add_relocations(vmlinux, lists, count);
    return g_byte_array_free_to_bytes(vmlinux);
}

static guint32
get32(const GByteArray *memory, guint64 base, guint64 address)
{
    guint32 value;

    memcpy(&value, memory->data + address - base, sizeof(value));
    return value;
}

/* What libvirt-sandbox/builder/boot/kernel-loader.c has where. */
#define LOADER 0x100000
#define SETTINGS 0x100f00
#define PLACES 0x108000

static void
expect_loader(GBytes *trimmed, const guint32 *counts, const guint32 *places)
{
    g_autoptr(GByteArray) memory = load(g_bytes_get_data(trimmed, NULL), g_bytes_get_size(trimmed), LOADER, 1 << 20);
    guint count = counts[0] + counts[1] + counts[2];

    g_assert_cmpuint(get32(memory, LOADER, SETTINGS), ==, 0x1000000);
    /* From 16 MiB on to 1 GiB, less what the kernel itself is long. */
    g_assert_cmpuint(get32(memory, LOADER, SETTINGS + 4), ==, 1 + ((1 << 30) - 0x2002000) / 0x200000);
    g_assert_cmpuint(get32(memory, LOADER, SETTINGS + 8), ==, KERNEL_SAMPLE_ALIGNMENT);
    for (guint i = 0; i < 3; i++)
        g_assert_cmpuint(get32(memory, LOADER, SETTINGS + 12 + 4 * i), ==, counts[i]);
    for (guint i = 0; i < count; i++)
        g_assert_cmpuint(get32(memory, LOADER, PLACES + 4 * i), ==, places[i]);
}

static void
expect_same_kernel(GBytes *trimmed)
{
    g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(TRUE);
    g_autoptr(GByteArray) before = load(vmlinux->data, vmlinux->len, 0x1000000, 32 << 20);
    g_autoptr(GByteArray) after = load(g_bytes_get_data(trimmed, NULL), g_bytes_get_size(trimmed), 0x1000000, 32 << 20);

    g_assert_cmpmem(before->data, before->len, after->data, after->len);
}

/* The note is the first segment. */
static guint64
get_entry(GBytes *trimmed)
{
    const guint8 *elf = g_bytes_get_data(trimmed, NULL);
    Elf64_Phdr note;
    guint64 entry;

    memcpy(&note, elf + sizeof(Elf64_Ehdr), sizeof(note));
    g_assert_cmpuint(note.p_type, ==, PT_NOTE);
    memcpy(&entry, elf + note.p_offset + sizeof(Elf64_Nhdr) + 4, sizeof(entry));
    return entry;
}

static void
test_relocations_old(void)
{
    const guint32 *const lists[] = { wide_places, inverse_places, narrow_places };
    const guint32 counts[] = { 3, 1, 2 };
    const guint32 places[] = { 0x1000010, 0x2000010, 0x2001ffc, 0x1000008, 0x1000000, 0x2001ff8 };
    g_autoptr(GBytes) vmlinux = make_movable(lists, 3);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) trimmed = gvir_sandbox_vmlinux_trim(vmlinux, KERNEL_SAMPLE_ALIGNMENT, &error);
    g_autoptr(GBytes) again = NULL;

    g_assert_no_error(error);
    g_assert_cmpuint(get_entry(trimmed), ==, LOADER);
    g_assert_cmpuint(gvir_sandbox_vmlinux_get_end(trimmed), ==, 0x2002000);
    expect_loader(trimmed, counts, places);
    expect_same_kernel(trimmed);
    again = gvir_sandbox_vmlinux_trim(trimmed, 0, &error);
    g_assert_true(g_bytes_equal(trimmed, again));
}

static void
test_relocations_new(void)
{
    const guint32 *const lists[] = { wide_places, narrow_places };
    const guint32 counts[] = { 3, 0, 2 };
    const guint32 places[] = { 0x1000010, 0x2000010, 0x2001ffc, 0x1000000, 0x2001ff8 };
    g_autoptr(GBytes) vmlinux = make_movable(lists, 2);
    g_autoptr(GBytes) trimmed = gvir_sandbox_vmlinux_trim(vmlinux, KERNEL_SAMPLE_ALIGNMENT, NULL);

    g_assert_nonnull(trimmed);
    expect_loader(trimmed, counts, places);
    expect_same_kernel(trimmed);
}

static void
test_relocations_empty(void)
{
    const guint32 *const lists[] = { no_places, no_places, no_places };
    const guint32 counts[] = { 0, 0, 0 };
    g_autoptr(GBytes) vmlinux = make_movable(lists, 3);
    g_autoptr(GBytes) trimmed = gvir_sandbox_vmlinux_trim(vmlinux, KERNEL_SAMPLE_ALIGNMENT, NULL);

    g_assert_nonnull(trimmed);
    expect_loader(trimmed, counts, NULL);
}

/* A kernel that was built without is entered by its own entry. */
static void
test_relocations_none(void)
{
    g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(TRUE);
    g_autoptr(GBytes) whole = g_bytes_new(vmlinux->data, vmlinux->len);
    g_autoptr(GBytes) trimmed = gvir_sandbox_vmlinux_trim(whole, KERNEL_SAMPLE_ALIGNMENT, NULL);
    g_autoptr(GBytes) plain = gvir_sandbox_vmlinux_trim(whole, 0, NULL);

    g_assert_cmpuint(get_entry(trimmed), ==, KERNEL_SAMPLE_ENTRY);
    g_assert_true(g_bytes_equal(trimmed, plain));
}

static void
expect_unsupported(GBytes *vmlinux, guint32 alignment)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(gvir_sandbox_vmlinux_trim(vmlinux, alignment, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED);
}

static void
test_relocations_damaged(void)
{
    const guint32 outside[][2] = {
        { 0x80fffffc, 0 }, /* before the first segment */
        { 0x82002000, 0 }, /* behind the last one */
        { 0x82001ffd, 0 }, /* across its end */
        { 0x81204000, 0 }, /* in memory that no data is loaded to */
        { 0x01000000, 0 }, /* a physical address */
        { 0xffffffff, 0 },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(outside); i++) {
        for (guint kind = 0; kind < 3; kind++) {
            const guint32 *lists[] = { wide_places, inverse_places, narrow_places };
            g_autoptr(GBytes) vmlinux = NULL;

            lists[kind] = outside[i];
            vmlinux = make_movable(lists, 3);
            g_test_message("place %08x of kind %u", outside[i][0], kind);
            expect_unsupported(vmlinux, KERNEL_SAMPLE_ALIGNMENT);
        }
    }
}

static void
test_relocations_of_other_form(void)
{
    const guint32 *const lists[] = { wide_places, inverse_places, narrow_places, narrow_places };
    const guint32 *const wide_at_the_end[] = { (const guint32[]){ 0x82001ffc, 0 }, narrow_places };
    g_autoptr(GBytes) straddling = NULL;

    for (guint count = 1; count <= 4; count += 3) {
        g_autoptr(GBytes) vmlinux = make_movable(lists, count);

        expect_unsupported(vmlinux, KERNEL_SAMPLE_ALIGNMENT);
    }
    for (guint cut = 1; cut < 4; cut++) {
        g_autoptr(GBytes) whole = make_movable(lists, 3);
        g_autoptr(GBytes) vmlinux = g_bytes_new_from_bytes(whole, 0, g_bytes_get_size(whole) - cut);

        expect_unsupported(vmlinux, KERNEL_SAMPLE_ALIGNMENT);
    }
    straddling = make_movable(wide_at_the_end, 2);
    expect_unsupported(straddling, KERNEL_SAMPLE_ALIGNMENT);
}

static void
test_relocations_without_beginning(void)
{
    GByteArray *vmlinux = kernel_sample_vmlinux(TRUE);
    g_autoptr(GBytes) bytes = NULL;

    g_byte_array_append(vmlinux, (const guint8 *)narrow_places, sizeof(narrow_places));
    bytes = g_byte_array_free_to_bytes(vmlinux);
    expect_unsupported(bytes, KERNEL_SAMPLE_ALIGNMENT);
}

static void
test_relocations_no_room(void)
{
    const guint32 *const lists[] = { wide_places, narrow_places };
    const guint32 alignments[] = { 1, 4096, 0x300000, 0x80000001 };
    g_autoptr(GBytes) vmlinux = make_movable(lists, 2);

    for (gsize i = 0; i < G_N_ELEMENTS(alignments); i++)
        expect_unsupported(vmlinux, alignments[i]);
}

/* It boots without us, then. */
static void
test_relocations_strange_header(void)
{
    const guint32 *const lists[] = { wide_places, narrow_places };
    const struct {
        gsize offset;
        guint64 value;
    } headers[] = {
        { offsetof(Elf64_Ehdr, e_entry), 0x3000000 },
        { offsetof(Elf64_Ehdr, e_entry), 0xffffffff81000000 },
        { offsetof(Elf64_Ehdr, e_shoff), G_MAXINT64 },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(headers); i++) {
        g_autoptr(GByteArray) vmlinux = g_bytes_unref_to_array(make_movable(lists, 2));
        g_autoptr(GBytes) bytes = NULL;

        memcpy(vmlinux->data + headers[i].offset, &headers[i].value, sizeof(guint64));
        bytes = g_bytes_new(vmlinux->data, vmlinux->len);
        expect_unsupported(bytes, KERNEL_SAMPLE_ALIGNMENT);
    }
}

int
main(int argc, char **argv)
{
    static const gchar *const compressions[] = { "gzip", "xz", "zstd", "lz4", "bzip2", "lzma" };

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
    g_test_add_func("/vmlinux/relocations/old", test_relocations_old);
    g_test_add_func("/vmlinux/relocations/new", test_relocations_new);
    g_test_add_func("/vmlinux/relocations/empty", test_relocations_empty);
    g_test_add_func("/vmlinux/relocations/none", test_relocations_none);
    g_test_add_func("/vmlinux/relocations/damaged", test_relocations_damaged);
    g_test_add_func("/vmlinux/relocations/of-other-form", test_relocations_of_other_form);
    g_test_add_func("/vmlinux/relocations/without-beginning", test_relocations_without_beginning);
    g_test_add_func("/vmlinux/relocations/no-room", test_relocations_no_room);
    g_test_add_func("/vmlinux/relocations/strange-header", test_relocations_strange_header);
    return g_test_run();
}
