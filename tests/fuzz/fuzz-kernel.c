/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/vmlinux-private.h"

/* Small, so that a run is spent on headers and not on unpacking. */
#define LIMIT (4 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* A bare vmlinux is taken for the content of a bzImage, so that its relocations are as easy to damage as the rest. */
static guint32
choose_alignment(const GVirSandboxKernelImage *image)
{
    return image->format == GVIR_SANDBOX_KERNEL_IMAGE_ELF ? 2 * 1024 * 1024 : image->alignment;
}

/* A kernel file from its first byte to the ELF file that QEMU is given. */
int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_autoptr(GBytes) kernel = g_bytes_new(data, size);
    g_autoptr(GBytes) vmlinux = NULL;
    g_autoptr(GBytes) trimmed = NULL;
    g_autoptr(GBytes) again = NULL;
    GVirSandboxKernelImage image;

    if (!gvir_sandbox_kernel_image_parse(data, MIN(size, GVIR_SANDBOX_KERNEL_IMAGE_HEAD_SIZE), size, &image, NULL))
        return 0;
    vmlinux = gvir_sandbox_vmlinux_extract(kernel, &image, LIMIT, NULL);
    if (!vmlinux)
        return 0;
    trimmed = gvir_sandbox_vmlinux_trim(vmlinux, choose_alignment(&image), NULL);
    if (!trimmed)
        return 0;
    /* What was made must be as good as what it was made of, and have nothing left to leave out. */
    again = gvir_sandbox_vmlinux_trim(trimmed, 0, NULL);
    g_assert_nonnull(again);
    g_assert_true(g_bytes_equal(trimmed, again));
    return 0;
}
