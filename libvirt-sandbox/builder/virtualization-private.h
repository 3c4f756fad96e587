/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"
#include <libvirt-gobject/libvirt-gobject.h>

/* What this host and connection offer a machine. */

/* Whether the machine can have hardware virtualization, or must be emulated. UNSUPPORTED where it was asked
 * for and libvirt does not offer it. */
gboolean gvir_sandbox_virtualization_choose(GVirConnection *connection, GVirSandboxConfig *config,
                                            gboolean *emulated, GError **error);

/* Whom the driver runs QEMU as, where that is somebody else than us; FALSE where it is us. */
gboolean gvir_sandbox_virtualization_get_qemu_user(GVirConnection *connection, guint *uid, guint *gid);
