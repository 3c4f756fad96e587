/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>

/* Opens @connection; where that starts a driver in our process, so that it finds what it knows of QEMU still
 * true. */
gboolean gvir_sandbox_driver_start(GVirConnection *connection, GError **error);
