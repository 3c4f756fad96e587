/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Writes a cpio (newc) as the kernel unpacks it. The same calls make the same bytes: owner root,
 * time 0, inodes numbered in order. The length is a multiple of 512, so that one can follow
 * another. */
typedef struct _GVirSandboxInitrdArchive GVirSandboxInitrdArchive;

/* @fd stays open, and its place moves to the end of the archive; @path is for the messages. */
GVirSandboxInitrdArchive *gvir_sandbox_initrd_archive_new(int fd, const gchar *path, GError **error);

/* All paths are relative ("modules/virtio.ko"), and a directory comes before what is in it. */
gboolean gvir_sandbox_initrd_archive_add_directory(GVirSandboxInitrdArchive *archive, const gchar *path, guint mode,
                                                   GError **error);
gboolean gvir_sandbox_initrd_archive_add_file(GVirSandboxInitrdArchive *archive, const gchar *path, guint mode,
                                              gconstpointer data, gsize length, GError **error);
gboolean gvir_sandbox_initrd_archive_add_character_device(GVirSandboxInitrdArchive *archive, const gchar *path,
                                                          guint mode, guint major, guint minor, GError **error);

/* Writes the end. Without it the archive is not whole. */
gboolean gvir_sandbox_initrd_archive_finish(GVirSandboxInitrdArchive *archive, GError **error);

void gvir_sandbox_initrd_archive_free(GVirSandboxInitrdArchive *archive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxInitrdArchive, gvir_sandbox_initrd_archive_free)

G_END_DECLS
