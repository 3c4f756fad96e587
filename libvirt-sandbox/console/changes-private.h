/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/console/wire-private.h"
#include "libvirt-sandbox/guest/change.h"

/*
 * What the guest tells of the changes in its overlay, as it comes over the wire: into a file, or to a
 * callback. A change that cannot be kept is remembered, and the rest is not asked for.
 */
typedef struct _GVirSandboxChanges GVirSandboxChanges;

/* @path: a string of any bytes, from the root on. */
typedef void (*GVirSandboxChangesTell)(enum guest_change_kind kind, const gchar *path, gpointer user_data);

/* @path: of the file, or "-" to be told. */
GVirSandboxChanges *gvir_sandbox_changes_new(GVirSandboxWire *wire, const gchar *path,
                                             GVirSandboxChangesTell tell, gpointer user_data);
/* A file that was not finished does not appear. */
void gvir_sandbox_changes_free(GVirSandboxChanges *changes);

/* Lets the guest send its first window. */
void gvir_sandbox_changes_grant(GVirSandboxChanges *changes);
/* DATA and EOF; @error for what the guest may not send. */
void gvir_sandbox_changes_handle(GVirSandboxChanges *changes, const struct guest_frame *frame, GError **error);
gboolean gvir_sandbox_changes_have_ended(const GVirSandboxChanges *changes);
/* Whether all is kept. */
gboolean gvir_sandbox_changes_finish(GVirSandboxChanges *changes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxChanges, gvir_sandbox_changes_free)
