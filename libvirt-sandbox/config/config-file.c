/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config-check-private.h"
#include "libvirt-sandbox/config/config-file-private.h"
#include "libvirt-sandbox/config/config-private.h"
#include "libvirt-sandbox/config/home-private.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/config/mounts/mount-type-private.h"
#include "libvirt-sandbox/config/network/network-file-private.h"
#include "libvirt-sandbox/config/network/network-private.h"
#include "libvirt-sandbox/config/program/interactive.h"
#include "libvirt-sandbox/config/program/service-generic.h"
#include "libvirt-sandbox/config/program/service-systemd.h"
#include "libvirt-sandbox/config/storage/disk-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/file-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <string.h>

/* Descriptions as files. */

static GType (*const config_types[])(void) = {
    gvir_sandbox_config_interactive_get_type,
    gvir_sandbox_config_service_generic_get_type,
    gvir_sandbox_config_service_systemd_get_type,
};

static gboolean
load_mounts(GVirSandboxConfig *config, GVirSandboxKeyfile *file, GError **error)
{
    for (guint i = 0;; i++) {
        g_autofree gchar *group = gvir_sandbox_keyfile_numbered_group(file, "mount", i);
        g_autoptr(GVirSandboxConfigMount) mount = NULL;

        if (!group)
            return TRUE;
        mount = gvir_sandbox_config_mount_load(file, group, error);
        if (!mount)
            return FALSE;
        gvir_sandbox_config_add_mount(config, mount);
    }
}

static gboolean
load_disks(GVirSandboxConfig *config, GVirSandboxKeyfile *file, GError **error)
{
    for (guint i = 0;; i++) {
        g_autofree gchar *group = gvir_sandbox_keyfile_numbered_group(file, "disk", i);
        g_autoptr(GVirSandboxConfigDisk) disk = NULL;

        if (!group)
            return TRUE;
        disk = gvir_sandbox_config_disk_load(file, group, error);
        if (!disk)
            return FALSE;
        if (!gvir_sandbox_config_check_new_tag(config, gvir_sandbox_config_disk_get_tag(disk), error))
            return gvir_sandbox_keyfile_prefix(error, group);
        gvir_sandbox_config_add_disk(config, disk);
    }
}

static gboolean
load_networks(GVirSandboxConfig *config, GVirSandboxKeyfile *file, GError **error)
{
    for (guint i = 0;; i++) {
        g_autofree gchar *group = gvir_sandbox_keyfile_numbered_group(file, "network", i);
        g_autoptr(GVirSandboxConfigNetwork) network = NULL;

        if (!group)
            return TRUE;
        network = gvir_sandbox_config_network_load(file, group, error);
        if (!network)
            return FALSE;
        gvir_sandbox_config_add_network(config, network);
    }
}

static gboolean
load_envs(GVirSandboxConfig *config, GVirSandboxKeyfile *file, GError **error)
{
    GVirSandboxStringMap *envs = gvir_sandbox_config_get_private(config)->envs;

    for (guint i = 0;; i++) {
        g_autofree gchar *group = gvir_sandbox_keyfile_numbered_group(file, "env", i);
        g_autofree gchar *key = NULL;
        g_autofree gchar *value = NULL;

        if (!group)
            return TRUE;
        if (!gvir_sandbox_keyfile_require(file, group, "key", error) ||
            !gvir_sandbox_keyfile_require(file, group, "value", error) ||
            !gvir_sandbox_keyfile_read_string(file, group, "key", &key, error) ||
            !gvir_sandbox_keyfile_read_string(file, group, "value", &value, error))
            return FALSE;
        if (!gvir_sandbox_config_check_env(key, error))
            return gvir_sandbox_keyfile_prefix(error, group);
        if (gvir_sandbox_string_map_contains(envs, key)) {
            g_autofree gchar *shown = gvir_sandbox_text_show(key);

            gvir_sandbox_text_invalid(error, _("key: the variable %s is there twice"), shown);
            return gvir_sandbox_keyfile_prefix(error, group);
        }
        gvir_sandbox_string_map_set(envs, key, value);
    }
}

static gboolean
load_all(GVirSandboxConfig *config, GVirSandboxKeyfile *file, GError **error)
{
    GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(config);

    /* An empty group asks for the identity of the caller, too. */
    priv->identity_asked = gvir_sandbox_keyfile_has_group(file, "identity");
    if (!gvir_sandbox_settings_load(priv, file, error) || !gvir_sandbox_config_load_home_includes(priv, file, error))
        return FALSE;
    if (!gvir_sandbox_config_check_core(config, error))
        return gvir_sandbox_keyfile_prefix(error, "core");
    if (!gvir_sandbox_settings_check(priv, "identity", error))
        return gvir_sandbox_keyfile_prefix(error, "identity");
    return load_mounts(config, file, error) && load_envs(config, file, error) && load_disks(config, file, error) &&
           load_networks(config, file, error);
}

/* Whether the file is of a later version, which may say more than is known here. */
static gboolean
is_newer(GVirSandboxKeyfile *file)
{
    g_autofree gchar *version = NULL;

    return gvir_sandbox_keyfile_read_string(file, "api", "version", &version, NULL) && version &&
           strverscmp(version, PACKAGE_VERSION) > 0;
}

/* What is not known is a mistake, unless it is of a later version: then it is passed over, and noted. */
static gboolean
finish_file(GVirSandboxConfig *config, GVirSandboxKeyfile *file, GError **error)
{
    g_auto(GStrv) unread = NULL;

    if (!is_newer(file))
        return gvir_sandbox_keyfile_finish(file, error);
    unread = gvir_sandbox_keyfile_list_unread(file);
    if (*unread)
        gvir_sandbox_config_get_private(config)->not_understood = g_steal_pointer(&unread);
    return TRUE;
}

static GVirSandboxConfig *
load_class(GVirSandboxKeyfile *file, GError **error)
{
    g_autofree gchar *name = NULL;
    g_autofree gchar *version = NULL;
    g_autofree gchar *shown = NULL;

    if (!gvir_sandbox_keyfile_require(file, "api", "class", error) ||
        !gvir_sandbox_keyfile_read_string(file, "api", "class", &name, error) ||
        !gvir_sandbox_keyfile_read_string(file, "api", "version", &version, error))
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(config_types); i++) {
        if (g_str_equal(name, g_type_name(config_types[i]())))
            return g_object_new(config_types[i](), NULL);
    }
    shown = gvir_sandbox_text_show(name);
    gvir_sandbox_text_invalid(error, _("[api] class: \"%s\" is not a class of sandbox"), shown);
    return NULL;
}

GVirSandboxConfig *
gvir_sandbox_config_load_from_bytes(const gchar *data, gsize length, GError **error)
{
    g_autoptr(GVirSandboxKeyfile) file = gvir_sandbox_keyfile_new(data, length, error);
    g_autoptr(GVirSandboxConfig) config = file ? load_class(file, error) : NULL;

    GVirSandboxConfigHooks *hooks;

    if (!config)
        return NULL;
    hooks = gvir_sandbox_config_class_get_hooks(GVIR_SANDBOX_CONFIG_GET_CLASS(config));
    if (!load_all(config, file, error) || (hooks->load && !hooks->load(config, file, error)) ||
        !finish_file(config, file, error))
        return NULL;
    return g_steal_pointer(&config);
}

/**
 * gvir_sandbox_config_load_from_path:
 * @path: a file that gvir_sandbox_config_save_to_path() wrote
 * @error: return location for an error, or %NULL
 *
 * Reads a description from a file. Of one that a later version wrote, what is not understood is passed over; see
 * gvir_sandbox_config_get_not_understood().
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_NOT_FOUND or %GVIR_SANDBOX_ERROR_DENIED if the file cannot be read,
 * and to %GVIR_SANDBOX_ERROR_INVALID with the group and key if what it says is wrong.
 *
 * Returns: (transfer full): the description, or %NULL on error
 */
GVirSandboxConfig *
gvir_sandbox_config_load_from_path(const gchar *path, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autofree gchar *data = NULL;
    GVirSandboxConfig *config;
    gsize length;

    g_return_val_if_fail(path != NULL, NULL);

    data = gvir_sandbox_file_read(path, GVIR_SANDBOX_KEYFILE_MAXIMUM_SIZE, &length, error);
    if (!data)
        return NULL;
    config = gvir_sandbox_config_load_from_bytes(data, length, error);
    if (!config) {
        g_autofree gchar *shown = gvir_sandbox_text_show(path);

        gvir_sandbox_error_prefix(error, "%s", shown);
    }
    return config;
}

/**
 * gvir_sandbox_config_load_from_data:
 * @data: a text that gvir_sandbox_config_save_to_data() gave
 * @error: return location for an error, or %NULL
 *
 * Reads a description from a text.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID with the group and key if what it says is wrong.
 *
 * Returns: (transfer full): the description, or %NULL on error
 */
GVirSandboxConfig *
gvir_sandbox_config_load_from_data(const gchar *data, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(data != NULL, NULL);

    return gvir_sandbox_config_load_from_bytes(data, strlen(data), error);
}

static void
save_envs(GVirSandboxConfigPrivate *priv, GKeyFile *file)
{
    for (guint i = 0; i < gvir_sandbox_string_map_get_size(priv->envs); i++) {
        g_autofree gchar *group = g_strdup_printf("env.%u", i);
        const gchar *value;
        const gchar *key = gvir_sandbox_string_map_get(priv->envs, i, &value);

        g_key_file_set_string(file, group, "key", key);
        g_key_file_set_string(file, group, "value", value);
    }
}

static void
save_all(GVirSandboxConfig *config, GKeyFile *file)
{
    GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(config);

    g_key_file_set_string(file, "api", "class", G_OBJECT_TYPE_NAME(config));
    g_key_file_set_string(file, "api", "version", PACKAGE_VERSION);
    gvir_sandbox_settings_save(priv, "core", file);
    gvir_sandbox_config_save_home_includes(priv, file);
    gvir_sandbox_settings_save(priv, "identity", file);
    for (guint i = 0; i < priv->mounts->len; i++) {
        g_autofree gchar *group = g_strdup_printf("mount.%u", i);

        gvir_sandbox_config_mount_save(priv->mounts->pdata[i], file, group);
    }
    save_envs(priv, file);
    for (guint i = 0; i < priv->disks->len; i++) {
        g_autofree gchar *group = g_strdup_printf("disk.%u", i);

        gvir_sandbox_config_disk_save(priv->disks->pdata[i], file, group);
    }
    for (guint i = 0; i < priv->networks->len; i++) {
        g_autofree gchar *group = g_strdup_printf("network.%u", i);

        gvir_sandbox_config_network_save(priv->networks->pdata[i], file, group);
    }
    gvir_sandbox_settings_save(priv, "security", file);
}

/**
 * gvir_sandbox_config_save_to_data:
 * @config: the description
 * @error: return location for an error, or %NULL
 *
 * Writes the description as a text, which gvir_sandbox_config_load_from_data() reads as the same.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if something in it could not be read again.
 *
 * Returns: (transfer full): the text, or %NULL on error
 */
gchar *
gvir_sandbox_config_save_to_data(GVirSandboxConfig *config, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autoptr(GKeyFile) file = g_key_file_new();
    GVirSandboxConfigHooks *hooks;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    if (!gvir_sandbox_config_check(config, error))
        return NULL;
    save_all(config, file);
    hooks = gvir_sandbox_config_class_get_hooks(GVIR_SANDBOX_CONFIG_GET_CLASS(config));
    if (hooks->save)
        hooks->save(config, file);
    return gvir_sandbox_keyfile_to_data(file, error);
}

/**
 * gvir_sandbox_config_save_to_path:
 * @config: the description
 * @path: the file to write
 * @error: return location for an error, or %NULL
 *
 * Writes the description to a file that only its owner can read. The file has the old content or the new
 * one at every moment.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if something in the description could not be read again, and
 * to %GVIR_SANDBOX_ERROR_DENIED, %GVIR_SANDBOX_ERROR_NOT_FOUND or %GVIR_SANDBOX_ERROR_FAILED if the file
 * cannot be written.
 *
 * Returns: %TRUE if it was written
 */
gboolean
gvir_sandbox_config_save_to_path(GVirSandboxConfig *config, const gchar *path, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autofree gchar *data = NULL;

    g_return_val_if_fail(path != NULL, FALSE);

    data = gvir_sandbox_config_save_to_data(config, error);
    return data && gvir_sandbox_file_replace(path, data, strlen(data), error);
}

/**
 * gvir_sandbox_config_get_not_understood:
 * @config: the description
 *
 * Gets what was passed over in the file that the description was read from, as a later version wrote it: texts
 * "[GROUP]" or "[GROUP] KEY".
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1): the texts, or %NULL if all was understood
 *
 * Since: 0.9.0
 */
const gchar *const *
gvir_sandbox_config_get_not_understood(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return (const gchar *const *)gvir_sandbox_config_get_private(config)->not_understood;
}
