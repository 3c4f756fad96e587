/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What came to an end, where nothing failed. */
typedef enum {
    ENDING_EXITED,  /* the program by itself */
    ENDING_SIGNAL,  /* the program by a signal that was not ours */
    ENDING_TIMEOUT, /* the time that it had */
    ENDING_KILLED,  /* our user's patience: a second signal, one before the program ran, or the escape key */
} EndingHow;

/* How virt-sandbox ends. */
typedef struct {
    int status;
    EndingHow how;
    gchar *failure;   /* what @status stands for if it is ours for something that failed, else NULL */
    gboolean hurried; /* by a signal, or because the time was up */
    gint64 deadline;  /* by when, monotonic; 0: there is none */
} Ending;

/* Says what failed, which is what we end with. */
void ending_fail(Ending *ending, const GError *error);

/*
 * Waits until all that we have said is read, but not for ever: a signal that would end us or the deadline is the end
 * of it, and what ends in a hurry has a second.
 */
void ending_deliver(Ending *ending);

void ending_clear(Ending *ending);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Ending, ending_clear)
