/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/network/network.h"

/* Messages name the key that is wrong. */
gboolean gvir_sandbox_config_network_check(GVirSandboxConfigNetwork *network, GError **error);
