/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/builder/finding.h>
#include <libvirt-sandbox/context/context.h>

G_BEGIN_DECLS

GList *gvir_sandbox_context_validate(GVirSandboxContext *context);
void gvir_sandbox_context_validate_async(GVirSandboxContext *context, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
GList *gvir_sandbox_context_validate_finish(GVirSandboxContext *context, GAsyncResult *result, GError **error);

G_END_DECLS
