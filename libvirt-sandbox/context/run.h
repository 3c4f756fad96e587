/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>
#include <libvirt-sandbox/config/program/interactive.h>

G_BEGIN_DECLS

gboolean gvir_sandbox_run(GVirSandboxConfigInteractive *config, GVirConnection *connection, GBytes *input,
                          GCancellable *cancellable, GBytes **output, GBytes **errors, gint *wait_status,
                          GError **error);
void gvir_sandbox_run_async(GVirSandboxConfigInteractive *config, GVirConnection *connection, GBytes *input,
                            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean gvir_sandbox_run_finish(GAsyncResult *result, GBytes **output, GBytes **errors, gint *wait_status,
                                 GError **error);

G_END_DECLS
