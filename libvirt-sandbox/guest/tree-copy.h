/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Copies of files and trees: by the host to where the guest can read them, and by the guest to
 * where they are wanted. Compiled into both sides; no GLib here.
 */

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct tree_copy {
    bool set_owner;      /* everything that is copied belongs to these; else to who copies */
    bool owner_may_fail; /* where that is not allowed, they belong to who they belong to */
    uid_t uid;
    gid_t gid;
    char failed[PATH_MAX]; /* where it failed, below the source; empty for the source itself */
};

/*
 * Copies what is at @name in @from to @new_name in @to: files (holes stay holes), directories,
 * symbolic links and pipes, with modes and times. A directory that is there already is added to;
 * any other thing that is there is replaced. @name itself is followed if it is a link and @follow
 * is set. Returns false and sets errno: EOPNOTSUPP for what is neither of these.
 */
bool tree_copy(struct tree_copy *copy, int from, const char *name, bool follow, int to, const char *new_name);

/* Copies all that is in @from into @to, both of them directories; what @to is itself stays as it
 * is. */
bool tree_copy_entries(struct tree_copy *copy, int from, int to);
