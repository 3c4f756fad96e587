/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What there is on a disk. Compiled into both sides; no GLib here. */

#define GUEST_SUPERBLOCK_TYPES "ext4, xfs, btrfs, vfat, squashfs, iso9660"

/* The type of the file system on the open device or raw image @fd, as the kernel names it; NULL if
 * it is none of these. */
const char *guest_superblock_type(int fd);
