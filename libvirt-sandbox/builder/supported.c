/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/domain-xml-private.h"
#include "libvirt-sandbox/builder/storage-private.h"
#include "libvirt-sandbox/config/mount.h"
#include "libvirt-sandbox/config/service-systemd.h"
#include "libvirt-sandbox/error-private.h"
#include "libvirt-sandbox/i18n-private.h"

static gboolean
check_targets(GVirSandboxConfig *config, GError **error)
{
    GList *mounts = gvir_sandbox_config_get_mounts(config);
    gboolean good = TRUE;

    for (GList *link = mounts; link && good; link = link->next) {
        good = !g_str_equal(gvir_sandbox_config_mount_get_target(link->data), "/");
        if (!good)
            g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                        _("mount /: this version cannot mount a root; use the root setting"));
    }
    g_list_free_full(mounts, g_object_unref);
    return good;
}

static gboolean
refuse(GError **error, const gchar *what)
{
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                _("this version cannot give a sandbox %s"), what);
    return FALSE;
}

gboolean
gvir_sandbox_builder_check_supported(GVirSandboxConfig *config, GError **error)
{
    const gchar *root = gvir_sandbox_config_get_root(config);

    if (GVIR_SANDBOX_IS_CONFIG_SERVICE_SYSTEMD(config))
        return refuse(error, _("a systemd of its own; use a generic service"));
    if (gvir_sandbox_config_get_security_label(config) ||
        !gvir_sandbox_config_get_security_dynamic(config))
        return refuse(error, _("a security label"));
    if (gvir_sandbox_config_get_overlay_dir(config)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("overlay %s: this version keeps an overlay in memory only; use --overlay without a directory"),
                    gvir_sandbox_config_get_overlay_dir(config));
        return FALSE;
    }
    if (!gvir_sandbox_domain_xml_check_path(_("root"), root, error))
        return FALSE;
    if (!g_file_test(root, G_FILE_TEST_IS_DIR)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND,
                    _("root: no such directory %s"), root);
        return FALSE;
    }
    return check_targets(config, error) && gvir_sandbox_storage_check(config, error);
}
