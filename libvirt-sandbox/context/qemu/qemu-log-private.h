/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What QEMU says while it starts, which libvirt puts into its message when that fails. A guest can have QEMU say
 * something as often as it likes, so that nothing is kept of what comes later.
 */
typedef struct _GVirSandboxQemuLog GVirSandboxQemuLog;

/* The log of the machine @name, for an embedded driver whose directory is @root to open. */
GVirSandboxQemuLog *gvir_sandbox_qemu_log_new(const gchar *root, const gchar *name, GError **error);

/* Ends it, at the latest when the guest can say something. */
void gvir_sandbox_qemu_log_end(GVirSandboxQemuLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxQemuLog, gvir_sandbox_qemu_log_end)

G_END_DECLS
