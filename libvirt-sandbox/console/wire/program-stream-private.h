/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/console/wire/wire-private.h"

/*
 * The streams of a program between the wire and local descriptors, with the credit that keeps both sides
 * from holding more than a window of each (see guest/frame.h).
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

/* Standard input, or the keys of a terminal: from a descriptor to the guest. */
typedef struct _GVirSandboxProgramInput GVirSandboxProgramInput;

/* Called with what was read, before it is sent; not with what is spliced, which is never typed. */
typedef void (*GVirSandboxProgramInputRead)(const guint8 *data, gsize length, gpointer user_data);

/* @read may be NULL. */
GVirSandboxProgramInput *gvir_sandbox_program_input_new(GVirSandboxWire *wire, guint16 stream,
                                                        GVirSandboxProgramInputRead read, gpointer user_data);
void gvir_sandbox_program_input_free(GVirSandboxProgramInput *input);

/* Where it comes from; -1 is an empty input. */
void gvir_sandbox_program_input_attach(GVirSandboxProgramInput *input, int fd);
void gvir_sandbox_program_input_detach(GVirSandboxProgramInput *input);
/* Whether a terminal is read only when the program waits for it; else for the key that leaves the program, too. */
void gvir_sandbox_program_input_set_patient(GVirSandboxProgramInput *input, gboolean patient);
/* Whether the program waits for more of a terminal that is read only then. */
gboolean gvir_sandbox_program_input_is_wanted(const GVirSandboxProgramInput *input);
/* The program runs; nothing is read before. */
void gvir_sandbox_program_input_start(GVirSandboxProgramInput *input);
/* The wire is idle again. */
void gvir_sandbox_program_input_resume(GVirSandboxProgramInput *input);
/* Nothing is read any more. */
void gvir_sandbox_program_input_stop(GVirSandboxProgramInput *input);
/* CREDIT, TAKEN, WANTED and CLOSE; @error for what the guest may not send. */
void gvir_sandbox_program_input_handle(GVirSandboxProgramInput *input, const struct guest_frame *frame, GError **error);
