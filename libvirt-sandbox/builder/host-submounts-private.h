/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The host's mount points below @root that belong into a sandbox whose root it is, parents first, as paths
 * from @root on. Left out: what a sandbox has of its own (/proc, /dev, /run, /tmp …). */
GStrv gvir_sandbox_host_submounts_list(const gchar *root, GError **error);

/* The same for the text of a mountinfo file. */
GStrv gvir_sandbox_host_submounts_parse(const gchar *mountinfo, const gchar *root);

/* Whether what a line of mountinfo is about holds files, and is no window of the kernel. */
gboolean gvir_sandbox_host_submounts_holds_files(const gchar *line);

/* The directories that every sandbox has of its own. */
const gchar *const *gvir_sandbox_host_submounts_own(void);
