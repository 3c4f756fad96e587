/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Lists of paths that the host keeps for all sandboxes: what we know of is installed with us, and the files of
 * the same name in /etc/libvirt-sandbox and in the user's ~/.config/libvirt-sandbox add to it. Of each line blanks
 * around it do not count, nor what is empty or begins with #. Else it is a path that begins with ~/, of a home
 * directory, or with /.
 */

#define GVIR_SANDBOX_PATH_LIST_SECRETS "secrets"
#define GVIR_SANDBOX_PATH_LIST_TOOLCHAINS "toolchains"

/* Appends the paths of @text to @paths, canonical; @file names it in messages. @in_home: those of a home only. */
gboolean gvir_sandbox_path_list_parse(GPtrArray *paths, const gchar *text, const gchar *file, gboolean in_home,
                                      GError **error);
/* The paths of all the lists of that name. */
GPtrArray *gvir_sandbox_path_list_read(const gchar *name, gboolean in_home, GError **error);
