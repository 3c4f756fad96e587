/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

/*
 * Users of the host as its user database has them. GLib warns on standard error where the caller has no entry in it, as
 * in a container that was started for a bare number.
 */

/* The name of @uid, NULL if it has none; free with g_free(). */
gchar *gvir_sandbox_host_user_find_name(uid_t uid);

/* The home of @uid as the database has it, an absolute path; NULL if it has none. */
gchar *gvir_sandbox_host_user_find_home(uid_t uid);

/* The name of a group, likewise. */
gchar *gvir_sandbox_host_group_find_name(gid_t gid);

/* The caller's: of several names of his number the one that he logged in with, without a name the number. */
gchar *gvir_sandbox_host_user_name(void);

/* The caller's home as HOME has it, else as the database has; an absolute path, NULL if there is none. */
gchar *gvir_sandbox_host_user_home(void);
