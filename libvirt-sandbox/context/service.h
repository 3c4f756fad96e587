/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/config/program/service.h>
#include <libvirt-sandbox/context/context.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONTEXT_SERVICE (gvir_sandbox_context_service_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxContextService, gvir_sandbox_context_service, GVIR_SANDBOX, CONTEXT_SERVICE,
                     GVirSandboxContext)

GVirSandboxContextService *gvir_sandbox_context_service_new(GVirConnection *connection,
                                                            GVirSandboxConfigService *config);
gboolean gvir_sandbox_context_service_define(GVirSandboxContextService *context, GError **error);
gboolean gvir_sandbox_context_service_undefine(GVirSandboxContextService *context, GError **error);
void gvir_sandbox_context_service_define_async(GVirSandboxContextService *context, GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);
gboolean gvir_sandbox_context_service_define_finish(GVirSandboxContextService *context, GAsyncResult *result,
                                                    GError **error);
void gvir_sandbox_context_service_undefine_async(GVirSandboxContextService *context, GCancellable *cancellable,
                                                 GAsyncReadyCallback callback, gpointer user_data);
gboolean gvir_sandbox_context_service_undefine_finish(GVirSandboxContextService *context, GAsyncResult *result,
                                                      GError **error);

G_END_DECLS
