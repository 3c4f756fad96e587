/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/console/console.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONSOLE_RAW (gvir_sandbox_console_raw_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxConsoleRaw, gvir_sandbox_console_raw, GVIR_SANDBOX, CONSOLE_RAW, GVirSandboxConsole)

GVirSandboxConsoleRaw *gvir_sandbox_console_raw_new(GVirConnection *connection, GVirDomain *domain,
                                                    const char *devname);

G_END_DECLS
