/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/console/console.h"
#include "libvirt-sandbox/console/local/terminal-private.h"

GVirConnection *gvir_sandbox_console_get_connection(GVirSandboxConsole *console);
GVirDomain *gvir_sandbox_console_get_domain(GVirSandboxConsole *console);
const gchar *gvir_sandbox_console_get_devname(GVirSandboxConsole *console);

/* Which of the program's standard streams are its terminal. */
void gvir_sandbox_console_set_terminal(GVirSandboxConsole *console, gboolean input, gboolean output, gboolean errors);
gboolean gvir_sandbox_console_has_terminal(GVirSandboxConsole *console);
/* Whether the terminal is its standard input. */
gboolean gvir_sandbox_console_terminal_is_input(GVirSandboxConsole *console);
/* Whether what is typed on it comes beside a standard input that is something else. */
gboolean gvir_sandbox_console_terminal_is_beside_input(GVirSandboxConsole *console);
/* Whether nobody else can be at ours, so that it is the program's from its start to its end. */
gboolean gvir_sandbox_console_terminal_is_exclusive(GVirSandboxConsole *console);
/* Ours, for what is typed beside the standard input; -1 where there is none. */
int gvir_sandbox_console_get_keys(GVirSandboxConsole *console);

/* The program reads what is typed: if it is attached to our terminal, that goes into raw mode. */
gboolean gvir_sandbox_console_enter_terminal(GVirSandboxConsole *console, GError **error);

/* Whether the escape key was typed three times within a second, now that @data was read. */
gboolean gvir_sandbox_console_escaped(GVirSandboxConsole *console, const guint8 *data, gsize length);

/* Leaves the local streams and says that it is over, with what went wrong or NULL. */
void gvir_sandbox_console_finish(GVirSandboxConsole *console, const GError *error);
