/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"

/* The paths that are hidden from the program. */

/**
 * gvir_sandbox_config_add_hidden:
 * @config: the description
 * @path: (type filename): an absolute path in the sandbox
 * @error: return location for an error, or %NULL
 *
 * Hides what is at @path from the program: a directory is empty, and a file cannot be read. It is no
 * mistake if there is nothing.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if it is no absolute path, or /.
 *
 * Returns: %TRUE if it was added
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_add_hidden(GVirSandboxConfig *config, const gchar *path, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    GVirSandboxConfigPrivate *priv;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);
    g_return_val_if_fail(path != NULL, FALSE);

    if (!gvir_sandbox_settings_check_hidden(path, error))
        return FALSE;
    priv = gvir_sandbox_config_get_private(config);
    if (!g_ptr_array_find_with_equal_func(priv->hidden, path, g_str_equal, NULL))
        g_ptr_array_add(priv->hidden, g_strdup(path));
    return TRUE;
}

/**
 * gvir_sandbox_config_add_hidden_strv:
 * @config: the description
 * @paths: (array zero-terminated=1) (element-type filename): absolute paths in the sandbox
 * @error: return location for an error, or %NULL
 *
 * Hides paths as gvir_sandbox_config_add_hidden() does.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if one is no absolute path, or /; those before it were added.
 *
 * Returns: %TRUE if all were added
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_add_hidden_strv(GVirSandboxConfig *config, gchar **paths, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    for (gsize i = 0; paths && paths[i]; i++) {
        if (!gvir_sandbox_config_add_hidden(config, paths[i], error))
            return FALSE;
    }
    return TRUE;
}

/**
 * gvir_sandbox_config_get_hidden:
 * @config: the description
 *
 * Gets the paths that are hidden from the program.
 *
 * Returns: (transfer full) (array zero-terminated=1) (element-type filename): a new array, which may be empty
 *
 * Since: 0.9.0
 */
gchar **
gvir_sandbox_config_get_hidden(GVirSandboxConfig *config)
{
    g_autoptr(GStrvBuilder) paths = g_strv_builder_new();
    GPtrArray *hidden;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    hidden = gvir_sandbox_config_get_private(config)->hidden;
    for (guint i = 0; i < hidden->len; i++)
        g_strv_builder_add(paths, hidden->pdata[i]);
    return g_strv_builder_end(paths);
}

/**
 * gvir_sandbox_config_has_hidden:
 * @config: the description
 *
 * Gets whether there are paths that are hidden from the program.
 *
 * Returns: %TRUE if there are
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_has_hidden(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_config_get_private(config)->hidden->len > 0;
}
