/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>

G_BEGIN_DECLS

GVirConnection *gvir_sandbox_connection_new(const gchar *uri, const gchar *qemu_user, GError **error);
GVirConnection *gvir_sandbox_connection_open(const gchar *uri, GError **error);
GVirConnection *gvir_sandbox_connection_open_as(const gchar *uri, const gchar *qemu_user, GError **error);
void gvir_sandbox_connection_open_async(const gchar *uri, GCancellable *cancellable, GAsyncReadyCallback callback,
                                        gpointer user_data);
GVirConnection *gvir_sandbox_connection_open_finish(GAsyncResult *result, GError **error);
void gvir_sandbox_connection_open_as_async(const gchar *uri, const gchar *qemu_user, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data);
GVirConnection *gvir_sandbox_connection_open_as_finish(GAsyncResult *result, GError **error);

G_END_DECLS
