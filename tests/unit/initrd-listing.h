/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What an initrd holds, read back as the kernel does: "PATH TYPE MODE SIZE\n" for each file in order,
 * TYPE d, f or c; devices with MAJOR:MINOR for the size. Fails the test if anything is not of root or
 * has a time. @skip bytes at the beginning are left out. */
gchar *initrd_listing_read(const gchar *path, gsize skip);
