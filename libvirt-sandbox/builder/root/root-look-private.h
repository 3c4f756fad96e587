/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The directory @root as a program that has it for its root finds paths in it: no link leads out. @root is NULL for
 * one that cannot be looked into, an image. */

/* FALSE only if there is surely nothing at @path; a symbolic link that leads nowhere is something. */
gboolean gvir_sandbox_root_may_have(const gchar *root, const gchar *path);
/* @path without symbolic links, as far as it is there. */
gchar *gvir_sandbox_root_resolve(const gchar *root, const gchar *path);
/* The same below the directory @base in it, on the way to which there may be links, but none from there on. */
gboolean gvir_sandbox_root_has_below(const gchar *root, const gchar *base, const gchar *path);
