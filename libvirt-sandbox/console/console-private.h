/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/console/console.h"
#include "libvirt-sandbox/console/local/terminal-private.h"

GVirConnection *gvir_sandbox_console_get_connection(GVirSandboxConsole *console);
GVirDomain *gvir_sandbox_console_get_domain(GVirSandboxConsole *console);
const gchar *gvir_sandbox_console_get_devname(GVirSandboxConsole *console);

/* Whether the program has a terminal, so that ours goes into raw mode while it runs. */
void gvir_sandbox_console_set_terminal(GVirSandboxConsole *console, gboolean terminal);
gboolean gvir_sandbox_console_has_terminal(GVirSandboxConsole *console);

/* The program runs: if it has a terminal and is attached to ours, that goes into raw mode. */
gboolean gvir_sandbox_console_enter_terminal(GVirSandboxConsole *console, GError **error);

/* Whether the escape key was typed three times within a second, now that @data was read. */
gboolean gvir_sandbox_console_escaped(GVirSandboxConsole *console, const guint8 *data, gsize length);

/* Leaves the local streams and says that it is over, with what went wrong or NULL. */
void gvir_sandbox_console_finish(GVirSandboxConsole *console, const GError *error);
