/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The root of the program, at first somewhere below the first root. */

#include <stdbool.h>
#include <sys/types.h>

struct settings;

void root_mount(const struct settings *settings);
/* Opens @path as the program sees it, with its symbolic links, as an O_PATH descriptor. */
int root_open(const char *path);
/* The same, and makes what is missing, in memory if the root is read-only. @path is absolute, without doubled or
 * trailing slashes. */
int root_open_directory(const char *path);
int root_open_target(const char *path, bool directory);
/* Files and directories that root_open_target() makes in the file system @device belong to @uid and @gid. */
void root_set_owner_on(dev_t device, uid_t uid, gid_t gid);
/* Only makes sure that what is missing of @path can be made. */
int root_make_room(const char *path);
/* Whether @path, as the program sees it, is the root of @mount. */
bool root_leads_to(const char *path, int mount);
/* Attaches @mount to the directory @path, which is right in the root and not a link. */
void root_attach(int mount, const char *path);
void root_enter(const struct settings *settings);
void root_write_back(void);
