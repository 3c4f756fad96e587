/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/boot/kernel-relocations-private.h"

G_BEGIN_DECLS

/* Where the loader lies, and where it is entered as a PVH kernel is. */
#define GVIR_SANDBOX_KERNEL_LOADER_ADDRESS G_GUINT64_CONSTANT(0x100000)

/* A kernel as it was linked, with physical addresses. */
typedef struct {
    guint64 entry; /* its startup_64 */
    guint64 start; /* of its memory */
    guint64 end;
    guint32 alignment; /* it may be moved by multiples of this, a power of two */
} GVirSandboxKernelLayout;

/*
 * The memory of a loader that does what a kernel's own decompressor would do in a guest: it moves the kernel to
 * virtual addresses that are random in each boot, and tells it to choose those of its other memory at random, too.
 * UNSUPPORTED where there is no room for it, or for the kernel to be moved.
 */
GByteArray *gvir_sandbox_kernel_loader_new(const GVirSandboxKernelLayout *kernel,
                                           const GVirSandboxKernelRelocations *relocations, GError **error);

G_END_DECLS
