/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/virt-type.h"

GType
gvir_sandbox_config_virt_type_get_type(void)
{
    static const GEnumValue values[] = {
        { GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO, "GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO", "auto" },
        { GVIR_SANDBOX_CONFIG_VIRT_TYPE_KVM, "GVIR_SANDBOX_CONFIG_VIRT_TYPE_KVM", "kvm" },
        { GVIR_SANDBOX_CONFIG_VIRT_TYPE_QEMU, "GVIR_SANDBOX_CONFIG_VIRT_TYPE_QEMU", "qemu" },
        { 0, NULL, NULL },
    };
    static gsize type;

    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("GVirSandboxConfigVirtType", values));
    return type;
}
