/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/supported-private.h"
#include "libvirt-sandbox/builder/home/home-private.h"
#include "libvirt-sandbox/builder/home/secrets-private.h"
#include "libvirt-sandbox/builder/overlay/overlay-directory-private.h"
#include "libvirt-sandbox/builder/root/root-mount-private.h"
#include "libvirt-sandbox/builder/storage/storage-check-private.h"
#include "libvirt-sandbox/builder/storage/storage-private.h"
#include "libvirt-sandbox/config/program/service-systemd.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

static gboolean
refuse(GError **error, const gchar *what)
{
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED, _("this version cannot give a sandbox %s"),
                what);
    return FALSE;
}

gboolean
gvir_sandbox_builder_check_supported(GVirSandboxConfig *config, GError **error)
{
    if (GVIR_SANDBOX_IS_CONFIG_SERVICE_SYSTEMD(config))
        return refuse(error, _("a systemd of its own; use a generic service"));
    return gvir_sandbox_root_check(config, error) && gvir_sandbox_home_check(config, error) &&
           gvir_sandbox_secrets_check(config, error) && gvir_sandbox_storage_check(config, error) &&
           gvir_sandbox_overlay_directory_check(config, error);
}
