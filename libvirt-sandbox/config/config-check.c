/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config-check-private.h"
#include "libvirt-sandbox/config/config-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/home-private.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/config/network/network-private.h"
#include "libvirt-sandbox/config/storage/disk-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <string.h>

/* What can be known wrong in a description without looking at the host. */

gboolean
gvir_sandbox_config_check_core(GVirSandboxConfig *config, GError **error)
{
    GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(config);

    return gvir_sandbox_settings_check(priv, "core", error) && gvir_sandbox_config_check_home_includes(priv, error);
}

gboolean
gvir_sandbox_config_check_env(const gchar *key, GError **error)
{
    g_autofree gchar *shown = NULL;

    if (*key && !strchr(key, '='))
        return TRUE;
    shown = gvir_sandbox_text_show(key);
    return gvir_sandbox_text_invalid(error, _("\"%s\" is not a valid variable name"), shown);
}

static gboolean
refuse_target(const gchar *target, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(target);

    return gvir_sandbox_text_invalid(error, _("target: there is a mount on %s already"), shown);
}

static gboolean
refuse_tag(const gchar *tag, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(tag);

    return gvir_sandbox_text_invalid(error, _("tag: there is a disk %s already"), shown);
}

gboolean
gvir_sandbox_config_check_new_target(GVirSandboxConfig *config, const gchar *target, GError **error)
{
    g_autofree gchar *canonical = gvir_sandbox_value_canonical_path(target);

    return !g_hash_table_contains(gvir_sandbox_config_get_private(config)->targets, canonical) ||
           refuse_target(canonical, error);
}

gboolean
gvir_sandbox_config_check_new_tag(GVirSandboxConfig *config, const gchar *tag, GError **error)
{
    return !g_hash_table_contains(gvir_sandbox_config_get_private(config)->tags, tag) || refuse_tag(tag, error);
}

/* A mount covers those before it on the same target, but there is one root. */
static gboolean
check_mount(GVirSandboxConfigMount *mount, guint *roots, GError **error)
{
    g_autofree gchar *canonical = NULL;

    if (!gvir_sandbox_config_mount_check(mount, error))
        return FALSE;
    canonical = gvir_sandbox_value_canonical_path(gvir_sandbox_config_mount_get_target(mount));
    return !g_str_equal(canonical, "/") || ++*roots == 1 || refuse_target(canonical, error);
}

static gboolean
check_mounts(GVirSandboxConfig *config, GError **error)
{
    GPtrArray *mounts = gvir_sandbox_config_get_private(config)->mounts;
    guint roots = 0;

    for (guint i = 0; i < mounts->len; i++) {
        if (!check_mount(mounts->pdata[i], &roots, error)) {
            g_autofree gchar *shown = gvir_sandbox_text_show(gvir_sandbox_config_mount_get_target(mounts->pdata[i]));

            return gvir_sandbox_error_prefix(error, _("mount %s"), shown);
        }
    }
    return TRUE;
}

static gboolean
check_disks(GVirSandboxConfig *config, GError **error)
{
    GPtrArray *disks = gvir_sandbox_config_get_private(config)->disks;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < disks->len; i++) {
        const gchar *tag = gvir_sandbox_config_disk_get_tag(disks->pdata[i]);

        if (!gvir_sandbox_config_disk_check(disks->pdata[i], error) ||
            (!g_hash_table_add(seen, (gpointer)tag) && !refuse_tag(tag, error))) {
            g_autofree gchar *shown = gvir_sandbox_text_show(tag);

            return gvir_sandbox_error_prefix(error, _("disk %s"), shown);
        }
    }
    return TRUE;
}

static gboolean
check_networks_and_envs(GVirSandboxConfigPrivate *priv, GError **error)
{
    for (guint i = 0; i < priv->networks->len; i++) {
        if (!gvir_sandbox_config_network_check(priv->networks->pdata[i], error))
            return gvir_sandbox_error_prefix(error, _("network %u"), i);
    }
    for (guint i = 0; i < gvir_sandbox_string_map_get_size(priv->envs); i++) {
        const gchar *value;

        if (!gvir_sandbox_config_check_env(gvir_sandbox_string_map_get(priv->envs, i, &value), error))
            return gvir_sandbox_error_prefix(error, _("environment"));
    }
    return TRUE;
}

static gboolean
check_all(GVirSandboxConfig *config, GError **error)
{
    return gvir_sandbox_config_check_core(config, error) &&
           gvir_sandbox_settings_check(gvir_sandbox_config_get_private(config), "identity", error) &&
           check_mounts(config, error) && check_disks(config, error) &&
           check_networks_and_envs(gvir_sandbox_config_get_private(config), error);
}

gboolean
gvir_sandbox_config_check(GVirSandboxConfig *config, GError **error)
{
    GVirSandboxConfigHooks *hooks = gvir_sandbox_config_class_get_hooks(GVIR_SANDBOX_CONFIG_GET_CLASS(config));

    return check_all(config, error) && (!hooks->check || hooks->check(config, error));
}
