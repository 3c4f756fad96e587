/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What is mounted. */

typedef struct {
    guint64 id;
    guint64 parent;
    gchar *device;
    gchar *root;
    gchar *path;
    gboolean wanted;
} ExportMount;

GPtrArray *mount_table_read(void);
/* The mount with this number; NULL: there is none. */
const ExportMount *mount_table_find(GPtrArray *table, guint64 id);
/* Whether another is mounted over @mount, or over a directory on the way to it. */
gboolean mount_table_is_hidden(GPtrArray *table, const ExportMount *mount);
/* The rest of @path below @directory; NULL: @path is not there. */
const gchar *path_rest(const gchar *path, const gchar *directory);
guint64 mount_number(int fd);
