/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/config/network/network-address.h>
#include <libvirt-sandbox/config/network/network-filterref.h>
#include <libvirt-sandbox/config/network/network-route.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG_NETWORK (gvir_sandbox_config_network_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxConfigNetwork, gvir_sandbox_config_network, GVIR_SANDBOX, CONFIG_NETWORK, GObject)

GVirSandboxConfigNetwork *gvir_sandbox_config_network_new(void);

void gvir_sandbox_config_network_set_dhcp(GVirSandboxConfigNetwork *config, gboolean dhcp);
gboolean gvir_sandbox_config_network_get_dhcp(GVirSandboxConfigNetwork *config);

void gvir_sandbox_config_network_set_user(GVirSandboxConfigNetwork *config, gboolean user);
gboolean gvir_sandbox_config_network_get_user(GVirSandboxConfigNetwork *config);

void gvir_sandbox_config_network_set_source(GVirSandboxConfigNetwork *config, const gchar *network);
const gchar *gvir_sandbox_config_network_get_source(GVirSandboxConfigNetwork *config);

void gvir_sandbox_config_network_set_mac(GVirSandboxConfigNetwork *config, const gchar *mac);
const gchar *gvir_sandbox_config_network_get_mac(GVirSandboxConfigNetwork *config);

void gvir_sandbox_config_network_add_address(GVirSandboxConfigNetwork *config, GVirSandboxConfigNetworkAddress *addr);
GList *gvir_sandbox_config_network_get_addresses(GVirSandboxConfigNetwork *config);

void gvir_sandbox_config_network_add_route(GVirSandboxConfigNetwork *config, GVirSandboxConfigNetworkRoute *route);
GList *gvir_sandbox_config_network_get_routes(GVirSandboxConfigNetwork *config);

void gvir_sandbox_config_network_set_filterref(GVirSandboxConfigNetwork *config,
                                               GVirSandboxConfigNetworkFilterref *filterref);
GVirSandboxConfigNetworkFilterref *gvir_sandbox_config_network_get_filterref(GVirSandboxConfigNetwork *config);

G_END_DECLS
