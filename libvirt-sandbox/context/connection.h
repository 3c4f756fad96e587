/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>

G_BEGIN_DECLS

GVirConnection *gvir_sandbox_connection_new(const gchar *uri, const gchar *qemu_user, GError **error);
GVirConnection *gvir_sandbox_connection_open(const gchar *uri, GError **error);
GVirConnection *gvir_sandbox_connection_open_as(const gchar *uri, const gchar *qemu_user, GError **error);

G_END_DECLS
