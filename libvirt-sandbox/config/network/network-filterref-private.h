/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/format/keyfile-private.h"
#include "libvirt-sandbox/config/network/network-filterref.h"

/* From the options filter=NAME and filter.PARAM=VALUE of a network. */
gboolean gvir_sandbox_config_network_filterref_parse_parameter(GVirSandboxConfigNetworkFilterref *filter,
                                                               const gchar *name, const gchar *value, GError **error);

/* The filter that key filter of GROUP and the groups GROUP.filter.N hold; NULL without one. */
gboolean gvir_sandbox_config_network_filterref_load(GVirSandboxKeyfile *file, const gchar *group,
                                                    GVirSandboxConfigNetworkFilterref **filter, GError **error);
void gvir_sandbox_config_network_filterref_save(GVirSandboxConfigNetworkFilterref *filter, GKeyFile *file,
                                                const gchar *group);

/* Messages name the key that is wrong. */
gboolean gvir_sandbox_config_network_filterref_check(GVirSandboxConfigNetworkFilterref *filter, GError **error);
