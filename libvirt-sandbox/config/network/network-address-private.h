/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/format/keyfile-private.h"
#include "libvirt-sandbox/config/network/network-address.h"

/* What the option address=TEXT of a network says. */
GVirSandboxConfigNetworkAddress *gvir_sandbox_config_network_address_parse(const gchar *text, GError **error);

/* What GROUP of a saved description holds. */
GVirSandboxConfigNetworkAddress *gvir_sandbox_config_network_address_load(GVirSandboxKeyfile *file, const gchar *group,
                                                                          GError **error);
void gvir_sandbox_config_network_address_save(GVirSandboxConfigNetworkAddress *address, GKeyFile *file,
                                              const gchar *group);

/* Messages name the key that is wrong. */
gboolean gvir_sandbox_config_network_address_check(GVirSandboxConfigNetworkAddress *address, GError **error);
