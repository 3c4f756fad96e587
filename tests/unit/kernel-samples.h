/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Kernels made up for the tests, small enough to be looked through. */

#define KERNEL_SAMPLE_ENTRY 0x1000040u
#define KERNEL_SAMPLE_ALIGNMENT 0x200000u

typedef enum {
    KERNEL_SAMPLE_GZIP,
    KERNEL_SAMPLE_XZ,
    KERNEL_SAMPLE_ZSTD,
    KERNEL_SAMPLE_LZ4,
    KERNEL_SAMPLE_BZIP2,
    KERNEL_SAMPLE_LZMA,
} KernelSampleCompression;

/* A vmlinux with two segments. The first has 1 MiB of zeros in its middle and as many at its end, and
 * 4 KiB more memory than data; behind are bytes of no segment, which the header takes for sections. */
GByteArray *kernel_sample_vmlinux(gboolean with_pvh_note);

/* Puts a table behind it, as the kernel's build does: each of @lists ends with 0. */
void kernel_sample_add_relocations(GByteArray *vmlinux, const guint32 *const *lists, guint count);

/* NULL if libarchive cannot write that here. */
GByteArray *kernel_sample_compress(const GByteArray *data, KernelSampleCompression compression);

/* A bzImage of @release around @payload, which is compressed already; @size_behind adds the unpacked
 * size behind it, as the kernel's build does for all but gzip. */
GByteArray *kernel_sample_bzimage(const gchar *release, const GByteArray *payload, gboolean size_behind);

/* The whole way: what /boot/vmlinuz-RELEASE would be. */
GByteArray *kernel_sample_new(const gchar *release);

void kernel_sample_write(const gchar *path, const GByteArray *content);
