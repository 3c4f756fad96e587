/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG_NETWORK_ROUTE (gvir_sandbox_config_network_route_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxConfigNetworkRoute, gvir_sandbox_config_network_route, GVIR_SANDBOX,
                     CONFIG_NETWORK_ROUTE, GObject)

GVirSandboxConfigNetworkRoute *gvir_sandbox_config_network_route_new(GInetAddress *target, guint prefix,
                                                                     GInetAddress *gateway);

void gvir_sandbox_config_network_route_set_target(GVirSandboxConfigNetworkRoute *config, GInetAddress *addr);
GInetAddress *gvir_sandbox_config_network_route_get_target(GVirSandboxConfigNetworkRoute *config);

void gvir_sandbox_config_network_route_set_prefix(GVirSandboxConfigNetworkRoute *config, guint prefix);
guint gvir_sandbox_config_network_route_get_prefix(GVirSandboxConfigNetworkRoute *config);

void gvir_sandbox_config_network_route_set_gateway(GVirSandboxConfigNetworkRoute *config, GInetAddress *addr);
GInetAddress *gvir_sandbox_config_network_route_get_gateway(GVirSandboxConfigNetworkRoute *config);

G_END_DECLS
