/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * The guard is a process that does nothing until it is told that we are gone, however we went; then it sweeps
 * what we left in the state directory. It keeps a second of itself, and we keep both: whoever of the three is
 * killed, another one sees it at once and starts it anew, or ends our machines.
 */

/* Starts the guard of @base, once for the process. */
gboolean gvir_sandbox_guard_start(const gchar *base, GError **error);

/* At the end of the process, when nothing is left for the guard to sweep. */
void gvir_sandbox_guard_dismiss(void);
