/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Where git keeps what a working tree needs besides its own files. The tree is not trusted: what its file
 * .git says is believed only if the directory that it names says, in a file that the tree cannot write, that
 * it is of this very tree.
 */

/*
 * The path of the directory with the objects and refs of the tree @directory (a descriptor) with the path
 * @path, if that is a working tree of "git worktree" or a submodule; without symbolic links. NULL if there is
 * nothing to be found, or with why not in *@notice if the tree claims that there is.
 */
gchar *gvir_sandbox_git_find_common(int directory, const gchar *path, gchar **notice);
