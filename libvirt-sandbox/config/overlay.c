/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config-private.h"

/* The root that can be written to, and what becomes of what was written. */

/**
 * gvir_sandbox_config_set_overlay:
 * @config: the description
 * @overlay: %TRUE if it can
 *
 * Sets whether the program sees a root that it can write to. What it writes there is gone at the end, and
 * the host's files stay as they are.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_overlay(GVirSandboxConfig *config, gboolean overlay)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_boolean(config, &gvir_sandbox_config_get_private(config)->overlay, overlay);
}

/**
 * gvir_sandbox_config_get_overlay:
 * @config: the description
 *
 * Gets whether the program sees a root that it can write to.
 *
 * Returns: %TRUE if it can
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_get_overlay(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_config_get_private(config)->overlay;
}

/**
 * gvir_sandbox_config_set_overlay_dir:
 * @config: the description
 * @hostdir: (nullable) (type filename): absolute path of a directory on the host, or %NULL for memory
 *
 * Sets the host directory in which an overlay keeps what is written, instead of in memory. It is removed
 * from there at the end all the same. While a sandbox has the directory, starting another with it sets
 * %GVIR_SANDBOX_ERROR_BUSY; a service cannot have one.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_overlay_dir(GVirSandboxConfig *config, const gchar *hostdir)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_text(config, &gvir_sandbox_config_get_private(config)->overlay_dir, hostdir);
}

/**
 * gvir_sandbox_config_get_overlay_dir:
 * @config: the description
 *
 * Gets the host directory in which an overlay keeps what is written.
 *
 * Returns: (transfer none) (nullable) (type filename): absolute path of a directory on the host, or %NULL
 *   for memory
 *
 * Since: 0.9.0
 */
const gchar *
gvir_sandbox_config_get_overlay_dir(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_config_get_private(config)->overlay_dir;
}

/**
 * gvir_sandbox_config_set_changes:
 * @config: the description
 * @path: (nullable) (type filename): absolute path of a file on the host, "-", or %NULL
 *
 * Sets the file that gets what the program changed in an overlay, as a layer of an OCI image. It appears
 * when all is written, or not at all, in the directory that its path leads to when the sandbox is started;
 * there may be a file, but no symbolic link. With "-" there is no file, and #GVirSandboxConsoleRpc::changed
 * tells of each change.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_changes(GVirSandboxConfig *config, const gchar *path)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_text(config, &gvir_sandbox_config_get_private(config)->changes, path);
}

/**
 * gvir_sandbox_config_get_changes:
 * @config: the description
 *
 * Gets the file that gets what the program changed in an overlay.
 *
 * Returns: (transfer none) (nullable) (type filename): absolute path of a file on the host, "-", or %NULL
 *
 * Since: 0.9.0
 */
const gchar *
gvir_sandbox_config_get_changes(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_config_get_private(config)->changes;
}
