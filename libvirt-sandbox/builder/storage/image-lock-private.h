/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Whether somebody else has the image @path open, told by the locks that QEMU puts on images: of any number
 * of readers and no writer, or of one writer alone. BUSY if so. With @fd these locks are taken, and
 * held until it is closed.
 */
gboolean gvir_sandbox_image_lock(const gchar *path, gboolean read_only, int *fd, GError **error);
