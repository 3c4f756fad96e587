/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* In the child that tells what changed: between the way through the layers and the records. */

#include "libvirt-sandbox/init/init.h"

#include <sys/stat.h>

#include "libvirt-sandbox/guest/change.h"

struct file_key {
    dev_t device;
    ino_t inode;
};

int compare_file_keys(const void *a, const void *b);

/* Of what is told next, from the root on, without a slash at the start. */
extern char change_path[GUEST_CHANGE_PATH_MAX + 257];

/* Where records go, and whether with what is in the files and with their attributes. */
void change_open(int pipe, bool data);
/* What @name of the current directory is now. */
void change_send(const char *name, const struct stat *status, bool existed);
/* A record that needs no more than a path. */
void change_send_simple(enum guest_change_kind kind);
/* Sends the reason in place of all that was to come, and ends the process. */
noreturn void change_stop(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));
