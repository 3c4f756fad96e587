/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/domain-xml-private.h"
#include "libvirt-sandbox/config/mount-host-bind.h"
#include "libvirt-sandbox/config/mount-host-image.h"
#include "libvirt-sandbox/config/mount.h"
#include "libvirt-sandbox/config/service-systemd.h"
#include "libvirt-sandbox/error-private.h"
#include "libvirt-sandbox/i18n-private.h"

static gboolean
check_mount(GVirSandboxConfigMount *mount, GError **error)
{
    const gchar *target = gvir_sandbox_config_mount_get_target(mount);
    GHashTable *includes;
    gboolean has_includes;

    if (GVIR_SANDBOX_IS_CONFIG_MOUNT_HOST_IMAGE(mount)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("mount %s: this version cannot mount host images; use host-bind"), target);
        return FALSE;
    }
    includes = gvir_sandbox_config_mount_get_includes(mount);
    has_includes = g_hash_table_size(includes) > 0;
    g_hash_table_unref(includes);
    if (has_includes) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("mount %s: this version cannot copy included files; use host-bind"), target);
        return FALSE;
    }
    if (g_str_equal(target, "/")) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("mount /: this version cannot mount a root; use the root setting"));
        return FALSE;
    }
    return TRUE;
}

static gboolean
check_source(GVirSandboxConfigMount *mount, GError **error)
{
    const gchar *source;

    if (!GVIR_SANDBOX_IS_CONFIG_MOUNT_HOST_BIND(mount))
        return TRUE;
    source = gvir_sandbox_config_mount_file_get_source(GVIR_SANDBOX_CONFIG_MOUNT_FILE(mount));
    if (!source || !*source) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("mount %s: this version makes no temporary directories; name one"),
                    gvir_sandbox_config_mount_get_target(mount));
        return FALSE;
    }
    if (!g_file_test(source, G_FILE_TEST_IS_DIR)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND,
                    _("mount %s: no such directory %s"), gvir_sandbox_config_mount_get_target(mount),
                    source);
        return FALSE;
    }
    return TRUE;
}

static gboolean
check_mounts(GVirSandboxConfig *config, GError **error)
{
    GList *mounts = gvir_sandbox_config_get_mounts(config);
    gboolean good = TRUE;

    for (GList *link = mounts; link && good; link = link->next)
        good = check_mount(link->data, error) && check_source(link->data, error);
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
    if (gvir_sandbox_config_has_disks(config))
        return refuse(error, _("disks"));
    if (gvir_sandbox_config_has_networks(config))
        return refuse(error, _("a network"));
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
    return check_mounts(config, error);
}
