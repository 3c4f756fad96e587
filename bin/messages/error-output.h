/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * What we say on standard error. Nobody may be reading that, so text that it does not take at once waits here for a
 * thread of its own to write it, and its author never does. The functions may be called from any thread.
 */

/* Writes @text, or keeps it until it can be written. What nobody can read any more is dropped. */
void error_output_add(const gchar *text);

/* Whether so much waits that no more should be made. */
gboolean error_output_is_full(void);

/* A descriptor that can be read, and should not be, while nothing waits. */
int error_output_get_idle_fd(void);
