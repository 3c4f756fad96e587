/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/vmlinux-private.h"

#include "libvirt-sandbox/builder/boot/kernel-loader-private.h"
#include "libvirt-sandbox/util/decompress-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <elf.h>
#include <string.h>

/* A vmlinux has four or five, a trimmed one a dozen. */
#define SEGMENTS_MAX 512
#define XEN_ELFNOTE_PHYS32_ENTRY 18
#define XEN_NOTE_NAME "Xen"

/* Zeros are looked for in blocks of this size, and left out when as many follow each other that it
 * pays for another segment. */
#define BLOCK_SIZE 4096
#define GAP_BLOCKS 16

/* A part of memory that begins with @data; what is not data is zero. */
typedef struct {
    Elf64_Phdr header;
    const guint8 *data;
} Piece;

/* What is loaded of a kernel. */
typedef struct {
    Elf64_Phdr loads[SEGMENTS_MAX];
    guint load_count;
    guint64 entry; /* the one of PVH */
} Segments;

typedef struct {
    Elf64_Nhdr header;
    gchar name[sizeof(XEN_NOTE_NAME)];
    guint64 entry;
} XenNote;

static gboolean
set_invalid(GError **error, const gchar *text)
{
    g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, text);
    return FALSE;
}

static gboolean
set_unsupported(GError **error, const gchar *text)
{
    g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED, text);
    return FALSE;
}

GBytes *
gvir_sandbox_vmlinux_extract(GBytes *kernel, const GVirSandboxKernelImage *image, gsize limit, GError **error)
{
    gsize length;
    const guint8 *data = g_bytes_get_data(kernel, &length);

    if (image->format == GVIR_SANDBOX_KERNEL_IMAGE_ELF)
        return g_bytes_ref(kernel);
    if (image->format != GVIR_SANDBOX_KERNEL_IMAGE_BZIMAGE || image->payload_length < 8) {
        set_unsupported(error, _("the kernel has no vmlinux inside"));
        return NULL;
    }
    if (image->payload_offset > length || image->payload_length > length - image->payload_offset) {
        set_invalid(error, _("the kernel is cut off"));
        return NULL;
    }

    data += image->payload_offset;
    length = image->payload_length;
    /* All but gzip have the unpacked size put behind them, which is no part of the stream. */
    if (data[0] != 0x1f || data[1] != 0x8b)
        length -= 4;
    return gvir_sandbox_decompress(data, length, limit, error);
}

static gboolean
read_elf_header(const guint8 *elf, gsize length, Elf64_Ehdr *header, GError **error)
{
    if (length < sizeof(*header) || memcmp(elf, ELFMAG, SELFMAG) != 0)
        return set_invalid(error, _("what the kernel holds is not an ELF file"));
    memcpy(header, elf, sizeof(*header));
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_machine != EM_X86_64)
        return set_unsupported(error, _("not an x86_64 kernel"));
    if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 || header->e_phnum > SEGMENTS_MAX ||
        header->e_phoff > length || header->e_phnum * sizeof(Elf64_Phdr) > length - header->e_phoff)
        return set_invalid(error, _("the kernel's program headers are damaged"));
    return TRUE;
}

static gboolean
read_segment(const guint8 *elf, gsize length, const Elf64_Ehdr *header, guint number, Elf64_Phdr *segment,
             GError **error)
{
    memcpy(segment, elf + header->e_phoff + number * sizeof(*segment), sizeof(*segment));
    if (segment->p_offset > length || segment->p_filesz > length - segment->p_offset)
        return set_invalid(error, _("the kernel is cut off: a segment ends behind the file"));
    if (segment->p_type != PT_LOAD)
        return TRUE;
    /* The PVH entry is 32-bit code, so all of it must lie below 4 GiB. */
    if (segment->p_filesz > segment->p_memsz || segment->p_memsz > G_MAXUINT32 ||
        segment->p_paddr > G_MAXUINT32 - segment->p_memsz)
        return set_invalid(error, _("the kernel's segments are damaged"));
    return TRUE;
}

/* Finds the PVH entry point in the notes of a PT_NOTE segment. */
static gboolean
find_entry(const guint8 *notes, gsize length, guint64 align, guint64 *entry)
{
    gsize position = 0;

    align = align == 8 ? 8 : 4;
    while (length - position >= sizeof(Elf64_Nhdr)) {
        Elf64_Nhdr note;
        guint64 name_size, value_size;
        const guint8 *name;

        memcpy(&note, notes + position, sizeof(note));
        position += sizeof(note);
        name = notes + position;
        name_size = ((guint64)note.n_namesz + align - 1) & ~(align - 1);
        value_size = ((guint64)note.n_descsz + align - 1) & ~(align - 1);
        if (name_size > length - position || note.n_descsz > length - position - name_size)
            return FALSE;
        if (note.n_type == XEN_ELFNOTE_PHYS32_ENTRY && note.n_namesz == sizeof(XEN_NOTE_NAME) &&
            memcmp(name, XEN_NOTE_NAME, sizeof(XEN_NOTE_NAME)) == 0 && (note.n_descsz == 4 || note.n_descsz == 8)) {
            *entry = 0;
            memcpy(entry, name + name_size, note.n_descsz);
            return *entry != 0 && *entry <= G_MAXUINT32;
        }
        position += name_size + MIN(value_size, length - position - name_size);
    }
    return FALSE;
}

static gboolean
overlaps_any(const Elf64_Phdr *loads, guint count, const Elf64_Phdr *segment)
{
    for (guint i = 0; i < count; i++) {
        if (segment->p_paddr < loads[i].p_paddr + loads[i].p_memsz &&
            loads[i].p_paddr < segment->p_paddr + segment->p_memsz)
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_zero_block(const guint8 *data, gsize length)
{
    return length == 0 || (data[0] == 0 && memcmp(data, data + 1, length - 1) == 0);
}

/* How many bytes from @data on to keep: up to the next gap. */
static gsize
measure_data(const guint8 *data, gsize length)
{
    gsize kept = 0;

    for (gsize position = 0; position < length; position += BLOCK_SIZE) {
        gsize block = MIN(BLOCK_SIZE, length - position);

        if (!is_zero_block(data + position, block))
            kept = position + block;
        else if (position + block - kept >= GAP_BLOCKS * BLOCK_SIZE)
            break;
    }
    /* QEMU wants some data where the file had some. */
    return MAX(kept, MIN(length, BLOCK_SIZE));
}

static gsize
measure_zeros(const guint8 *data, gsize length)
{
    gsize position = 0;

    while (position < length && is_zero_block(data + position, MIN(BLOCK_SIZE, length - position)))
        position += MIN(BLOCK_SIZE, length - position);
    return position;
}

/* The pieces cover the memory of the segment without a hole: behind its data each one reaches, as
 * zeros, up to the next. */
static void
split_segment(const Elf64_Phdr *segment, const guint8 *data, GArray *pieces)
{
    gsize start = 0;

    do {
        gsize left = segment->p_filesz - start;
        gsize kept = measure_data(data + start, left);
        gsize zeros = measure_zeros(data + start + kept, left - kept);
        Piece piece = { .header = *segment, .data = data + start };

        piece.header.p_vaddr += start;
        piece.header.p_paddr += start;
        piece.header.p_align = 1;
        piece.header.p_filesz = kept;
        piece.header.p_memsz = left == kept + zeros ? segment->p_memsz - start : (Elf64_Xword)(kept + zeros);
        g_array_append_val(pieces, piece);
        start += kept + zeros;
    } while (start < segment->p_filesz);
}

static gboolean
collect_segments(const guint8 *elf, gsize length, const Elf64_Ehdr *header, Segments *segments, GError **error)
{
    guint64 loaded = 0;

    segments->entry = 0;
    segments->load_count = 0;
    for (guint i = 0; i < header->e_phnum; i++) {
        Elf64_Phdr segment;

        if (!read_segment(elf, length, header, i, &segment, error))
            return FALSE;
        if (segment.p_type == PT_NOTE && segments->entry == 0)
            find_entry(elf + segment.p_offset, segment.p_filesz, segment.p_align, &segments->entry);
        if (segment.p_type != PT_LOAD || segment.p_memsz == 0)
            continue;
        if (overlaps_any(segments->loads, segments->load_count, &segment))
            return set_invalid(error, _("the kernel's segments overlap"));
        /* Segments that share bytes of the file could make far more memory of it than it has. */
        loaded += segment.p_filesz;
        if (loaded > length)
            return set_invalid(error, _("the kernel's segments are damaged"));
        segments->loads[segments->load_count++] = segment;
    }
    if (segments->load_count == 0)
        return set_invalid(error, _("the kernel has nothing to load"));
    if (segments->entry == 0)
        return set_unsupported(error, _("the kernel has no PVH entry point"));
    return TRUE;
}

/* Where the file ends as its headers have it; what follows in a bzImage are the relocations. */
static guint64
find_end(const Elf64_Ehdr *header, const Segments *segments)
{
    guint64 end = header->e_phoff + header->e_phnum * sizeof(Elf64_Phdr);

    for (guint i = 0; i < segments->load_count; i++)
        end = MAX(end, segments->loads[i].p_offset + segments->loads[i].p_filesz);
    if (header->e_shnum > 0 && header->e_shoff <= G_MAXINT64)
        end = MAX(end, header->e_shoff + (guint64)header->e_shnum * header->e_shentsize);
    return end;
}

static GVirSandboxKernelLayout
find_layout(const Elf64_Ehdr *header, const Segments *segments, guint32 alignment)
{
    GVirSandboxKernelLayout layout = { header->e_entry, G_MAXUINT64, 0, alignment };

    for (guint i = 0; i < segments->load_count; i++) {
        layout.start = MIN(layout.start, segments->loads[i].p_paddr);
        layout.end = MAX(layout.end, segments->loads[i].p_paddr + segments->loads[i].p_memsz);
    }
    return layout;
}

/* The memory of the loader, and its entry instead of the kernel's; without error where the kernel has no relocations
 * and is entered by its own. */
static gboolean
make_loader(const guint8 *elf, gsize length, const Elf64_Ehdr *header, Segments *segments, guint32 alignment,
            GByteArray **loader, GError **error)
{
    g_autoptr(GVirSandboxKernelRelocations) relocations = NULL;
    GVirSandboxKernelLayout layout = find_layout(header, segments, alignment);
    guint64 end = find_end(header, segments);

    *loader = NULL;
    if (alignment == 0 || end == length)
        return TRUE;
    if (end > length)
        return set_unsupported(error, _("the kernel has section headers behind its end"));
    if (layout.entry < layout.start || layout.entry >= layout.end)
        return set_unsupported(error, _("the kernel's entry is not in its memory"));
    relocations =
        gvir_sandbox_kernel_relocations_read(elf + end, length - end, segments->loads, segments->load_count, error);
    if (!relocations)
        return FALSE;
    *loader = gvir_sandbox_kernel_loader_new(&layout, relocations, error);
    segments->entry = GVIR_SANDBOX_KERNEL_LOADER_ADDRESS;
    return *loader != NULL;
}

static gboolean
split_segments(const guint8 *elf, const Segments *segments, const GByteArray *loader, GArray *pieces, GError **error)
{
    if (loader) {
        Elf64_Phdr segment = { .p_type = PT_LOAD,
                               .p_flags = PF_R | PF_W | PF_X,
                               .p_vaddr = GVIR_SANDBOX_KERNEL_LOADER_ADDRESS,
                               .p_paddr = GVIR_SANDBOX_KERNEL_LOADER_ADDRESS,
                               .p_filesz = loader->len,
                               .p_memsz = loader->len };

        split_segment(&segment, loader->data, pieces);
    }
    for (guint i = 0; i < segments->load_count; i++)
        split_segment(&segments->loads[i], elf + segments->loads[i].p_offset, pieces);
    return pieces->len + 1 <= SEGMENTS_MAX || set_unsupported(error, _("the kernel has too many segments"));
}

static GBytes *
assemble(const Elf64_Ehdr *original, GArray *pieces, guint64 entry)
{
    XenNote note = { { sizeof(XEN_NOTE_NAME), sizeof(note.entry), XEN_ELFNOTE_PHYS32_ENTRY }, XEN_NOTE_NAME, entry };
    Elf64_Ehdr header = *original;
    Elf64_Phdr note_segment = {
        .p_type = PT_NOTE, .p_flags = PF_R, .p_filesz = sizeof(note), .p_memsz = sizeof(note), .p_align = 4
    };
    gsize offset = sizeof(header) + (pieces->len + 1) * sizeof(Elf64_Phdr);
    GByteArray *output;

    header.e_phoff = sizeof(header);
    header.e_phnum = pieces->len + 1;
    header.e_ehsize = sizeof(header);
    header.e_shoff = header.e_shnum = header.e_shstrndx = header.e_shentsize = 0;
    note_segment.p_offset = offset;
    offset += sizeof(note);
    for (guint i = 0; i < pieces->len; i++) {
        Piece *piece = &g_array_index(pieces, Piece, i);

        piece->header.p_offset = offset;
        offset += piece->header.p_filesz;
    }

    output = g_byte_array_sized_new(offset);
    g_byte_array_append(output, (const guint8 *)&header, sizeof(header));
    g_byte_array_append(output, (const guint8 *)&note_segment, sizeof(note_segment));
    for (guint i = 0; i < pieces->len; i++)
        g_byte_array_append(output, (const guint8 *)&g_array_index(pieces, Piece, i).header, sizeof(Elf64_Phdr));
    g_byte_array_append(output, (const guint8 *)&note, sizeof(note));
    for (guint i = 0; i < pieces->len; i++) {
        const Piece *piece = &g_array_index(pieces, Piece, i);

        g_byte_array_append(output, piece->data, piece->header.p_filesz);
    }
    return g_byte_array_free_to_bytes(output);
}

GBytes *
gvir_sandbox_vmlinux_trim(GBytes *vmlinux, guint32 alignment, GError **error)
{
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
    g_autoptr(GByteArray) loader = NULL;
    gsize length;
    const guint8 *elf = g_bytes_get_data(vmlinux, &length);
    Elf64_Ehdr header;
    Segments segments;

    if (!read_elf_header(elf, length, &header, error) || !collect_segments(elf, length, &header, &segments, error) ||
        !make_loader(elf, length, &header, &segments, alignment, &loader, error) ||
        !split_segments(elf, &segments, loader, pieces, error))
        return NULL;
    return assemble(&header, pieces, segments.entry);
}

guint64
gvir_sandbox_vmlinux_get_end(GBytes *vmlinux)
{
    gsize length;
    const guint8 *elf = g_bytes_get_data(vmlinux, &length);
    guint64 end = 0;
    Elf64_Ehdr header;

    if (!read_elf_header(elf, length, &header, NULL))
        return 0;
    for (guint i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr segment;

        if (!read_segment(elf, length, &header, i, &segment, NULL))
            return 0;
        if (segment.p_type == PT_LOAD)
            end = MAX(end, segment.p_paddr + segment.p_memsz);
    }
    return end;
}
