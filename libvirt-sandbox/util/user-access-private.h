/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The ids of the user of that name; FALSE with errno if there is none, which is ENOENT, or it cannot be known. */
gboolean gvir_sandbox_user_find(const gchar *name, guint *uid, guint *gid);

/* Whether user @uid of group @gid, with all his other groups, may use @path in @mode (as for access()); errno says why
 * not. */
gboolean gvir_sandbox_user_may_access(guint uid, guint gid, const gchar *path, int mode);

/* Whether he can open @path with @flags (as for open()), which the rights of a device alone do not tell. */
gboolean gvir_sandbox_user_may_open(guint uid, guint gid, const gchar *path, int flags);

/* For good, and only the thread that calls it, which has all groups of that user then; FALSE and errno. */
gboolean gvir_sandbox_user_become(guint uid, guint gid);
