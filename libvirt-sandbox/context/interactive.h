/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/config/program/interactive.h>
#include <libvirt-sandbox/context/context.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONTEXT_INTERACTIVE (gvir_sandbox_context_interactive_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxContextInteractive, gvir_sandbox_context_interactive, GVIR_SANDBOX, CONTEXT_INTERACTIVE,
                     GVirSandboxContext)

GVirSandboxContextInteractive *gvir_sandbox_context_interactive_new(GVirConnection *connection,
                                                                    GVirSandboxConfigInteractive *config);
GVirSandboxConsole *gvir_sandbox_context_interactive_get_app_console(GVirSandboxContextInteractive *context,
                                                                     GError **error);

G_END_DECLS
