/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/config/initrd.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_BUILDER_INITRD (gvir_sandbox_builder_initrd_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxBuilderInitrd, gvir_sandbox_builder_initrd, GVIR_SANDBOX, BUILDER_INITRD, GObject)

GVirSandboxBuilderInitrd *gvir_sandbox_builder_initrd_new(void);

gboolean gvir_sandbox_builder_initrd_construct(GVirSandboxBuilderInitrd *builder, GVirSandboxConfigInitrd *config,
                                               const gchar *outputfile, GError **error);

G_END_DECLS
