/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/console/wire/wire-private.h"
#include "libvirt-sandbox/guest/change.h"
#include "libvirt-sandbox/util/new-file-private.h"

/*
 * What the guest tells of the changes in its overlay, as it comes over the wire: into a file, or to a
 * callback. A change that cannot be kept is remembered, and the rest is not asked for.
 */
typedef struct _GVirSandboxChanges GVirSandboxChanges;

/* @path: a string of any bytes, from the root on. */
typedef void (*GVirSandboxChangesTell)(enum guest_change_kind kind, const gchar *path, gpointer user_data);

/* Why not all is kept, or NULL. */
typedef void (*GVirSandboxChangesKept)(GError *failure, gpointer user_data);

/* @file: what becomes the layer; NULL to be told. */
GVirSandboxChanges *gvir_sandbox_changes_new(GVirSandboxWire *wire, GVirSandboxNewFile *file,
                                             GVirSandboxChangesTell tell, gpointer user_data);
/* A file that was not finished does not appear, also later. */
void gvir_sandbox_changes_free(GVirSandboxChanges *changes);

/* Lets the guest send its first window. */
void gvir_sandbox_changes_grant(GVirSandboxChanges *changes);
/* DATA and EOF; @error for what the guest may not send. */
void gvir_sandbox_changes_handle(GVirSandboxChanges *changes, const struct guest_frame *frame, GError **error);
gboolean gvir_sandbox_changes_have_ended(const GVirSandboxChanges *changes);
/* Once they have ended: @kept is called when all is on the disk or has failed, at once or from the main context of
 * who made them, which goes on meanwhile; not after they are freed. */
void gvir_sandbox_changes_finish(GVirSandboxChanges *changes, GVirSandboxChangesKept kept);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxChanges, gvir_sandbox_changes_free)
