/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The kernel's files that init uses, and whether those of the program are protected. */

#include <stdbool.h>
#include <sys/mount.h>

struct settings;

#define KERNEL_FILE_ATTRIBUTES (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

void kernel_files_open(void);
/* The directory of init's own /proc. */
int kernel_files(void);
/* Writes @text to a setting of the kernel; false and errno if it was not written completely. */
bool kernel_file_write(int directory, const char *path, const char *text);
bool kernel_files_are_protected(const struct settings *settings);
