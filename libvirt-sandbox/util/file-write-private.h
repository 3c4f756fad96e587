/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Creates @path, which must not exist, for writing. -1 with @error set if that fails. */
int gvir_sandbox_file_create(const gchar *path, guint mode, GError **error);

/* Writes all of @data to @fd; @path is for the message. */
gboolean gvir_sandbox_file_write_fd(int fd, const gchar *path, gconstpointer data, gsize length, GError **error);

/* Creates @path, which must not exist, with @data in it. */
gboolean gvir_sandbox_file_write(const gchar *path, guint mode, gconstpointer data, gsize length, GError **error);

/* Creates @path, which must not exist, as a copy of @from. */
gboolean gvir_sandbox_file_copy(const gchar *from, const gchar *path, guint mode, GError **error);

/* Copies the file @from to where @fd stands, without moving the bytes where the kernel can. */
gboolean gvir_sandbox_file_copy_fd(const gchar *from, int fd, const gchar *path, GError **error);

G_END_DECLS
