/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The parts of libvirt-sandbox-export, which makes the trees that QEMU shows a machine and holds them until
 * QEMU has opened them.
 */

/* Says why to who asked, and ends. */
G_NORETURN void export_fail(const gchar *format, ...) G_GNUC_PRINTF(1, 2);
/* The same for what this host does not allow at all. */
G_NORETURN void export_refuse(const gchar *format, ...) G_GNUC_PRINTF(1, 2);

/* request.c: what is asked for */

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

/* namespace.c: where the trees are made, and who may see them */

void namespace_enter(void);
/* Makes the new file system @base all that there is. */
void namespace_change_root(const gchar *base);
/* Becomes the user of the request, with every mount locked where it is. */
void namespace_lock(const ExportRequest *request);

/* mount-table.c: what is mounted */

typedef struct {
    guint64 id;
    guint64 parent;
    gchar *device;
    gchar *root;
    gchar *path;
    gboolean wanted;
} ExportMount;

GPtrArray *mount_table_read(void);
/* That of the mount with this number; NULL: none. */
const ExportMount *mount_table_find(GPtrArray *table, guint64 id);
/* Whether another is mounted over @mount, or over a directory on the way to it. */
gboolean mount_table_is_hidden(GPtrArray *table, const ExportMount *mount);
/* The rest of @path below @directory; NULL if it is not there. */
const gchar *path_rest(const gchar *path, const gchar *directory);
guint64 mount_number(int fd);

/* keep.c: what stays of what is covered */

/* Takes what is at @paths below the directory @target, before it is covered; NULL: nothing. */
GPtrArray *keep_take(int target, GPtrArray *paths);
/* Makes where it will be in the directory @name of @covers. FALSE and errno. */
gboolean keep_make_places(int covers, const gchar *name, GPtrArray *kept);
/* Puts it there, in the mount of that directory, which is attached. FALSE and errno. */
gboolean keep_attach(int cover, GPtrArray *kept);

/* cover.c: what the trees do not show */

/* In the directory @base, which is attached. */
void cover_prepare(const gchar *base);
/* Covers in the tree at @path all that is no file system for files, then what @tree names. */
void cover_tree(const ExportTree *tree, const gchar *path);
