/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A mount of the host below a root. Whoever may write a directory above it can exchange that at any moment, so its
 * path alone says nothing. */
typedef struct {
    gchar *path; /* from the root on */
    guint64 mount_id;
    gchar *identity; /* of its root, as the manifest has it; NULL before it was opened */
} GVirSandboxHostSubmount;

/* The host's mounts below @root that belong into a sandbox whose root it is, parents first, as far as they can be
 * reached. Left out: what a sandbox has of its own (/proc, /dev, /run, /tmp …). */
GPtrArray *gvir_sandbox_host_submounts_list(const gchar *root, GError **error);

/* The same for the text of a mountinfo file, with those that are mounted over, and opens none. */
GPtrArray *gvir_sandbox_host_submounts_parse(const gchar *mountinfo, const gchar *root);

/* Opens @root for gvir_sandbox_host_submount_open(). */
int gvir_sandbox_host_submounts_open_root(const gchar *root);

/* Opens that mount (O_PATH) and no other, and by no link; -1 where it is no more to be seen. */
int gvir_sandbox_host_submount_open(int root, const GVirSandboxHostSubmount *submount);

/* Whether what a line of mountinfo is about holds files, and is no window of the kernel. */
gboolean gvir_sandbox_host_submounts_holds_files(const gchar *line);

/* The directories that every sandbox has of its own. */
const gchar *const *gvir_sandbox_host_submounts_own(void);
