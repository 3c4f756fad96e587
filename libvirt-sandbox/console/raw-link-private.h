/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>

/*
 * What leads to a console of a domain: a stream of libvirt's, or the socket of a machine whose driver is in this
 * process. Events are those of streams, VIR_STREAM_EVENT_*, and come in the default main context.
 */
typedef struct _GVirSandboxRawLink GVirSandboxRawLink;

typedef void (*GVirSandboxRawLinkHandler)(int events, gpointer user_data);

/* @devname: the console's name in the domain's description. */
GVirSandboxRawLink *gvir_sandbox_raw_link_new_for_stream(GVirConnection *connection, GVirDomain *domain,
                                                         const gchar *devname, GVirSandboxRawLinkHandler handler,
                                                         gpointer user_data, GError **error);
/* @devname is for messages. */
GVirSandboxRawLink *gvir_sandbox_raw_link_new_for_socket(const gchar *path, const gchar *devname,
                                                         GVirSandboxRawLinkHandler handler, gpointer user_data,
                                                         GError **error);
void gvir_sandbox_raw_link_free(GVirSandboxRawLink *link);

/* Of which events @handler is to be told; at first of none. FALSE if that cannot be. */
gboolean gvir_sandbox_raw_link_set_events(GVirSandboxRawLink *link, int events);

/* The end of a socket is told again and again, unless nobody listens any more. */
void gvir_sandbox_raw_link_mute(GVirSandboxRawLink *link);

/* As virStreamRecv() and virStreamSend(): -2 where it would block, -1 on error, 0 at the end. */
int gvir_sandbox_raw_link_receive(GVirSandboxRawLink *link, gpointer data, gsize size);
int gvir_sandbox_raw_link_send(GVirSandboxRawLink *link, gconstpointer data, gsize length);

/* Sets @error to what has just failed. */
void gvir_sandbox_raw_link_set_error(const GVirSandboxRawLink *link, GError **error);
