/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/virtualization-private.h"
#include "libvirt-sandbox/builder/kernel-private.h"
#include "libvirt-sandbox/error-private.h"
#include "libvirt-sandbox/handle-private.h"
#include "libvirt-sandbox/i18n-private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A nested kind of KVM that runs only kernels made for it: an ordinary one hangs in it for ever. */
#define SPECIAL_KVM_MODULE "/sys/module/kvm_pvm"
#define KVM_DEVICE "/dev/kvm"

static gchar *
get_capabilities(GVirConnection *connection)
{
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);
    char *xml = handle ? virConnectGetCapabilities(handle) : NULL;
    gchar *copy = g_strdup(xml);

    free(xml);
    return copy;
}

static gboolean
libvirt_offers_kvm(GVirConnection *connection)
{
    g_autofree gchar *capabilities = get_capabilities(connection);

    return capabilities && strstr(capabilities, "<domain type='kvm'");
}

const gchar *
gvir_sandbox_virtualization_find_obstacle(GVirConnection *connection, GVirSandboxConfig *config)
{
    g_autofree gchar *host_arch = gvir_sandbox_kernel_host_arch();

    if (!g_str_equal(gvir_sandbox_config_get_arch(config), host_arch))
        return _("the guest has another architecture");
    if (access(SPECIAL_KVM_MODULE, F_OK) == 0)
        return _("this host's KVM (kvm_pvm) runs only kernels made for it");
    if (access(KVM_DEVICE, R_OK | W_OK) < 0)
        return _("/dev/kvm is not there, or closed to us");
    return libvirt_offers_kvm(connection) ? NULL : _("libvirt does not offer KVM");
}

gboolean
gvir_sandbox_virtualization_choose(GVirConnection *connection, GVirSandboxConfig *config,
                                   gboolean *emulated, const gchar **reason, GError **error)
{
    const gchar *missing = NULL;

    *emulated = TRUE;
    if (reason)
        *reason = NULL;
    switch (gvir_sandbox_config_get_virt_type(config)) {
    case GVIR_SANDBOX_CONFIG_VIRT_TYPE_QEMU:
        return TRUE;
    case GVIR_SANDBOX_CONFIG_VIRT_TYPE_KVM:
        if (!libvirt_offers_kvm(connection)) {
            g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                        _("virt-type kvm: libvirt does not offer it on this host; use auto or qemu"));
            return FALSE;
        }
        *emulated = FALSE;
        return TRUE;
    case GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO:
        break;
    }

    missing = gvir_sandbox_virtualization_find_obstacle(connection, config);
    *emulated = missing != NULL;
    if (reason)
        *reason = missing;
    return TRUE;
}

gchar *
gvir_sandbox_virtualization_describe_emulator(virConnectPtr handle, GVirSandboxConfig *config)
{
    char *xml = virConnectGetDomainCapabilities(handle, NULL, gvir_sandbox_config_get_arch(config), NULL,
                                                "qemu", 0);
    gchar *copy = g_strdup(xml);

    free(xml);
    return copy;
}

/* The driver says in its capabilities as whom it runs QEMU: <model>dac</model> … <baselabel type='qemu'>+UID:+GID */
gboolean
gvir_sandbox_virtualization_get_qemu_user(GVirConnection *connection, guint *uid, guint *gid)
{
    g_autofree gchar *capabilities = NULL;
    const gchar *model, *label;

    if (geteuid() != 0)
        return FALSE;
    capabilities = get_capabilities(connection);
    model = capabilities ? strstr(capabilities, "<model>dac</model>") : NULL;
    label = model ? strstr(model, "<baselabel ") : NULL;
    label = label ? strchr(label, '>') : NULL;
    return label && sscanf(label, ">+%u:+%u<", uid, gid) == 2 && *uid != 0;
}
