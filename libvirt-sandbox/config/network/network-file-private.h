/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/format/keyfile-private.h"
#include "libvirt-sandbox/config/network/network.h"

/* The network that GROUP of a saved description holds. */
GVirSandboxConfigNetwork *gvir_sandbox_config_network_load(GVirSandboxKeyfile *file, const gchar *group,
                                                           GError **error);
void gvir_sandbox_config_network_save(GVirSandboxConfigNetwork *network, GKeyFile *file, const gchar *group);
