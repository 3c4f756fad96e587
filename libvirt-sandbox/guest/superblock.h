/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Recognizes the file system on a disk. Compiled into both sides; no GLib here. */

#define GUEST_SUPERBLOCK_TYPES "ext4, xfs, btrfs, vfat, squashfs, iso9660"

/* The type of the file system on the open device or raw image @fd, by its name in the kernel; NULL if it is not one of
 * these. */
const char *guest_superblock_type(int fd);
