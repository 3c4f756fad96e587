/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/config/network/network-filterref-parameter.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG_NETWORK_FILTERREF (gvir_sandbox_config_network_filterref_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxConfigNetworkFilterref, gvir_sandbox_config_network_filterref, GVIR_SANDBOX,
                     CONFIG_NETWORK_FILTERREF, GObject)

GVirSandboxConfigNetworkFilterref *gvir_sandbox_config_network_filterref_new(void);

void gvir_sandbox_config_network_filterref_set_name(GVirSandboxConfigNetworkFilterref *filter, const gchar *name);
const gchar *gvir_sandbox_config_network_filterref_get_name(GVirSandboxConfigNetworkFilterref *filter);

void gvir_sandbox_config_network_filterref_add_parameter(GVirSandboxConfigNetworkFilterref *filter,
                                                         GVirSandboxConfigNetworkFilterrefParameter *param);
GList *gvir_sandbox_config_network_filterref_get_parameters(GVirSandboxConfigNetworkFilterref *filter);

G_END_DECLS
