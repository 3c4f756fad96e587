/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/builder/builder.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_BUILDER_MACHINE (gvir_sandbox_builder_machine_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxBuilderMachine, gvir_sandbox_builder_machine, GVIR_SANDBOX, BUILDER_MACHINE,
                     GVirSandboxBuilder)

GVirSandboxBuilderMachine *gvir_sandbox_builder_machine_new(GVirConnection *connection);

G_END_DECLS
