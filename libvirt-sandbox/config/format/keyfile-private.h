/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

/*
 * A saved description being read. What is read is remembered, so that at the end what nobody read is
 * known to be a mistake. Messages name group and key. The read functions leave *VALUE as it is if the
 * key is not there.
 */
typedef struct _GVirSandboxKeyfile GVirSandboxKeyfile;

/* A longer line is longer than any argument, path or variable that a program can be given. */
#define GVIR_SANDBOX_KEYFILE_MAXIMUM_LINE (1024 * 1024)
#define GVIR_SANDBOX_KEYFILE_MAXIMUM_SIZE (16 * 1024 * 1024)

GVirSandboxKeyfile *gvir_sandbox_keyfile_new(const gchar *data, gsize length, GError **error);
void gvir_sandbox_keyfile_free(GVirSandboxKeyfile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxKeyfile, gvir_sandbox_keyfile_free)

gboolean gvir_sandbox_keyfile_has_group(GVirSandboxKeyfile *file, const gchar *group);
/* The group "STEM.INDEX" if it is there, else NULL. */
gchar *gvir_sandbox_keyfile_numbered_group(GVirSandboxKeyfile *file, const gchar *stem, guint index);

/* Whether the key is there, which counts as reading it. */
gboolean gvir_sandbox_keyfile_has_key(GVirSandboxKeyfile *file, const gchar *group, const gchar *key);
gboolean gvir_sandbox_keyfile_require(GVirSandboxKeyfile *file, const gchar *group, const gchar *key, GError **error);
gboolean gvir_sandbox_keyfile_read_string(GVirSandboxKeyfile *file, const gchar *group, const gchar *key, gchar **value,
                                          GError **error);
gboolean gvir_sandbox_keyfile_read_boolean(GVirSandboxKeyfile *file, const gchar *group, const gchar *key,
                                           gboolean *value, GError **error);
gboolean gvir_sandbox_keyfile_read_number(GVirSandboxKeyfile *file, const gchar *group, const gchar *key,
                                          guint64 maximum, guint64 *value, GError **error);
gboolean gvir_sandbox_keyfile_read_uint(GVirSandboxKeyfile *file, const gchar *group, const gchar *key, guint *value,
                                        GError **error);
gboolean gvir_sandbox_keyfile_read_enum(GVirSandboxKeyfile *file, const gchar *group, const gchar *key, GType type,
                                        gint *value, GError **error);

/* Puts "[GROUP] " before the message of @error; always FALSE. */
gboolean gvir_sandbox_keyfile_prefix(GError **error, const gchar *group);

/* FALSE if there is a group or key that nobody read. */
gboolean gvir_sandbox_keyfile_finish(GVirSandboxKeyfile *file, GError **error);
/* What nobody read, as "[GROUP]" or "[GROUP] KEY", fit to be shown. */
GStrv gvir_sandbox_keyfile_list_unread(GVirSandboxKeyfile *file);

/* Writing: NULL is not written. */
void gvir_sandbox_keyfile_write_string(GKeyFile *file, const gchar *group, const gchar *key, const gchar *value);
void gvir_sandbox_keyfile_write_enum(GKeyFile *file, const gchar *group, const gchar *key, GType type, gint value);
/* The whole as text, which is sure to be read back as the same. */
gchar *gvir_sandbox_keyfile_to_data(GKeyFile *file, GError **error);
