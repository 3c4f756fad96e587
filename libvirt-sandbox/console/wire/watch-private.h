/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

/*
 * Notices what a guest does not say: one that neither starts nor ends in time, one that hangs up without a word, and
 * a sandbox that is gone while its wire looks open. Works in one main context.
 */
typedef struct _GVirSandboxWatch GVirSandboxWatch;

/* What the guest has to do next. What comes later here is not replaced by what comes earlier. */
typedef enum {
    GVIR_SANDBOX_EXPECT_STEP, /* the next step of starting, within a time from now */
    GVIR_SANDBOX_EXPECT_RUN,  /* nothing: its program may run as long as it likes */
    GVIR_SANDBOX_EXPECT_EXIT, /* to end its program, which it was told to */
    /* It has hung up: within a moment the driver may know why. */
    GVIR_SANDBOX_EXPECT_REASON,
} GVirSandboxExpectation;

typedef struct {
    /* Asked now and then: the reason for which the sandbox is over, or NULL. @hung_up: the guest has hung up. */
    GError *(*check)(gboolean hung_up, gpointer owner);
    /* It is over; takes @reason. The watch is paused. */
    void (*over)(GError *reason, gpointer owner);
} GVirSandboxWatchHandlers;

/* A watch that is paused and expects the first step. @owner frees it, and has a reference while a handler runs. */
GVirSandboxWatch *gvir_sandbox_watch_new(GMainContext *context, const GVirSandboxWatchHandlers *handlers,
                                         GObject *owner);
void gvir_sandbox_watch_free(GVirSandboxWatch *watch);

/* Sets what is expected from now on, also while paused. */
void gvir_sandbox_watch_expect(GVirSandboxWatch *watch, GVirSandboxExpectation expectation);
/* Watches; the time for what is expected starts anew. */
void gvir_sandbox_watch_resume(GVirSandboxWatch *watch);
void gvir_sandbox_watch_pause(GVirSandboxWatch *watch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxWatch, gvir_sandbox_watch_free)
