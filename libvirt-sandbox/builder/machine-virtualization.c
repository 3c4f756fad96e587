/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/machine-virtualization-private.h"
#include "libvirt-sandbox/libvirt/virtualization-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

gboolean
gvir_sandbox_machine_choose_virtualization(GVirConnection *connection, GVirSandboxConfig *config, gboolean *emulated,
                                           const gchar **reason, GError **error)
{
    const gchar *arch = gvir_sandbox_config_get_arch(config);
    const gchar *missing = NULL;

    *emulated = TRUE;
    if (reason)
        *reason = NULL;
    switch (gvir_sandbox_config_get_virt_type(config)) {
    case GVIR_SANDBOX_CONFIG_VIRT_TYPE_QEMU:
        return TRUE;
    case GVIR_SANDBOX_CONFIG_VIRT_TYPE_KVM:
        missing = gvir_sandbox_virtualization_find_host_obstacle(connection, arch);
        if (missing) {
            g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                        _("virt-type kvm: %s; use auto or qemu"), missing);
            return FALSE;
        }
        *emulated = FALSE;
        return TRUE;
    case GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO:
        break;
    }

    missing = gvir_sandbox_virtualization_find_obstacle(connection, arch);
    *emulated = missing != NULL;
    if (reason)
        *reason = missing;
    return TRUE;
}
