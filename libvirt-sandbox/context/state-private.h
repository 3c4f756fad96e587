/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * The directories of running sandboxes on the host, below /run/libvirt-sandbox or
 * $XDG_RUNTIME_DIR/libvirt-sandbox. Each is locked as long as its owner lives, so that what a killed owner
 * left can be told from what is in use, and swept.
 */
typedef struct _GVirSandboxState GVirSandboxState;

/* The directory that holds them all, made if it is missing. DENIED, FAILED. */
gchar *gvir_sandbox_state_get_base(GError **error);

/* Where it is, or would be made. DENIED. */
gchar *gvir_sandbox_state_find_base(GError **error);

/* Locks the directory @name below @base, whether it is there or not; BUSY where somebody holds it. */
GVirSandboxState *gvir_sandbox_state_lock(const gchar *base, const gchar *name, GError **error);
/* Makes the locked directory; one that is there is emptied. */
gboolean gvir_sandbox_state_make(GVirSandboxState *state, GError **error);
/* Whether this process holds any. */
gboolean gvir_sandbox_state_any(void);
/* Gives up the lock, and leaves the directory as it is. */
void gvir_sandbox_state_leave(GVirSandboxState *state);

/* Makes and locks the directory @name; BUSY where somebody holds it. A directory without owner is emptied. */
GVirSandboxState *gvir_sandbox_state_create(const gchar *name, GError **error);
const gchar *gvir_sandbox_state_get_path(const GVirSandboxState *state);
/* Removes the directory and gives up the lock. FALSE if something is left: the lock's file then stays, by which
 * it is found and swept. Frees the state in any case. */
gboolean gvir_sandbox_state_remove(GVirSandboxState *state);
/* The same, for who cannot do anything about it. */
void gvir_sandbox_state_free(GVirSandboxState *state);

/* Removes the directories of owners that are gone, and ends the machines that they left. */
void gvir_sandbox_state_sweep(const gchar *base);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxState, gvir_sandbox_state_free)
