/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <signal.h>

/*
 * Bytes between a pipe and another descriptor without a copy, and SIGPIPE, of which a library must neither die
 * nor change how its caller treats it.
 */
typedef struct {
    gboolean masked;
    gboolean was_pending;
    sigset_t before;
} GVirSandboxSigpipe;

void gvir_sandbox_sigpipe_mask(GVirSandboxSigpipe *mask);
/* Takes back what was raised in between; errno stays. */
void gvir_sandbox_sigpipe_restore(const GVirSandboxSigpipe *mask);

/* As splice(), which waits for nothing: -1 with EAGAIN if either has to be waited for. */
gssize gvir_sandbox_splice(int from, int to, gsize length);

/* A pipe of our own, in which bytes are between two descriptors; -1 in both if there is none to be had. */
void gvir_sandbox_splice_pipe_open(int ends[2]);
void gvir_sandbox_splice_pipe_close(int ends[2]);
