/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/context/context.h>

G_BEGIN_DECLS

void gvir_sandbox_context_start_async(GVirSandboxContext *context, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
gboolean gvir_sandbox_context_start_finish(GVirSandboxContext *context, GAsyncResult *result, GError **error);
void gvir_sandbox_context_stop_async(GVirSandboxContext *context, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data);
gboolean gvir_sandbox_context_stop_finish(GVirSandboxContext *context, GAsyncResult *result, GError **error);
void gvir_sandbox_context_attach_async(GVirSandboxContext *context, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);
gboolean gvir_sandbox_context_attach_finish(GVirSandboxContext *context, GAsyncResult *result, GError **error);
void gvir_sandbox_context_detach_async(GVirSandboxContext *context, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data);
gboolean gvir_sandbox_context_detach_finish(GVirSandboxContext *context, GAsyncResult *result, GError **error);
void gvir_sandbox_context_describe_async(GVirSandboxContext *context, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
gchar *gvir_sandbox_context_describe_finish(GVirSandboxContext *context, GAsyncResult *result, GError **error);
void gvir_sandbox_context_get_shell_console_async(GVirSandboxContext *context, GCancellable *cancellable,
                                                  GAsyncReadyCallback callback, gpointer user_data);
GVirSandboxConsole *gvir_sandbox_context_get_shell_console_finish(GVirSandboxContext *context, GAsyncResult *result,
                                                                  GError **error);

G_END_DECLS
