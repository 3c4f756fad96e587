/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/console/changes/changes-stream-private.h"
#include "libvirt-sandbox/console/wire/program-input-private.h"
#include "libvirt-sandbox/console/wire/program-output-private.h"

/*
 * The run of a program as the frames of its guest tell it: what has come so far, what may come next, and what is
 * answered. Whoever reads the frames acts on the verdicts.
 */

/* Where the run is; see guest/frame.h for the order of the frames. */
typedef enum {
    GVIR_SANDBOX_RUN_WAITING,    /* for HELLO */
    GVIR_SANDBOX_RUN_SETTING_UP, /* for READY */
    GVIR_SANDBOX_RUN_STARTING,   /* for the second READY */
    GVIR_SANDBOX_RUN_RUNNING,
    GVIR_SANDBOX_RUN_KEEPING, /* EXIT came, and what was changed goes to the disk */
    GVIR_SANDBOX_RUN_ENDED,   /* EXIT came, or the wire closed */
} GVirSandboxRunState;

/* What a frame means to the reader of the frames. */
typedef enum {
    GVIR_SANDBOX_VERDICT_GO_ON,
    GVIR_SANDBOX_VERDICT_STEPPED, /* the guest has done a step of starting */
    GVIR_SANDBOX_VERDICT_RUNS,    /* the program runs */
    GVIR_SANDBOX_VERDICT_WAITS,   /* the program waits for what comes by the stream of the frame */
    GVIR_SANDBOX_VERDICT_EXITED,  /* the program has ended, and what it changed is to be kept */
    GVIR_SANDBOX_VERDICT_OVER,    /* the run has ended, with an error or none */
    GVIR_SANDBOX_VERDICT_REFUSED, /* the guest may not send that; the error says why */
} GVirSandboxVerdict;

typedef struct {
    GVirSandboxRunState state;
    GVirSandboxWire *wire;
    GVirSandboxProgramOutput *outputs[GUEST_STREAM_COUNT];
    GVirSandboxProgramInput *input;
    GVirSandboxProgramInput *keys; /* NULL where what is typed is the standard input, or nothing */
    GVirSandboxChanges *changes;   /* NULL: they were not asked for */
    gboolean terminal;             /* the program has one, */
    guint16 rows;                  /* of this size; 0: of the usual one */
    guint16 columns;
    gchar *program; /* what messages call it; NULL if that is not known */
    gboolean exited;
    gint status; /* as waitpid() gives it */
} GVirSandboxRun;

/* Does what @frame asks for. The verdicts OVER and REFUSED come with @error. */
GVirSandboxVerdict gvir_sandbox_rpc_frames_handle(GVirSandboxRun *run, const struct guest_frame *frame, GError **error);

/* Sends the size that the program's terminal shall have; nothing where it has none. */
void gvir_sandbox_rpc_frames_send_size(const GVirSandboxRun *run);

/* Whether the guest has nothing more to say. */
gboolean gvir_sandbox_rpc_frames_are_over(const GVirSandboxRun *run);
