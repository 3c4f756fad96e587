/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/console/changes/changes-stream-private.h"
#include "libvirt-sandbox/console/console-private.h"
#include "libvirt-sandbox/console/rpc-private.h"
#include "libvirt-sandbox/console/wire/program-stream-private.h"

/* Where the run is; see guest/frame.h for the order of the frames. */
typedef enum {
    STATE_WAITING,    /* for HELLO */
    STATE_SETTING_UP, /* for READY */
    STATE_STARTING,   /* for the second READY */
    STATE_RUNNING,
    STATE_KEEPING, /* EXIT came, and what was changed goes to the disk */
    STATE_ENDED,   /* EXIT came, or the wire closed */
} GVirSandboxConsoleRpcState;

struct _GVirSandboxConsoleRpc {
    GVirSandboxConsole parent_instance;

    int fd;
    gchar *program;
    GVirSandboxWire *wire;
    GVirSandboxConsoleRpcState state;
    GVirSandboxProgramOutput *outputs[GUEST_STREAM_COUNT];
    GVirSandboxProgramInput *input;
    GVirSandboxProgramInput *keys; /* NULL where what is typed is the standard input, or nothing */
    gboolean keys_taken;           /* the program has waited for what is typed */
    gboolean wants_changes;
    GVirSandboxNewFile *changes_file; /* NULL: the signal */
    GVirSandboxChanges *changes;
    gboolean changes_lost;
    guint16 rows;
    guint16 columns;
    gboolean exited;
    gint status;
    GError *failure;
    GSource *ending;
    gboolean finished;
    gboolean joined; /* to local streams */
    gboolean held;
    GMainContext *context;
    GVirSandboxConsoleRpcLook look;
    GWeakRef look_owner;
    GSource *looking;
    gint64 deadline; /* monotonic; 0 for none */
    gboolean hung_up;
    gboolean quitting;
    gboolean told_to_quit;
};

/* Whether the guest has nothing more to say. */
static inline gboolean
gvir_sandbox_console_rpc_is_over(const GVirSandboxConsoleRpc *rpc)
{
    return rpc->state == STATE_KEEPING || rpc->state == STATE_ENDED;
}

/* Does what a frame of the guest asks for; @error for what it may not send. */
void gvir_sandbox_console_rpc_handle_frame(GVirSandboxConsoleRpc *rpc, const struct guest_frame *frame, GError **error);
/* Attached to a terminal, and started: whether that is read before the program waits for it. */
void gvir_sandbox_console_rpc_update_patience(GVirSandboxConsoleRpc *rpc);
/* What the program's terminal shall have; nothing where it has none. */
void gvir_sandbox_console_rpc_send_size(GVirSandboxConsoleRpc *rpc);
/* The run is over; takes @failure, or NULL. The caller is told when all output was delivered. */
void gvir_sandbox_console_rpc_end(GVirSandboxConsoleRpc *rpc, GError *failure);

/* The guest must have said something new within a time that starts now; or it need not. */
void gvir_sandbox_console_rpc_expect_progress(GVirSandboxConsoleRpc *rpc);
/* It has been told to end its program, and gets little time for that. */
void gvir_sandbox_console_rpc_expect_exit(GVirSandboxConsoleRpc *rpc);
/* It has hung up; why may become known in a moment. */
void gvir_sandbox_console_rpc_expect_reason(GVirSandboxConsoleRpc *rpc);
void gvir_sandbox_console_rpc_expect_nothing(GVirSandboxConsoleRpc *rpc);
