/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/network/network.h"

/* The network that the option text says. */
GVirSandboxConfigNetwork *gvir_sandbox_config_network_parse(const gchar *text, GError **error);
