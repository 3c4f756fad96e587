/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/builder/builder.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_BUILDER_CONTAINER (gvir_sandbox_builder_container_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxBuilderContainer, gvir_sandbox_builder_container, GVIR_SANDBOX, BUILDER_CONTAINER,
                     GVirSandboxBuilder)

GVirSandboxBuilderContainer *gvir_sandbox_builder_container_new(GVirConnection *connection);

G_END_DECLS
