/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/console/last-words-private.h"
#include "libvirt-sandbox/context/context.h"
#include "libvirt-sandbox/context/running-domain-private.h"

typedef gboolean (*GVirSandboxContextMethod)(GVirSandboxContext *context, GError **error);

typedef gpointer (*GVirSandboxContextGetter)(GVirSandboxContext *context, GError **error);

/* Call @method or @getter while no other of the context is at work. Handlers of signals are called in the main
 * context @caller; where that is NULL, at once in this thread. INVALID for a context that is not complete. */
gboolean gvir_sandbox_context_call_locked(GVirSandboxContext *context, GVirSandboxContextMethod method,
                                          GMainContext *caller, GError **error);
gpointer gvir_sandbox_context_get_locked(GVirSandboxContext *context, GVirSandboxContextGetter getter,
                                         GMainContext *caller, GError **error);

/* As gvir_sandbox_context_describe(), with the context locked. */
gpointer gvir_sandbox_context_describe_now(GVirSandboxContext *context, GError **error);

/* Which kind of configuration contexts of a class need. */
void gvir_sandbox_context_class_set_config_type(GVirSandboxContextClass *klass, GType type);

/* Whether the context has a connection and a configuration of the right kind; INVALID. */
gboolean gvir_sandbox_context_check_complete(GVirSandboxContext *context, GError **error);

/* Takes over @domain, which runs on without the context; NULL with @error set is passed on as a failure.
 * Call with the context locked and without a domain. */
gboolean gvir_sandbox_context_adopt(GVirSandboxContext *context, GVirSandboxRunningDomain *domain, GError **error);

/* The domain that the context has, or NULL. Call with the context locked. */
GVirSandboxRunningDomain *gvir_sandbox_context_get_running(GVirSandboxContext *context);

/* Our end of the socket that a started container's init was given, which the caller then owns; -1 where the
 * builder uses another transport, or it was taken already. */
int gvir_sandbox_context_take_descriptor(GVirSandboxContext *context);

/* The guest has said that it ends by itself; stopping waits for it a while before it destroys. */
void gvir_sandbox_context_expect_end(GVirSandboxContext *context);

/* What ended the sandbox before its program ended, if that is known by now; else NULL. @hung_up: its guest has
 * closed the wire. */
GError *gvir_sandbox_context_why_ended(GVirSandboxContext *context, gboolean hung_up);

/* Reads the log of the machine that was started, until somebody else wants it; NULL for a container, which has no
 * kernel of its own, or where its log cannot be read. The context owns it. Call with the context locked. */
GVirSandboxLastWords *gvir_sandbox_context_read_last_words(GVirSandboxContext *context);
