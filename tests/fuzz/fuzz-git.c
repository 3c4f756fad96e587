/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/share/git-config-private.h"

#include <limits.h>
#include <string.h>

/* Where a git tree says that its directories are: what is taken can be a path. */

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check(gchar *path)
{
    if (path) {
        g_assert_cmpuint(strlen(path), >, 0);
        g_assert_cmpuint(strlen(path), <, PATH_MAX);
        g_assert_null(strpbrk(path, "\r\n"));
    }
    g_free(path);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    /* A copy of just these bytes: reading past them is found. */
    g_autofree gchar *copy = g_memdup2(data, size);
    const gchar *text = copy ? copy : "";

    check(gvir_sandbox_git_parse_path(text, size, "gitdir: "));
    check(gvir_sandbox_git_parse_path(text, size, ""));
    check(gvir_sandbox_git_parse_worktree(text, size));
    return 0;
}
