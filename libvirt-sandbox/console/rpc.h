/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/console/console.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONSOLE_RPC (gvir_sandbox_console_rpc_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxConsoleRpc, gvir_sandbox_console_rpc, GVIR_SANDBOX, CONSOLE_RPC, GVirSandboxConsole)

GVirSandboxConsoleRpc *gvir_sandbox_console_rpc_new(GVirConnection *connection, GVirDomain *domain,
                                                    const char *devname);
gboolean gvir_sandbox_console_rpc_send_signal(GVirSandboxConsoleRpc *console, guint number, GError **error);
gboolean gvir_sandbox_console_rpc_is_running(GVirSandboxConsoleRpc *console);
gboolean gvir_sandbox_console_rpc_set_size(GVirSandboxConsoleRpc *console, guint rows, guint columns, GError **error);
void gvir_sandbox_console_rpc_hold(GVirSandboxConsoleRpc *console, gboolean hold);
gboolean gvir_sandbox_console_rpc_quit(GVirSandboxConsoleRpc *console, GError **error);
gboolean gvir_sandbox_console_rpc_was_told_to_quit(GVirSandboxConsoleRpc *console);

G_END_DECLS
