/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Mounts as descriptors; all return -1 and errno. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/mount.h>

/* @path is below @directory, and no link in it is followed. */
int filesystem_open(int directory, const char *path);
/* Opens @path as a program does that has @root as its root. @resolve: RESOLVE_ flags to add. */
int filesystem_open_in_root(int root, const char *path, uint64_t flags, uint64_t resolve);
/* @attributes: MOUNT_ATTR_ flags. */
int filesystem_new(const char *type, const char *source, const char *options, uint64_t attributes);
int filesystem_clone(int directory, const char *path, bool recursive, uint64_t attributes);
int filesystem_attach(int mount, int target);
/* Copies owner, mode and times; false and errno. */
bool filesystem_copy_attributes(int from, int to);
