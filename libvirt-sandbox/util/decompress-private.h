/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @data (gzip, xz, lzma, bzip2, lz4 or zstd) unpacked, at most @limit bytes. UNSUPPORTED if it is
 * none of these or libarchive was built without it, INVALID if it is damaged or larger. */
GBytes *gvir_sandbox_decompress(const guint8 *data, gsize length, gsize limit, GError **error);

G_END_DECLS
