/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/machine-kernel-private.h"
#include "libvirt-sandbox/builder/machine-storage-private.h"
#include "libvirt-sandbox/builder/storage/storage-private.h"

static const gchar *const needed_modules[] = {
    "virtio_pci", "virtio_console", "9p", "9pnet_virtio", NULL,
};

static const gchar *const network_modules[] = { "virtio_net", NULL };

/* Of the config, or for the layers of its overlay. */
static gboolean
has_disks(GVirSandboxConfig *config)
{
    g_autoptr(GPtrArray) images = gvir_sandbox_storage_list_images(config);

    return images->len > 0 || gvir_sandbox_config_get_overlay_dir(config);
}

GStrv
gvir_sandbox_machine_request_kernel(GVirSandboxConfig *config, GVirSandboxKernelRequest *request)
{
    g_autoptr(GStrvBuilder) needed = g_strv_builder_new();
    GStrv modules;

    request->release = gvir_sandbox_config_get_kernrelease(config);
    request->path = gvir_sandbox_config_get_kernpath(config);
    request->modules = gvir_sandbox_config_get_kmodpath(config);
    request->arch = gvir_sandbox_config_get_arch(config);
    g_strv_builder_addv(needed, (const gchar **)needed_modules);
    if (gvir_sandbox_config_get_overlay(config))
        g_strv_builder_add(needed, "overlay");
    if (has_disks(config))
        g_strv_builder_addv(needed, (const gchar **)gvir_sandbox_machine_storage_modules());
    if (gvir_sandbox_config_has_networks(config))
        g_strv_builder_addv(needed, (const gchar **)network_modules);
    modules = g_strv_builder_end(needed);
    request->needed = (const gchar *const *)modules;
    return modules;
}
