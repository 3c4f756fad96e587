/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Writes to a local descriptor what arrives for it, as fast as it takes it, and keeps the rest. How much
 * it may have to keep is its user's to bound.
 */
typedef struct _GVirSandboxOutput GVirSandboxOutput;

/*
 * @written: called with the number of bytes that have left, not from within gvir_sandbox_output_push().
 * @failed: called once with the errno; the output swallows everything afterwards.
 */
typedef struct {
    void (*written)(GVirSandboxOutput *output, gsize length, gpointer user_data);
    void (*failed)(GVirSandboxOutput *output, int saved_errno, gpointer user_data);
} GVirSandboxOutputHandlers;

GVirSandboxOutput *gvir_sandbox_output_new(int fd, const GVirSandboxOutputHandlers *handlers, gpointer user_data);
void gvir_sandbox_output_free(GVirSandboxOutput *output);

/* Takes all of @data; returns how much of it has left at once. May call @failed. */
gsize gvir_sandbox_output_push(GVirSandboxOutput *output, gconstpointer data, gsize length);
/*
 * The same for up to @length bytes that come from a descriptor, without a copy: how many were taken, of which
 * *@left have left at once; 0 if that is not possible now; -1 if none have come.
 */
gssize gvir_sandbox_output_splice(GVirSandboxOutput *output, int from, gsize length, gsize *left);
/* What it still keeps, when it is about to be freed. */
GBytes *gvir_sandbox_output_steal_waiting(GVirSandboxOutput *output);
gboolean gvir_sandbox_output_is_empty(const GVirSandboxOutput *output);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxOutput, gvir_sandbox_output_free)
