/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/guest/superblock.h"

#include <stddef.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* Where each file system has its magic number. */
static const struct {
    const char *type;
    off_t offset;
    size_t length;
    const char *magic;
} magics[] = {
    { "xfs", 0, 4, "XFSB" },          { "squashfs", 0, 4, "hsqs" },      { "btrfs", 0x10040, 8, "_BHRfS_M" },
    { "ext4", 0x438, 2, "\x53\xef" }, { "iso9660", 0x8001, 5, "CD001" }, { "vfat", 82, 5, "FAT32" },
    { "vfat", 54, 5, "FAT16" },       { "vfat", 54, 5, "FAT12" },
};

const char *
guest_superblock_type(int fd)
{
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
        char found[8];

        if (pread(fd, found, magics[i].length, magics[i].offset) == (ssize_t)magics[i].length &&
            memcmp(found, magics[i].magic, magics[i].length) == 0) {
            return magics[i].type;
        }
    }
    return NULL;
}
