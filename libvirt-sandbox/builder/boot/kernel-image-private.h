/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* As much of the beginning of a file as gvir_sandbox_kernel_image_parse() ever looks at. */
#define GVIR_SANDBOX_KERNEL_IMAGE_HEAD_SIZE (68 * 1024)

typedef enum {
    GVIR_SANDBOX_KERNEL_IMAGE_UNKNOWN, /* nothing that is known; may still be a kernel of its arch */
    GVIR_SANDBOX_KERNEL_IMAGE_BZIMAGE, /* x86: setup code, then a compressed ELF */
    GVIR_SANDBOX_KERNEL_IMAGE_ELF,     /* a vmlinux */
    GVIR_SANDBOX_KERNEL_IMAGE_OTHER,   /* what other architectures boot: Image, zboot, gzip */
} GVirSandboxKernelImageFormat;

/* What the headers of a kernel's file say. */
typedef struct {
    GVirSandboxKernelImageFormat format;
    const gchar *arch;      /* as uname says it; NULL if the file does not tell */
    gchar release[128];     /* empty if the header does not tell */
    guint64 payload_offset; /* bzImage: the compressed vmlinux; length 0 if there is none */
    guint64 payload_length;
    guint32 alignment; /* bzImage: of the addresses that the kernel can be moved to */
} GVirSandboxKernelImage;

/* Reads the headers in @head, the first @head_length bytes of a file of @file_length bytes. Nothing
 * in them is believed before it was checked. INVALID if the file is cut off. */
gboolean gvir_sandbox_kernel_image_parse(const guint8 *head, gsize head_length, guint64 file_length,
                                         GVirSandboxKernelImage *image, GError **error);

/* Reads the headers of the file @path, and where they have no release, looks for the kernel's
 * banner in the file. */
gboolean gvir_sandbox_kernel_image_read(const gchar *path, GVirSandboxKernelImage *image, GError **error);

G_END_DECLS
