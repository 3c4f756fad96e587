/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/config/program/service.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG_SERVICE_GENERIC (gvir_sandbox_config_service_generic_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxConfigServiceGeneric, gvir_sandbox_config_service_generic, GVIR_SANDBOX,
                     CONFIG_SERVICE_GENERIC, GVirSandboxConfigService)

GVirSandboxConfigServiceGeneric *gvir_sandbox_config_service_generic_new(const gchar *name);

void gvir_sandbox_config_service_generic_set_command(GVirSandboxConfigServiceGeneric *config, gchar **argv);

G_END_DECLS
