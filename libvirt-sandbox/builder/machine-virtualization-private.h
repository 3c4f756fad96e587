/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"
#include <libvirt-gobject/libvirt-gobject.h>

/* Whether the machine can have hardware virtualization, or must be emulated. UNSUPPORTED where the description asks
 * for it and it cannot be had. @reason, which may be NULL, is why it was not chosen, or set to NULL. */
gboolean gvir_sandbox_machine_choose_virtualization(GVirConnection *connection, GVirSandboxConfig *config,
                                                    gboolean *emulated, const gchar **reason, GError **error);
