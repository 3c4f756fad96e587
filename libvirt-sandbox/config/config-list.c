/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config-check-private.h"
#include "libvirt-sandbox/config/config-private.h"
#include "libvirt-sandbox/config/format/option-text-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/config/mounts/mount-type-private.h"
#include "libvirt-sandbox/config/network/network-option-private.h"
#include "libvirt-sandbox/config/network/network-private.h"
#include "libvirt-sandbox/config/storage/disk-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/list-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <string.h>

/* What a description has any number of: mounts, disks, networks, environment variables. */

typedef gboolean (*AddText)(GVirSandboxConfig *config, const gchar *text, GError **error);

static gboolean
add_strv(GVirSandboxConfig *config, gchar **texts, AddText add, GError **error)
{
    for (gsize i = 0; texts && texts[i]; i++) {
        if (!add(config, texts[i], error))
            return FALSE;
    }
    return TRUE;
}

/**
 * gvir_sandbox_config_add_disk:
 * @config: the description
 * @disk: the disk
 *
 * Adds a disk.
 */
void
gvir_sandbox_config_add_disk(GVirSandboxConfig *config, GVirSandboxConfigDisk *disk)
{
    GVirSandboxConfigPrivate *priv;

    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_DISK(disk));

    priv = gvir_sandbox_config_get_private(config);
    g_ptr_array_add(priv->disks, g_object_ref(disk));
    if (gvir_sandbox_config_disk_get_tag(disk))
        g_hash_table_add(priv->tags, g_strdup(gvir_sandbox_config_disk_get_tag(disk)));
}

/**
 * gvir_sandbox_config_add_disk_opts:
 * @config: the description
 * @disk: a text TYPE:TAG=SOURCE[,format=FORMAT]
 * @error: return location for an error, or %NULL
 *
 * Adds the disk that a text says.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if it is none or there is a disk of that tag already.
 *
 * Returns: %TRUE if it was added
 */
gboolean
gvir_sandbox_config_add_disk_opts(GVirSandboxConfig *config, const gchar *disk, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autoptr(GVirSandboxConfigDisk) parsed = NULL;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);
    g_return_val_if_fail(disk != NULL, FALSE);

    parsed = gvir_sandbox_config_disk_parse(disk, error);
    if (!parsed || !gvir_sandbox_config_check_new_tag(config, gvir_sandbox_config_disk_get_tag(parsed), error))
        return gvir_sandbox_option_prefix(error, "disk", disk);
    gvir_sandbox_config_add_disk(config, parsed);
    return TRUE;
}

/**
 * gvir_sandbox_config_add_disk_strv:
 * @config: the description
 * @disks: (array zero-terminated=1): texts TYPE:TAG=SOURCE[,format=FORMAT]
 * @error: return location for an error, or %NULL
 *
 * Adds what each text says, as gvir_sandbox_config_add_disk_opts() does.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if a text is wrong.
 *
 * Returns: %TRUE if all were added
 */
gboolean
gvir_sandbox_config_add_disk_strv(GVirSandboxConfig *config, gchar **disks, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return add_strv(config, disks, gvir_sandbox_config_add_disk_opts, error);
}

/**
 * gvir_sandbox_config_get_disks:
 * @config: the description
 *
 * Gets the disks, in the order in which they were added.
 *
 * Returns: (transfer full) (element-type GVirSandboxConfigDisk): a new list
 */
GList *
gvir_sandbox_config_get_disks(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_list_from_array(gvir_sandbox_config_get_private(config)->disks);
}

/**
 * gvir_sandbox_config_has_disks:
 * @config: the description
 *
 * Gets whether there are disks.
 *
 * Returns: %TRUE if there is one at least
 */
gboolean
gvir_sandbox_config_has_disks(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_config_get_private(config)->disks->len > 0;
}

/**
 * gvir_sandbox_config_add_network:
 * @config: the description
 * @network: the network
 *
 * Adds a network.
 */
void
gvir_sandbox_config_add_network(GVirSandboxConfig *config, GVirSandboxConfigNetwork *network)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK(network));

    g_ptr_array_add(gvir_sandbox_config_get_private(config)->networks, g_object_ref(network));
}

/**
 * gvir_sandbox_config_add_network_opts:
 * @config: the description
 * @network: a text with the options of a network
 * @error: return location for an error, or %NULL
 *
 * Adds the network that a text says.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if it is none.
 *
 * Returns: %TRUE if it was added
 */
gboolean
gvir_sandbox_config_add_network_opts(GVirSandboxConfig *config, const gchar *network, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autoptr(GVirSandboxConfigNetwork) parsed = NULL;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);
    g_return_val_if_fail(network != NULL, FALSE);

    parsed = gvir_sandbox_config_network_parse(network, error);
    if (!parsed)
        return gvir_sandbox_option_prefix(error, "network", network);
    gvir_sandbox_config_add_network(config, parsed);
    return TRUE;
}

/**
 * gvir_sandbox_config_add_network_strv:
 * @config: the description
 * @networks: (array zero-terminated=1): texts with the options of a network
 * @error: return location for an error, or %NULL
 *
 * Adds what each text says, as gvir_sandbox_config_add_network_opts() does.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if a text is wrong.
 *
 * Returns: %TRUE if all were added
 */
gboolean
gvir_sandbox_config_add_network_strv(GVirSandboxConfig *config, gchar **networks, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return add_strv(config, networks, gvir_sandbox_config_add_network_opts, error);
}

/**
 * gvir_sandbox_config_get_networks:
 * @config: the description
 *
 * Gets the networks, in the order in which they were added.
 *
 * Returns: (transfer full) (element-type GVirSandboxConfigNetwork): a new list
 */
GList *
gvir_sandbox_config_get_networks(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_list_from_array(gvir_sandbox_config_get_private(config)->networks);
}

/**
 * gvir_sandbox_config_has_networks:
 * @config: the description
 *
 * Gets whether there are networks.
 *
 * Returns: %TRUE if there is one at least
 */
gboolean
gvir_sandbox_config_has_networks(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_config_get_private(config)->networks->len > 0;
}

/**
 * gvir_sandbox_config_add_mount:
 * @config: the description
 * @mount: the mount
 *
 * Adds a mount. It covers a mount on the same target that was added before.
 */
void
gvir_sandbox_config_add_mount(GVirSandboxConfig *config, GVirSandboxConfigMount *mount)
{
    GVirSandboxConfigPrivate *priv;
    g_autofree gchar *canonical = NULL;

    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_MOUNT(mount));

    priv = gvir_sandbox_config_get_private(config);
    g_ptr_array_add(priv->mounts, g_object_ref(mount));
    if (!gvir_sandbox_config_mount_get_target(mount))
        return;
    canonical = gvir_sandbox_value_canonical_path(gvir_sandbox_config_mount_get_target(mount));
    g_hash_table_replace(priv->targets, g_steal_pointer(&canonical), mount);
}

/**
 * gvir_sandbox_config_add_mount_opts:
 * @config: the description
 * @mount: a text TYPE:TARGET=SOURCE[,OPTION...]
 * @error: return location for an error, or %NULL
 *
 * Adds the mount that a text says.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if it is none.
 *
 * Returns: %TRUE if it was added
 */
gboolean
gvir_sandbox_config_add_mount_opts(GVirSandboxConfig *config, const gchar *mount, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autoptr(GVirSandboxConfigMount) parsed = NULL;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);
    g_return_val_if_fail(mount != NULL, FALSE);

    parsed = gvir_sandbox_config_mount_parse(mount, error);
    if (!parsed)
        return gvir_sandbox_option_prefix(error, "mount", mount);
    gvir_sandbox_config_add_mount(config, parsed);
    return TRUE;
}

/**
 * gvir_sandbox_config_add_mount_strv:
 * @config: the description
 * @mounts: (array zero-terminated=1): texts TYPE:TARGET=SOURCE[,OPTION...]
 * @error: return location for an error, or %NULL
 *
 * Adds what each text says, as gvir_sandbox_config_add_mount_opts() does.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if a text is wrong.
 *
 * Returns: %TRUE if all were added
 */
gboolean
gvir_sandbox_config_add_mount_strv(GVirSandboxConfig *config, gchar **mounts, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return add_strv(config, mounts, gvir_sandbox_config_add_mount_opts, error);
}

/**
 * gvir_sandbox_config_get_mounts:
 * @config: the description
 *
 * Gets the mounts, in the order in which they were added.
 *
 * Returns: (transfer full) (element-type GVirSandboxConfigMount): a new list
 */
GList *
gvir_sandbox_config_get_mounts(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_list_from_array(gvir_sandbox_config_get_private(config)->mounts);
}

/**
 * gvir_sandbox_config_has_mounts:
 * @config: the description
 *
 * Gets whether there are mounts.
 *
 * Returns: %TRUE if there is one at least
 */
gboolean
gvir_sandbox_config_has_mounts(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_config_get_private(config)->mounts->len > 0;
}

/**
 * gvir_sandbox_config_get_mounts_with_type:
 * @config: the description
 * @type: a class of mounts
 *
 * Gets the mounts of one class, in the order in which they were added.
 *
 * Returns: (transfer full) (element-type GVirSandboxConfigMount): a new list
 */
GList *
gvir_sandbox_config_get_mounts_with_type(GVirSandboxConfig *config, GType type)
{
    GPtrArray *mounts;
    GList *list = NULL;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    mounts = gvir_sandbox_config_get_private(config)->mounts;
    for (guint i = mounts->len; i > 0; i--) {
        if (g_type_is_a(G_OBJECT_TYPE(mounts->pdata[i - 1]), type))
            list = g_list_prepend(list, g_object_ref(mounts->pdata[i - 1]));
    }
    return list;
}

/**
 * gvir_sandbox_config_has_mounts_with_type:
 * @config: the description
 * @type: a class of mounts
 *
 * Gets whether there are mounts of one class.
 *
 * Returns: %TRUE if there is one at least
 */
gboolean
gvir_sandbox_config_has_mounts_with_type(GVirSandboxConfig *config, GType type)
{
    GPtrArray *mounts;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    mounts = gvir_sandbox_config_get_private(config)->mounts;
    for (guint i = 0; i < mounts->len; i++) {
        if (g_type_is_a(G_OBJECT_TYPE(mounts->pdata[i]), type))
            return TRUE;
    }
    return FALSE;
}

static GVirSandboxConfigMount *
peek_mount(GVirSandboxConfig *config, const gchar *target)
{
    g_autofree gchar *canonical = gvir_sandbox_value_canonical_path(target);

    return g_hash_table_lookup(gvir_sandbox_config_get_private(config)->targets, canonical);
}

/**
 * gvir_sandbox_config_has_root_mount:
 * @config: the description
 *
 * Gets whether one of the mounts is the root itself.
 *
 * Returns: %TRUE if one is
 */
gboolean
gvir_sandbox_config_has_root_mount(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return peek_mount(config, "/") != NULL;
}

/**
 * gvir_sandbox_config_find_mount:
 * @config: the description
 * @target: a path in the sandbox
 *
 * Finds the mount on exactly this path; of several, the last one, which covers the others.
 *
 * Returns: (transfer full) (nullable): the mount, or %NULL if there is none
 */
GVirSandboxConfigMount *
gvir_sandbox_config_find_mount(GVirSandboxConfig *config, const gchar *target)
{
    GVirSandboxConfigMount *mount;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);
    g_return_val_if_fail(target != NULL, NULL);

    mount = peek_mount(config, target);
    return mount ? g_object_ref(mount) : NULL;
}

/**
 * gvir_sandbox_config_add_env:
 * @config: the description
 * @key: the name of the variable
 * @value: its value
 *
 * Sets an environment variable of the program.
 */
void
gvir_sandbox_config_add_env(GVirSandboxConfig *config, const gchar *key, const gchar *value)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));
    g_return_if_fail(key != NULL && value != NULL);

    gvir_sandbox_string_map_set(gvir_sandbox_config_get_private(config)->envs, key, value);
}

/**
 * gvir_sandbox_config_add_env_opts:
 * @config: the description
 * @env: a text KEY=VALUE, or KEY alone
 * @error: return location for an error, or %NULL
 *
 * Sets an environment variable of the program. KEY alone passes on the value that the caller has, and
 * nothing if the caller has none.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if there is no name.
 *
 * Returns: %TRUE if the text was right
 */
gboolean
gvir_sandbox_config_add_env_opts(GVirSandboxConfig *config, const gchar *env, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autofree gchar *key = NULL;
    const gchar *equals;
    const gchar *value;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);
    g_return_val_if_fail(env != NULL, FALSE);

    equals = strchr(env, '=');
    key = equals ? g_strndup(env, equals - env) : g_strdup(env);
    if (!gvir_sandbox_config_check_env(key, error))
        return gvir_sandbox_option_prefix(error, "env", env);
    value = equals ? equals + 1 : g_getenv(key);
    if (value)
        gvir_sandbox_config_add_env(config, key, value);
    return TRUE;
}

/**
 * gvir_sandbox_config_add_env_strv:
 * @config: the description
 * @envs: (array zero-terminated=1): texts KEY=VALUE, or KEY alone
 * @error: return location for an error, or %NULL
 *
 * Sets environment variables as gvir_sandbox_config_add_env_opts() does.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if a text has no name.
 *
 * Returns: %TRUE if all were right
 */
gboolean
gvir_sandbox_config_add_env_strv(GVirSandboxConfig *config, gchar **envs, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    return add_strv(config, envs, gvir_sandbox_config_add_env_opts, error);
}

/**
 * gvir_sandbox_config_get_envs:
 * @config: the description
 *
 * Gets the environment variables.
 *
 * Returns: (transfer container) (element-type utf8 utf8): a new table
 */
GHashTable *
gvir_sandbox_config_get_envs(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_string_map_copy_table(gvir_sandbox_config_get_private(config)->envs);
}

/**
 * gvir_sandbox_config_has_envs:
 * @config: the description
 *
 * Gets whether there are environment variables.
 *
 * Returns: %TRUE if there is one at least
 */
gboolean
gvir_sandbox_config_has_envs(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_string_map_get_size(gvir_sandbox_config_get_private(config)->envs) > 0;
}
