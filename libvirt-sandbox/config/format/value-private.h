/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* What a single value may be. WHAT names it in the message, as the key of a saved description does. */

gboolean gvir_sandbox_value_check_present(const gchar *what, const gchar *value, GError **error);
gboolean gvir_sandbox_value_check_path(const gchar *what, const gchar *value, GError **error);
/* A path inside the sandbox: absolute, and without "..", whose meaning would depend on the guest. */
gboolean gvir_sandbox_value_check_guest_path(const gchar *what, const gchar *value, GError **error);
/* The name of a single file. */
gboolean gvir_sandbox_value_check_file_name(const gchar *what, const gchar *value, GError **error);
gboolean gvir_sandbox_value_check_prefix(const gchar *what, guint prefix, GInetAddress *address, GError **error);

/* ADDRESS as text, NULL for NULL. */
gchar *gvir_sandbox_value_from_address(GInetAddress *address);
GInetAddress *gvir_sandbox_value_to_address(const gchar *what, const gchar *text, GError **error);

gboolean gvir_sandbox_value_to_number(const gchar *what, const gchar *text, guint64 maximum, guint64 *number,
                                      GError **error);
gboolean gvir_sandbox_value_to_enum(const gchar *what, const gchar *text, GType type, gint *value, GError **error);
const gchar *gvir_sandbox_value_from_enum(GType type, gint value);

/* PATH as it is meant in the current directory; one that is absolute or empty stays as it is. */
gchar *gvir_sandbox_value_absolute_path(const gchar *path);
/* PATH without what does not change its meaning: doubled and trailing slashes and "/.". */
gchar *gvir_sandbox_value_canonical_path(const gchar *path);
/* Whether PATH is DIRECTORY or below it; what follows is put in *REST (a pointer into PATH). Both canonical. */
gboolean gvir_sandbox_value_path_is_below(const gchar *path, const gchar *directory, const gchar **rest);
