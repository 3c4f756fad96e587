/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * A file that gets its name when it is complete. Where that will be is found once, and held by the descriptor of the
 * directory: who may write there later can lead the file nowhere else, whatever he renames, removes or links.
 */
typedef struct _GVirSandboxNewFile GVirSandboxNewFile;

/* Holds the place @path, where there may be a file, which is replaced, but nothing else. @label names it in messages.
 */
GVirSandboxNewFile *gvir_sandbox_new_file_hold(const gchar *label, const gchar *path, GError **error);
GVirSandboxNewFile *gvir_sandbox_new_file_ref(GVirSandboxNewFile *file);
void gvir_sandbox_new_file_unref(GVirSandboxNewFile *file);
const gchar *gvir_sandbox_new_file_get_label(const GVirSandboxNewFile *file);

/* The descriptor to write it through, which stays the file's; it has a name of its own until it is complete. */
int gvir_sandbox_new_file_open(GVirSandboxNewFile *file, GError **error);
/* On the disk, and under its name. For any thread: it takes as long as the disk does. */
gboolean gvir_sandbox_new_file_complete(GVirSandboxNewFile *file, GError **error);
/* It is gone, unless it is complete, and does not become so later. */
void gvir_sandbox_new_file_abandon(GVirSandboxNewFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxNewFile, gvir_sandbox_new_file_unref)
