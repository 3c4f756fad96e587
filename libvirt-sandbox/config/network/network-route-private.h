/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/format/keyfile-private.h"
#include "libvirt-sandbox/config/network/network-route.h"

/* What the option route=TEXT of a network says. */
GVirSandboxConfigNetworkRoute *gvir_sandbox_config_network_route_parse(const gchar *text, GError **error);

/* What GROUP of a saved description holds. */
GVirSandboxConfigNetworkRoute *gvir_sandbox_config_network_route_load(GVirSandboxKeyfile *file, const gchar *group,
                                                                      GError **error);
void gvir_sandbox_config_network_route_save(GVirSandboxConfigNetworkRoute *route, GKeyFile *file, const gchar *group);

/* Messages name the key that is wrong. */
gboolean gvir_sandbox_config_network_route_check(GVirSandboxConfigNetworkRoute *route, GError **error);
