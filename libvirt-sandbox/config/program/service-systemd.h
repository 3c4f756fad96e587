/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/config/program/service.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG_SERVICE_SYSTEMD (gvir_sandbox_config_service_systemd_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxConfigServiceSystemd, gvir_sandbox_config_service_systemd, GVIR_SANDBOX,
                     CONFIG_SERVICE_SYSTEMD, GVirSandboxConfigService)

GVirSandboxConfigServiceSystemd *gvir_sandbox_config_service_systemd_new(const gchar *name);

void gvir_sandbox_config_service_systemd_set_boot_target(GVirSandboxConfigServiceSystemd *config, const gchar *target);
const gchar *gvir_sandbox_config_service_systemd_get_boot_target(GVirSandboxConfigServiceSystemd *config);

G_END_DECLS
