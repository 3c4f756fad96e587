/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The signals that are handed on to the program, as events of the main loop. */

/*
 * Keeps them from ending this process, and a terminal from stopping it in the background; before any thread is
 * started, so that all inherit it.
 */
void signals_block(void);
/* Stops this process as SIGTSTP does, and returns when it is continued. */
void signals_stop_here(void);
/* Puts the terminal back into its present mode if this process crashes. */
void signals_guard_terminal(void);

typedef void (*SignalHandler)(int number, gpointer user_data);

/* Calls @handler for each signal that came, also for those before. FALSE with @error if it cannot. */
gboolean signals_watch(SignalHandler handler, gpointer user_data, GError **error);

#define SIGNALS_TIMEOUT (-1)

/*
 * Waits until @fd can be read, and returns 0; the number of a signal that would end us, if one comes before; or
 * SIGNALS_TIMEOUT at @deadline, which is monotonic, or 0 for none. Without a main loop.
 */
int signals_wait_for(int fd, gint64 deadline);
