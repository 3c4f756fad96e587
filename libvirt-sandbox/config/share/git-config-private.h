/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What stands in @data behind @prefix, which must be all that there is but for an end of line; NULL if it is
 * no path. */
gchar *gvir_sandbox_git_parse_path(const gchar *data, gsize length, const gchar *prefix);
/* The value of core.worktree in the git configuration @data; NULL if there is none, or it cannot be read. */
gchar *gvir_sandbox_git_parse_worktree(const gchar *data, gsize length);
