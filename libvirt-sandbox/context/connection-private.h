/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>

/* Opens @connection, with what the driver makes for it where QEMU's user can pass through. */
gboolean gvir_sandbox_connection_open_new(GVirConnection *connection, GError **error);

/* Why @connection could not be opened, for people; free with g_free(). */
gchar *gvir_sandbox_connection_describe_failure(GVirConnection *connection, const GError *failure);
