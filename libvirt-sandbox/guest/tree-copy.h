/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Copies files and trees: the host does, to where the guest can read them, and the guest does, to where the
 * program finds them. Compiled into both sides; no GLib here.
 */

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct tree_copy {
    bool set_owner;      /* the copies belong to @uid and @gid; else to the process that copies */
    bool owner_may_fail; /* if the owner cannot be set, the copies keep theirs */
    uid_t uid;
    gid_t gid;
    char failed[PATH_MAX]; /* the path below the source at which it failed; empty for the source itself */
};

/*
 * Copies @name in @from to @new_name in @to: files (holes stay holes), directories, symbolic links and pipes, with
 * modes and times. Adds to a directory that exists already; replaces anything else. Follows @name itself if it is
 * a link and @follow is set. Returns false and sets errno: EOPNOTSUPP for other types of files.
 */
bool tree_copy(struct tree_copy *copy, int from, const char *name, bool follow, int to, const char *new_name);

/* Copies the content of the directory @from into the directory @to, whose own attributes stay. */
bool tree_copy_entries(struct tree_copy *copy, int from, int to);
