/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Records of what changed, in the child that walks the layers. */

#include <stdbool.h>
#include <stdnoreturn.h>
#include <sys/stat.h>

#include "libvirt-sandbox/guest/change.h"

struct file_key {
    dev_t device;
    ino_t inode;
};

int compare_file_keys(const void *a, const void *b);

/* The path of the current file, relative to the root, without a slash at the start. */
extern char change_path[GUEST_CHANGE_PATH_MAX + 257];

/* Where records go, and whether they have the content and attributes of files. */
void change_open(int pipe, bool data);
/* Reports @name of the current directory as it is now. */
void change_report(const char *name, const struct stat *status, bool existed);
/* Reports a change that has only a path. */
void change_report_path(enum guest_change_kind kind);
/* Sends the reason instead of more records, and ends the process. */
noreturn void change_fail(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));
