/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <elf.h>
#include <glib.h>

G_BEGIN_DECLS

/* 32 bits that move with the kernel, 32 bits that move against it, 64 bits that move with it. */
#define GVIR_SANDBOX_KERNEL_RELOCATIONS_KINDS 3

/* Which places of a kernel hold its virtual addresses. */
typedef struct {
    GArray *places; /* guint32: physical addresses, one kind after the other */
    guint32 counts[GVIR_SANDBOX_KERNEL_RELOCATIONS_KINDS];
} GVirSandboxKernelRelocations;

/* The table that follows the ELF file in a bzImage, of @length bytes, for a kernel that has @segments loaded from
 * its file. UNSUPPORTED if it has not one of the forms that are known, or names what is not in these segments. */
GVirSandboxKernelRelocations *gvir_sandbox_kernel_relocations_read(const guint8 *table, gsize length,
                                                                   const Elf64_Phdr *segments, guint count,
                                                                   GError **error);

void gvir_sandbox_kernel_relocations_free(GVirSandboxKernelRelocations *relocations);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxKernelRelocations, gvir_sandbox_kernel_relocations_free)

G_END_DECLS
