/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>

/* Why @connection could not be opened, for people; free with g_free(). */
gchar *gvir_sandbox_connection_describe_failure(GVirConnection *connection, const GError *failure);
