/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/context/context-async.h"
#include "libvirt-sandbox/context/context-private.h"

/* As gvir_sandbox_context_call_locked(), in a thread of its own. @undo is called where it was cancelled too late, or
 * NULL. */
void gvir_sandbox_context_call_async(GVirSandboxContext *context, GVirSandboxContextMethod method,
                                     GVirSandboxContextMethod undo, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data, gpointer tag);
gboolean gvir_sandbox_context_call_finish(GVirSandboxContext *context, GAsyncResult *result, gpointer tag,
                                          GError **error);
