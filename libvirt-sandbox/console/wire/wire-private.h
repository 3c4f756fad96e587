/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "libvirt-sandbox/guest/frame.h"

/*
 * The host's end of the wire to a guest's init: frames in and out of a socket, in the main context of the
 * thread that made it. The peer is hostile: what is handed on has passed guest_frame_next(), and what is
 * kept for it is bounded by its user, who sends bulk only while gvir_sandbox_wire_is_idle().
 */
typedef struct _GVirSandboxWire GVirSandboxWire;

typedef struct {
    /* A frame came in, or a piece of one with DATA. To refuse it, set @error; @closed follows then. The handler may not
     * free the wire. */
    void (*frame)(GVirSandboxWire *wire, const struct guest_frame *frame, GError **error, gpointer user_data);
    /* May take up to @length bytes of the stream's DATA from @fd: how many, 0 if not now, -1 if none have come. */
    gssize (*splice)(GVirSandboxWire *wire, guint stream, int fd, gsize length, gpointer user_data);
    /* All that was sent has left. */
    void (*idle)(GVirSandboxWire *wire, gpointer user_data);
    /* The last call: the peer hung up (@error NULL), or the wire is broken. May free the wire. */
    void (*closed)(GVirSandboxWire *wire, const GError *error, gpointer user_data);
} GVirSandboxWireHandlers;

/* Takes over @fd, a stream socket. Nothing is read before gvir_sandbox_wire_open(). */
GVirSandboxWire *gvir_sandbox_wire_new(int fd, const GVirSandboxWireHandlers *handlers, gpointer user_data);
void gvir_sandbox_wire_open(GVirSandboxWire *wire);
/* Reads no more until it is opened again. */
void gvir_sandbox_wire_pause(GVirSandboxWire *wire);
void gvir_sandbox_wire_free(GVirSandboxWire *wire);

/* Sends whole frames, as made by the encoders of guest/frame.h. */
void gvir_sandbox_wire_send(GVirSandboxWire *wire, const guint8 *frames, gsize length);
/* The same for a header of DATA and @length bytes of it, which are in @pipe; only while it is idle. */
void gvir_sandbox_wire_send_spliced(GVirSandboxWire *wire, const guint8 *header, int pipe, gsize length);
/* Lets the guest see that nobody is there any more. */
void gvir_sandbox_wire_hang_up(GVirSandboxWire *wire);
gboolean gvir_sandbox_wire_is_idle(const GVirSandboxWire *wire);

/* Sets @error for @what the guest may not send. */
void gvir_sandbox_wire_refuse(GError **error, const gchar *what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxWire, gvir_sandbox_wire_free)
