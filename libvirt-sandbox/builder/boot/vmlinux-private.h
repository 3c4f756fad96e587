/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/boot/kernel-image-private.h"

G_BEGIN_DECLS

/* A vmlinux of a distribution is 30-70 MB. */
#define GVIR_SANDBOX_VMLINUX_SIZE_MAX ((gsize)1024 * 1024 * 1024)

/* The ELF file in @kernel, the content of a bzImage or vmlinux with the headers @image, of at most
 * @limit bytes. UNSUPPORTED if it cannot be had, INVALID if it is damaged. */
GBytes *gvir_sandbox_vmlinux_extract(GBytes *kernel, const GVirSandboxKernelImage *image, gsize limit, GError **error);

/* The smallest ELF file that QEMU's PVH loader makes the same memory of: only the loaded segments,
 * without their long runs of zeros, and the note with the entry point. Where @vmlinux is followed by
 * relocations, as that of a bzImage whose header has @alignment, a loader is put in front of it that
 * moves it in each boot; 0: there are none to look for. UNSUPPORTED if @vmlinux has no PVH entry or
 * cannot be moved, INVALID if its headers are wrong. */
GBytes *gvir_sandbox_vmlinux_trim(GBytes *vmlinux, guint32 alignment, GError **error);

/* The first physical address behind all that is loaded of it, which a machine's memory has to reach; 0 where the
 * headers are wrong. */
guint64 gvir_sandbox_vmlinux_get_end(GBytes *vmlinux);

G_END_DECLS
