/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG_NETWORK_ADDRESS (gvir_sandbox_config_network_address_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxConfigNetworkAddress, gvir_sandbox_config_network_address, GVIR_SANDBOX,
                     CONFIG_NETWORK_ADDRESS, GObject)

GVirSandboxConfigNetworkAddress *gvir_sandbox_config_network_address_new(GInetAddress *primary, guint prefix,
                                                                         GInetAddress *broadcast);

void gvir_sandbox_config_network_address_set_primary(GVirSandboxConfigNetworkAddress *config, GInetAddress *addr);
GInetAddress *gvir_sandbox_config_network_address_get_primary(GVirSandboxConfigNetworkAddress *config);

void gvir_sandbox_config_network_address_set_prefix(GVirSandboxConfigNetworkAddress *config, guint prefix);
guint gvir_sandbox_config_network_address_get_prefix(GVirSandboxConfigNetworkAddress *config);

void gvir_sandbox_config_network_address_set_broadcast(GVirSandboxConfigNetworkAddress *config, GInetAddress *addr);
GInetAddress *gvir_sandbox_config_network_address_get_broadcast(GVirSandboxConfigNetworkAddress *config);

G_END_DECLS
