/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/console/wire/wire-private.h"

/*
 * Standard input, or the keys of a terminal: from a descriptor to the guest, with the credit that it gives (see
 * guest/frame.h).
 */
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
