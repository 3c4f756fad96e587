/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Removes @path and all that is in it, as far as it can be: no symbolic link is followed, whatever somebody
 * else does in the tree meanwhile, and no other file system is entered. */
void gvir_sandbox_tree_remove(const gchar *path);
