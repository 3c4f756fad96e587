/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"

#include "libvirt-sandbox/config/format/option-text-private.h"
#include "libvirt-sandbox/config/format/size-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/home-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

/* A home directory of the program's own, and the secrets in the real one. */

#define INCLUDES "home.include"

/* These cannot be empty, and what is below those of the second list neither. */
static const gchar *const of_system[] = {
    "/", "/home", "/media", "/mnt", "/opt", "/run", "/srv", "/tmp", "/var", "/var/tmp", NULL,
};
static const gchar *const trees_of_system[] = {
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/nix", "/proc", "/sbin", "/sys", "/usr", NULL,
};

static gboolean
is_of_system(const gchar *path)
{
    for (guint i = 0; trees_of_system[i]; i++) {
        if (gvir_sandbox_value_path_is_below(path, trees_of_system[i], NULL))
            return TRUE;
    }
    return g_strv_contains(of_system, path);
}

/* Users without a home of their own, of daemons and of continuous integration, get one at the usual place. */
gchar *
gvir_sandbox_config_dup_home(GVirSandboxConfig *config)
{
    GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(config);
    g_autofree gchar *home = gvir_sandbox_value_canonical_path(priv->homedir ? priv->homedir : "/");

    if (priv->private_home && is_of_system(home)) {
        gboolean named = priv->username && *priv->username && *priv->username != '.' && !strchr(priv->username, '/');

        return g_build_filename("/home", named ? priv->username : "user", NULL);
    }
    return g_steal_pointer(&home);
}

GHashTable *
gvir_sandbox_config_get_home_includes(GVirSandboxConfig *config)
{
    return gvir_sandbox_string_map_copy_table(gvir_sandbox_config_get_private(config)->home_includes);
}

/**
 * gvir_sandbox_config_set_private_home:
 * @config: the description
 * @private_home: %TRUE if it has
 *
 * Sets whether the program has a home directory of its own: it is in memory, belongs to the program's user,
 * is gone at the end, and shows nothing of the one that the root has there but what is included in it, what
 * is mounted below it, and, read-only, the programs that a list of the host names (toolchains and the like).
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_private_home(GVirSandboxConfig *config, gboolean private_home)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_boolean(config, &gvir_sandbox_config_get_private(config)->private_home, private_home);
}

/**
 * gvir_sandbox_config_get_private_home:
 * @config: the description
 *
 * Gets whether the program has a home directory of its own.
 *
 * Returns: %TRUE if it has
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_get_private_home(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_config_get_private(config)->private_home;
}

/**
 * gvir_sandbox_config_set_home_size:
 * @config: the description
 * @size: how many bytes it can hold, 0 for the default
 *
 * Sets how large a private home directory can become. By default it is half of a machine's memory, or for a
 * container half of the host's.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_home_size(GVirSandboxConfig *config, guint64 size)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_uint64(config, &gvir_sandbox_config_get_private(config)->home_size, size);
}

/**
 * gvir_sandbox_config_get_home_size:
 * @config: the description
 *
 * Gets how large a private home directory can become.
 *
 * Returns: the number of bytes, 0 for the default
 *
 * Since: 0.9.0
 */
guint64
gvir_sandbox_config_get_home_size(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), 0);

    return gvir_sandbox_config_get_private(config)->home_size;
}

static gboolean
parse_size(const gchar *text, guint64 *bytes, GError **error)
{
    if (!gvir_sandbox_size_parse(text, bytes, error))
        return FALSE;
    /* It stands for the default, which nobody means who writes a size. */
    return *bytes > 0 || gvir_sandbox_text_invalid(error, _("must be more than 0 bytes"));
}

/**
 * gvir_sandbox_config_set_home_opts:
 * @config: the description
 * @optstr: (nullable): a size as people write it: bytes, or a number and one of K M G T, KiB MiB GiB TiB; or
 * %NULL for the default
 * @error: return location for an error, or %NULL
 *
 * Gives the program a home directory of its own, as gvir_sandbox_config_set_private_home() and
 * gvir_sandbox_config_set_home_size() do.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if @optstr is no size, or 0.
 *
 * Returns: %TRUE if it has one
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_set_home_opts(GVirSandboxConfig *config, const gchar *optstr, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    guint64 bytes = 0;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    if (optstr && !parse_size(optstr, &bytes, error))
        return gvir_sandbox_option_prefix(error, "home", optstr);
    gvir_sandbox_config_set_private_home(config, TRUE);
    gvir_sandbox_config_set_home_size(config, bytes);
    return TRUE;
}

/**
 * gvir_sandbox_config_set_hide_secrets:
 * @config: the description
 * @hide: %TRUE if it is
 *
 * Sets whether what lists of the host name is hidden from the program as gvir_sandbox_config_add_hidden()
 * does: keys, passwords and tokens, in the home directories of the program and of the caller, and wherever a
 * mount of the host's directories shows them.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_hide_secrets(GVirSandboxConfig *config, gboolean hide)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_boolean(config, &gvir_sandbox_config_get_private(config)->hide_secrets, hide);
}

/**
 * gvir_sandbox_config_get_hide_secrets:
 * @config: the description
 *
 * Gets whether what is known to hold secrets is hidden from the program.
 *
 * Returns: %TRUE if it is
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_get_hide_secrets(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_config_get_private(config)->hide_secrets;
}

static gboolean
load_include(GVirSandboxConfigPrivate *priv, GVirSandboxKeyfile *file, const gchar *group, GError **error)
{
    g_autofree gchar *source = NULL;
    g_autofree gchar *target = NULL;

    if (!gvir_sandbox_keyfile_require(file, group, "dst", error) ||
        !gvir_sandbox_keyfile_require(file, group, "src", error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "dst", &target, error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "src", &source, error))
        return FALSE;
    if (gvir_sandbox_string_map_contains(priv->home_includes, target)) {
        g_autofree gchar *shown = gvir_sandbox_text_show(target);

        return gvir_sandbox_text_invalid(error, _("[%s] dst: \"%s\" is included twice"), group, shown);
    }
    gvir_sandbox_string_map_set(priv->home_includes, target, source);
    return TRUE;
}

gboolean
gvir_sandbox_config_load_home_includes(GVirSandboxConfigPrivate *priv, GVirSandboxKeyfile *file, GError **error)
{
    for (guint i = 0;; i++) {
        g_autofree gchar *group = gvir_sandbox_keyfile_numbered_group(file, INCLUDES, i);

        if (!group)
            return TRUE;
        if (!load_include(priv, file, group, error))
            return FALSE;
    }
}

void
gvir_sandbox_config_save_home_includes(GVirSandboxConfigPrivate *priv, GKeyFile *file)
{
    for (guint i = 0; i < gvir_sandbox_string_map_get_size(priv->home_includes); i++) {
        g_autofree gchar *group = g_strdup_printf(INCLUDES ".%u", i);
        const gchar *source;
        const gchar *target = gvir_sandbox_string_map_get(priv->home_includes, i, &source);

        g_key_file_set_string(file, group, "dst", target);
        g_key_file_set_string(file, group, "src", source);
    }
}

gboolean
gvir_sandbox_config_check_home_includes(GVirSandboxConfigPrivate *priv, GError **error)
{
    guint count = gvir_sandbox_string_map_get_size(priv->home_includes);

    if (count > 0 && !priv->private_home)
        return gvir_sandbox_text_invalid(error, _("%s: need a private home"), INCLUDES);
    for (guint i = 0; i < count; i++) {
        const gchar *source;
        const gchar *target = gvir_sandbox_string_map_get(priv->home_includes, i, &source);
        g_autofree gchar *rooted = g_strconcat("/", target, NULL);

        if (!gvir_sandbox_value_check_present("include", target, error) ||
            !gvir_sandbox_value_check_guest_path("include", rooted, error) ||
            !gvir_sandbox_value_check_path("include", source, error))
            return FALSE;
    }
    return TRUE;
}
