/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * GVirSandboxConfigVirtType:
 * @GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO: hardware virtualization where it works, else emulation
 * @GVIR_SANDBOX_CONFIG_VIRT_TYPE_KVM: hardware virtualization
 * @GVIR_SANDBOX_CONFIG_VIRT_TYPE_QEMU: emulation
 *
 * What runs the instructions of a machine.
 *
 * Since: 0.9.0
 */
typedef enum {
    GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO,
    GVIR_SANDBOX_CONFIG_VIRT_TYPE_KVM,
    GVIR_SANDBOX_CONFIG_VIRT_TYPE_QEMU,
} GVirSandboxConfigVirtType;

#define GVIR_SANDBOX_TYPE_CONFIG_VIRT_TYPE (gvir_sandbox_config_virt_type_get_type())
GType gvir_sandbox_config_virt_type_get_type(void) G_GNUC_CONST;

G_END_DECLS
