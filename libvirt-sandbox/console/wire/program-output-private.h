/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/console/wire/wire-private.h"

/*
 * The output of a program between the wire and a local descriptor, with the credit that keeps both sides from
 * holding more than a window of it (see guest/frame.h).
 */

/* Standard output or error: from the guest to a descriptor. */
typedef struct _GVirSandboxProgramOutput GVirSandboxProgramOutput;

typedef struct {
    /* Nothing is kept any more. */
    void (*delivered)(gpointer user_data);
    /* The descriptor takes no more; the guest is told, and what still comes is thrown away. */
    void (*failed)(int saved_errno, guint stream, gpointer user_data);
} GVirSandboxProgramOutputHandlers;

GVirSandboxProgramOutput *gvir_sandbox_program_output_new(GVirSandboxWire *wire, guint stream,
                                                          const GVirSandboxProgramOutputHandlers *handlers,
                                                          gpointer user_data);
void gvir_sandbox_program_output_free(GVirSandboxProgramOutput *output);

/* Where it goes from now on; -1 throws it away. */
void gvir_sandbox_program_output_attach(GVirSandboxProgramOutput *output, int fd);
/* Keeps what was not delivered for the next descriptor. */
void gvir_sandbox_program_output_detach(GVirSandboxProgramOutput *output);
/* Lets the guest send its first window. */
void gvir_sandbox_program_output_grant(GVirSandboxProgramOutput *output);
/* DATA and EOF; @error for what the guest may not send. */
void gvir_sandbox_program_output_handle(GVirSandboxProgramOutput *output, const struct guest_frame *frame,
                                        GError **error);
/* DATA that the guest has announced, from the wire itself, as gvir_sandbox_output_splice(). */
gssize gvir_sandbox_program_output_splice(GVirSandboxProgramOutput *output, int from, gsize length);
gboolean gvir_sandbox_program_output_has_ended(const GVirSandboxProgramOutput *output);
gboolean gvir_sandbox_program_output_is_delivered(const GVirSandboxProgramOutput *output);
