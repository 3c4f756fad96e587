/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/boot/boot-image-private.h"

/* Writes to @path (created, mode 0600; must not exist) the initrd of one run: that of the image, and
 * after it a second cpio with @manifest as /manifest, mode 0600. */
gboolean gvir_sandbox_boot_image_write_run_initrd(const GVirSandboxBootImage *image, const gchar *manifest,
                                                  gsize manifest_length, const gchar *path, GError **error);
