/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * The caller's terminal while a console holds it in raw mode. In the background it belongs to others: then it
 * is left alone until the caller is brought into the foreground.
 */
typedef struct _GVirSandboxTerminal GVirSandboxTerminal;

/* So often is looked whether a terminal has become ours. */
#define GVIR_SANDBOX_TERMINAL_LOOK_MSEC 200

/* NULL with @error if @fd is a terminal that cannot be set; @fd must be a terminal. */
GVirSandboxTerminal *gvir_sandbox_terminal_new_raw(int fd, GError **error);
/* Puts back the mode in which it was. */
void gvir_sandbox_terminal_free(GVirSandboxTerminal *terminal);

/* FALSE where reading @fd or setting its mode would be at the cost of somebody else in its foreground. */
gboolean gvir_sandbox_terminal_is_ours(int fd);

/* FALSE where @fd is no terminal or does not know its size. */
gboolean gvir_sandbox_terminal_get_size(int fd, guint16 *rows, guint16 *columns);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxTerminal, gvir_sandbox_terminal_free)
