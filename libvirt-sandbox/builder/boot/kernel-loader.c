/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/kernel-loader-private.h"

#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <string.h>

/*
 * QEMU enters the loader as it enters a PVH kernel: 32-bit code without paging, %ebx pointing to a struct
 * hvm_start_info. The loader makes of that the struct boot_params of the kernel's 64-bit entry, adds a random
 * multiple of the alignment to all that the relocations name, and enters the kernel. Interfaces that Linux keeps:
 * include/xen/interface/hvm/start_info.h, Documentation/arch/x86/boot.rst and zero-page.rst.
 *
 * The physical addresses stay. The kernel finds out by itself how far the two are apart.
 */

/* The loader's memory. The numbers are the assembler's, too. */
#define LOADER 0x100000
#define DESCRIPTORS 0x100e00
#define SETTINGS 0x100f00
#define BOOT_PARAMS 0x101000
#define PAGE_TABLES 0x102000 /* the two upper levels, then four pages that map 1 GiB each */
#define PLACES 0x108000

#define PAGE_SIZE 4096
#define MAPPED_PAGES 4
#define PAGE_PRESENT_WRITABLE 0x3
#define PAGE_LARGE 0x80
#define LARGE_PAGE_SIZE (2 * 1024 * 1024)

/* As much as the kernel has for itself and what it may be moved by. */
#define KERNEL_IMAGE_SIZE (G_GUINT64_CONSTANT(1) << 30)

/* In struct boot_params. */
#define HEADER_MAGIC 0x202
#define PROTOCOL_VERSION 0x206
#define TYPE_OF_LOADER 0x210
#define LOADFLAGS 0x211
#define KERNEL_ALIGNMENT 0x230

#define PROTOCOL_2_12 0x20c
#define LOADER_IS_QEMU 0xb0
#define LOADED_HIGH 0x1
#define KASLR_FLAG 0x2 /* the kernel then moves its direct map, vmalloc and vmemmap */

typedef struct {
    guint32 entry;
    guint32 positions; /* as many as there are for the kernel */
    guint32 alignment;
    guint32 counts[GVIR_SANDBOX_KERNEL_RELOCATIONS_KINDS];
} Settings;

#ifdef __x86_64__

#define TEXT_OF(value) #value
#define NUMBER(value) TEXT_OF(value)

extern const guint8 gvir_sandbox_kernel_loader_code[] __attribute__((visibility("hidden")));
extern const guint8 gvir_sandbox_kernel_loader_code_end[] __attribute__((visibility("hidden")));

__asm__(
    "    .pushsection .rodata\n"
    "    .globl gvir_sandbox_kernel_loader_code, gvir_sandbox_kernel_loader_code_end\n"
    "    .hidden gvir_sandbox_kernel_loader_code, gvir_sandbox_kernel_loader_code_end\n"
    "    .set settings, " NUMBER(
        SETTINGS) "\n"
                  "    .set boot_params, " NUMBER(
                      BOOT_PARAMS) "\n"
                                   "    .code32\n"
                                   "gvir_sandbox_kernel_loader_code:\n"
                                   "    cli\n"
                                   "    cld\n"

                                   /* The command line; the first module, which is the initrd; the ACPI tables. */
                                   "    movl 24(%ebx), %eax\n"
                                   "    movl %eax, boot_params + 0x228\n"
                                   "    cmpl $0, 12(%ebx)\n"
                                   "    je 1f\n"
                                   "    movl 16(%ebx), %ecx\n"
                                   "    movl (%ecx), %eax\n"
                                   "    movl %eax, boot_params + 0x218\n"
                                   "    movl 8(%ecx), %eax\n"
                                   "    movl %eax, boot_params + 0x21c\n"
                                   "1:  movl 32(%ebx), %eax\n"
                                   "    movl %eax, boot_params + 0x70\n"

                                   /* The map of the memory: entries of 24 bytes become entries of 20, of which there is
                                    * room for 128. The one that is added keeps the kernel off what is no memory below 1
                                    * MiB. */
                                   "    movl 40(%ebx), %esi\n"
                                   "    movl 48(%ebx), %ecx\n"
                                   "    cmpl $127, %ecx\n"
                                   "    jbe 1f\n"
                                   "    movl $127, %ecx\n"
                                   "1:  leal 1(%ecx), %eax\n"
                                   "    movb %al, boot_params + 0x1e8\n"
                                   "    movl $boot_params + 0x2d0, %edi\n"
                                   "    jecxz 2f\n"
                                   "1:  movsl\n"
                                   "    movsl\n"
                                   "    movsl\n"
                                   "    movsl\n"
                                   "    movsl\n"
                                   "    addl $4, %esi\n"
                                   "    decl %ecx\n"
                                   "    jnz 1b\n"
                                   "2:  movl $0xa0000, %eax\n"
                                   "    stosl\n"
                                   "    xorl %eax, %eax\n"
                                   "    stosl\n"
                                   "    movl $0x60000, %eax\n"
                                   "    stosl\n"
                                   "    xorl %eax, %eax\n"
                                   "    stosl\n"
                                   "    movl $2, %eax\n"
                                   "    stosl\n"

                                   /* A random number as the kernel's decompressor makes one: of RDRAND where the
                                    * processor has it, and of the time. Its upper bits choose, so the time's lower ones
                                    * are brought there. */
                                   "    movl $1, %eax\n"
                                   "    xorl %ecx, %ecx\n"
                                   "    cpuid\n"
                                   "    movl %ecx, %esi\n"
                                   "    rdtsc\n"
                                   "    imull $0x9e3779b1, %eax, %edi\n"
                                   "    btl $30, %esi\n"
                                   "    jnc 2f\n"
                                   "    movl $10, %ecx\n"
                                   "1:  rdrand %eax\n"
                                   "    jc 1f\n"
                                   "    decl %ecx\n"
                                   "    jnz 1b\n"
                                   "    jmp 2f\n"
                                   "1:  xorl %eax, %edi\n"
                                   "2:  movl %edi, %eax\n"
                                   "    mull settings + 4\n"
                                   "    imull settings + 8, %edx\n"
                                   "    movl %edx, %ebp\n"

                                   /* What is moved with the kernel; what is counted from its end; its pointers. */
                                   "    movl $" NUMBER(
                                       PLACES) ", %esi\n"
                                               "    movl settings + 12, %ecx\n"
                                               "    jecxz 2f\n"
                                               "1:  lodsl\n"
                                               "    addl %ebp, (%eax)\n"
                                               "    decl %ecx\n"
                                               "    jnz 1b\n"
                                               "2:  movl settings + 16, %ecx\n"
                                               "    jecxz 2f\n"
                                               "1:  lodsl\n"
                                               "    subl %ebp, (%eax)\n"
                                               "    decl %ecx\n"
                                               "    jnz 1b\n"
                                               "2:  movl settings + 20, %ecx\n"
                                               "    jecxz 2f\n"
                                               "1:  lodsl\n"
                                               "    addl %ebp, (%eax)\n"
                                               "    adcl $0, 4(%eax)\n"
                                               "    decl %ecx\n"
                                               "    jnz 1b\n"

                                               /* 64-bit code, all memory below 4 GiB mapped where it is. */
                                               "2:  movl %cr4, %eax\n"
                                               "    orl $0x20, %eax\n"
                                               "    movl %eax, %cr4\n"
                                               "    movl $" NUMBER(
                                                   PAGE_TABLES) ", %eax\n"
                                                                "    movl %eax, %cr3\n"
                                                                "    movl $0xc0000080, %ecx\n"
                                                                "    rdmsr\n"
                                                                "    orl $0x100, %eax\n"
                                                                "    wrmsr\n"
                                                                "    lgdt " NUMBER(
                                                                    DESCRIPTORS) "\n"
                                                                                 "    movl %cr0, %eax\n"
                                                                                 "    orl $0x80000001, %eax\n"
                                                                                 "    movl %eax, %cr0\n"
                                                                                 "    ljmp $0x10, $" NUMBER(
                                                                                     LOADER) " + 1f - "
                                                                                             "gvir_sandbox_kernel_"
                                                                                             "loader_code\n"
                                                                                             "    .code64\n"
                                                                                             "1:  movl $0x18, %eax\n"
                                                                                             "    movl %eax, %ds\n"
                                                                                             "    movl %eax, %es\n"
                                                                                             "    movl %eax, %ss\n"
                                                                                             "    movl $boot_params, "
                                                                                             "%esi\n"
                                                                                             "    movl settings, %eax\n"
                                                                                             "    jmp *%rax\n"
                                                                                             "gvir_sandbox_kernel_"
                                                                                             "loader_code_end:\n"
                                                                                             "    .popsection\n");

static gboolean
put_code(GByteArray *memory, GError **error G_GNUC_UNUSED)
{
    gsize length = gvir_sandbox_kernel_loader_code_end - gvir_sandbox_kernel_loader_code;

    g_assert(length <= DESCRIPTORS - LOADER);
    memcpy(memory->data, gvir_sandbox_kernel_loader_code, length);
    return TRUE;
}

#else

static gboolean
put_code(GByteArray *memory G_GNUC_UNUSED, GError **error)
{
    g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED, _("not an x86_64 host"));
    return FALSE;
}

#endif

static guint8 *
at(GByteArray *memory, gsize address)
{
    return memory->data + (address - LOADER);
}

/* The register's value, then the table it points to: its last two entries are what the kernel wants, code and data
 * of all memory. */
static void
put_descriptors(GByteArray *memory)
{
    const guint64 table[] = { 0, 0, G_GUINT64_CONSTANT(0x00af9a000000ffff), G_GUINT64_CONSTANT(0x00cf92000000ffff) };
    const guint16 limit = sizeof(table) - 1;
    const guint32 address = DESCRIPTORS + 8;

    memcpy(at(memory, DESCRIPTORS), &limit, sizeof(limit));
    memcpy(at(memory, DESCRIPTORS + sizeof(limit)), &address, sizeof(address));
    memcpy(at(memory, address), table, sizeof(table));
}

static void
put_entry(GByteArray *memory, gsize table, guint index, guint64 value)
{
    memcpy(at(memory, table + index * sizeof(value)), &value, sizeof(value));
}

static void
put_page_tables(GByteArray *memory)
{
    const gsize middle = PAGE_TABLES + PAGE_SIZE;
    const gsize lowest = middle + PAGE_SIZE;

    put_entry(memory, PAGE_TABLES, 0, middle | PAGE_PRESENT_WRITABLE);
    for (guint i = 0; i < MAPPED_PAGES; i++)
        put_entry(memory, middle, i, (lowest + i * PAGE_SIZE) | PAGE_PRESENT_WRITABLE);
    for (guint i = 0; i < MAPPED_PAGES * PAGE_SIZE / sizeof(guint64); i++)
        put_entry(memory, lowest, i, (guint64)i * LARGE_PAGE_SIZE | PAGE_LARGE | PAGE_PRESENT_WRITABLE);
}

static void
put_boot_params(GByteArray *memory, const GVirSandboxKernelLayout *kernel)
{
    const guint16 version = PROTOCOL_2_12;
    guint8 *params = at(memory, BOOT_PARAMS);

    memcpy(params + HEADER_MAGIC, "HdrS", 4);
    memcpy(params + PROTOCOL_VERSION, &version, sizeof(version));
    params[TYPE_OF_LOADER] = LOADER_IS_QEMU;
    params[LOADFLAGS] = LOADED_HIGH | KASLR_FLAG;
    memcpy(params + KERNEL_ALIGNMENT, &kernel->alignment, sizeof(kernel->alignment));
}

static void
put_settings(GByteArray *memory, const GVirSandboxKernelLayout *kernel, const GVirSandboxKernelRelocations *relocations)
{
    Settings settings = { .entry = (guint32)kernel->entry,
                          .positions = 1 + (guint32)((KERNEL_IMAGE_SIZE - kernel->end) / kernel->alignment),
                          .alignment = kernel->alignment };

    memcpy(settings.counts, relocations->counts, sizeof(settings.counts));
    memcpy(at(memory, SETTINGS), &settings, sizeof(settings));
}

static gboolean
fits(const GVirSandboxKernelLayout *kernel, gsize places_size)
{
    return kernel->alignment >= LARGE_PAGE_SIZE && (kernel->alignment & (kernel->alignment - 1)) == 0 &&
           kernel->end <= KERNEL_IMAGE_SIZE && kernel->start >= PLACES && places_size <= kernel->start - PLACES;
}

GByteArray *
gvir_sandbox_kernel_loader_new(const GVirSandboxKernelLayout *kernel, const GVirSandboxKernelRelocations *relocations,
                               GError **error)
{
    gsize places_size = relocations->places->len * sizeof(guint32);
    g_autoptr(GByteArray) memory = NULL;

    if (!fits(kernel, places_size)) {
        g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                            _("the kernel lies where it cannot be moved"));
        return NULL;
    }
    memory = g_byte_array_sized_new(PLACES - LOADER + places_size);
    g_byte_array_set_size(memory, PLACES - LOADER);
    memset(memory->data, 0, memory->len);
    if (!put_code(memory, error))
        return NULL;
    put_descriptors(memory);
    put_page_tables(memory);
    put_boot_params(memory, kernel);
    put_settings(memory, kernel, relocations);
    g_byte_array_append(memory, (const guint8 *)relocations->places->data, places_size);
    return g_steal_pointer(&memory);
}
