/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Reads the whole of PATH, which must not have more than MAXIMUM bytes. */
gchar *gvir_sandbox_file_read(const gchar *path, gsize maximum, gsize *length, GError **error);

/* The lines of a file of people's, without their ends; it must be a text. */
gchar **gvir_sandbox_file_read_lines(const gchar *path, gsize maximum, GError **error);

/*
 * Writes the whole of PATH, for the owner only, so that it has the old content or the new and nothing
 * between. What is no ordinary file (/dev/stdout, a pipe) is written to and not replaced.
 */
gboolean gvir_sandbox_file_replace(const gchar *path, const gchar *data, gsize length, GError **error);

/* Writes all of DATA, or leaves errno behind. */
gboolean gvir_sandbox_file_write_all(int fd, const gchar *data, gsize length);
