/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "libvirt-sandbox/builder/boot/kernel-private.h"

G_BEGIN_DECLS

/* Called with a line for people when a build begins that will take its time; never if the image was
 * in the cache. */
typedef void (*GVirSandboxBootImageProgress)(const gchar *text, gpointer user_data);

typedef struct {
    GVirSandboxKernelRequest kernel; /* which kernel, and the modules it must have */
    const gchar *const *optional;    /* modules put in where the kernel has them, or NULL */
    const gchar *const *on_demand;   /* "NAME MODULE MODULE…": put in where the kernel has them, but
                                        loaded only when the guest asks for NAME, or NULL */
    const gchar *init;               /* the guest's /init on the host */
    const gchar *cache;              /* directory of the cache; NULL: the usual one */
    gboolean plain_kernel;           /* the kernel file as it is, even if an ELF could be made */
    GVirSandboxBootImageProgress progress;
    gpointer progress_data;
} GVirSandboxBootImageRequest;

/* What a machine boots. The files stay in the cache at least until this is freed; they belong to
 * all sandboxes at once, so nobody may write to them or change their owner. */
typedef struct {
    gchar *kernel;   /* file to boot: an ELF vmlinux in the cache if @pvh, else the kernel's file */
    gchar *initrd;   /* uncompressed newc cpio in the cache: /init and the modules; its length is a
                        multiple of 512, so that another cpio can follow */
    GStrv modules;   /* paths in the initrd ("/modules/virtio.ko"), in the order to load them */
    GStrv on_demand; /* "NAME PATH PATH…", in the order to load them */
    gchar *release;  /* "6.1.0-56-amd64" */
    gboolean pvh;    /* @kernel is an ELF with the entry point that QEMU enters directly */
    gboolean cached; /* nothing had to be built */
    int lock;        /* shared lock on the entry of the cache */
} GVirSandboxBootImage;

/* The boot image for @request, from the cache or built now. Safe in any number of threads and
 * processes at once: one builds, the others wait for it. */
GVirSandboxBootImage *gvir_sandbox_boot_image_obtain(const GVirSandboxBootImageRequest *request,
                                                     GCancellable *cancellable, GError **error);

void gvir_sandbox_boot_image_free(GVirSandboxBootImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxBootImage, gvir_sandbox_boot_image_free)

G_END_DECLS
