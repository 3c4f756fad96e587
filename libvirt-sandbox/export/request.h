/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* What is asked for. */

typedef struct {
    const gchar *path; /* as seen from the tree's root */
    GPtrArray *kept;   /* paths below that, which stay */
} ExportCover;

typedef struct {
    gchar *name;
    gchar *source;
    gboolean read_only;
    GPtrArray *covers;
    int mount;
    gboolean is_file;
} ExportTree;

typedef struct {
    gchar *directory; /* the trees are in a directory of this name, which nobody can guess */
    gboolean has_user;
    uid_t uid;
    gid_t gid;
    GPtrArray *trees;
} ExportRequest;

ExportRequest *request_read(int fd);
