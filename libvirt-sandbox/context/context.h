/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>
#include <libvirt-sandbox/config/config.h>
#include <libvirt-sandbox/console/console.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONTEXT (gvir_sandbox_context_get_type())
G_DECLARE_DERIVABLE_TYPE(GVirSandboxContext, gvir_sandbox_context, GVIR_SANDBOX, CONTEXT, GObject)

/**
 * GVirSandboxContextClass:
 * @parent_class: the parent class
 * @start: creates the domain
 * @stop: ends it
 * @attach: finds a running one
 * @detach: leaves it running
 *
 * What a kind of sandbox may add to its life.
 */
struct _GVirSandboxContextClass {
    GObjectClass parent_class;

    gboolean (*start)(GVirSandboxContext *context, GError **error);
    gboolean (*stop)(GVirSandboxContext *context, GError **error);
    gboolean (*attach)(GVirSandboxContext *context, GError **error);
    gboolean (*detach)(GVirSandboxContext *context, GError **error);

    gpointer padding[8];
};

GVirConnection *gvir_sandbox_context_get_connection(GVirSandboxContext *context);
GVirSandboxConfig *gvir_sandbox_context_get_config(GVirSandboxContext *context);
GVirDomain *gvir_sandbox_context_get_domain(GVirSandboxContext *context, GError **error);

void gvir_sandbox_context_set_impatient(GVirSandboxContext *context, gboolean impatient);
gboolean gvir_sandbox_context_get_impatient(GVirSandboxContext *context);

guint gvir_sandbox_context_get_process_id(GVirSandboxContext *context);

gchar *gvir_sandbox_context_describe(GVirSandboxContext *context, GError **error);
gboolean gvir_sandbox_context_start(GVirSandboxContext *context, GError **error);
gboolean gvir_sandbox_context_stop(GVirSandboxContext *context, GError **error);
gboolean gvir_sandbox_context_attach(GVirSandboxContext *context, GError **error);
gboolean gvir_sandbox_context_detach(GVirSandboxContext *context, GError **error);
gboolean gvir_sandbox_context_is_attached(GVirSandboxContext *context);

GVirSandboxConsole *gvir_sandbox_context_get_log_console(GVirSandboxContext *context, GError **error);
GVirSandboxConsole *gvir_sandbox_context_get_shell_console(GVirSandboxContext *context, GError **error);

G_END_DECLS
