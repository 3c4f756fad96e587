/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/program/service.h"

/**
 * GVirSandboxConfigService:
 *
 * The description of a sandbox that is a service: nobody is joined to its program, and a persistent domain
 * can be made of it, which goes on without its caller; see #GVirSandboxContextService.
 */

G_DEFINE_ABSTRACT_TYPE(GVirSandboxConfigService, gvir_sandbox_config_service, GVIR_SANDBOX_TYPE_CONFIG)

static void
gvir_sandbox_config_service_class_init(GVirSandboxConfigServiceClass *class)
{
}

static void
gvir_sandbox_config_service_init(GVirSandboxConfigService *config)
{
}
