/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/config/config.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG_SERVICE (gvir_sandbox_config_service_get_type())
G_DECLARE_DERIVABLE_TYPE(GVirSandboxConfigService, gvir_sandbox_config_service, GVIR_SANDBOX, CONFIG_SERVICE,
                         GVirSandboxConfig)

/**
 * GVirSandboxConfigServiceClass:
 * @parent_class: the parent class
 *
 * The class of #GVirSandboxConfigService.
 */
struct _GVirSandboxConfigServiceClass {
    GVirSandboxConfigClass parent_class;

    gpointer padding[8];
};

G_END_DECLS
