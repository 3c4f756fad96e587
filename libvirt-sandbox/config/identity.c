/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config-private.h"

/* Whom the program runs as. The properties are called "uid" and "gid", as the system calls call them. */

/**
 * gvir_sandbox_config_set_userid:
 * @config: the description
 * @uid: the user id
 *
 * Sets the user id that the program runs with.
 */
void
gvir_sandbox_config_set_userid(GVirSandboxConfig *config, guint uid)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_uint(config, &gvir_sandbox_config_get_private(config)->uid, uid);
}

/**
 * gvir_sandbox_config_get_userid:
 * @config: the description
 *
 * Gets the user id that the program runs with.
 *
 * Returns: the user id
 */
guint
gvir_sandbox_config_get_userid(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), 0);

    return gvir_sandbox_config_get_private(config)->uid;
}

/**
 * gvir_sandbox_config_set_groupid:
 * @config: the description
 * @gid: the group id
 *
 * Sets the group id that the program runs with.
 */
void
gvir_sandbox_config_set_groupid(GVirSandboxConfig *config, guint gid)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_uint(config, &gvir_sandbox_config_get_private(config)->gid, gid);
}

/**
 * gvir_sandbox_config_get_groupid:
 * @config: the description
 *
 * Gets the group id that the program runs with.
 *
 * Returns: the group id
 */
guint
gvir_sandbox_config_get_groupid(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), 0);

    return gvir_sandbox_config_get_private(config)->gid;
}

/**
 * gvir_sandbox_config_set_username:
 * @config: the description
 * @username: (nullable): a user name
 *
 * Sets the name of the user that the program runs as.
 */
void
gvir_sandbox_config_set_username(GVirSandboxConfig *config, const gchar *username)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_text(config, &gvir_sandbox_config_get_private(config)->username, username);
}

/**
 * gvir_sandbox_config_get_username:
 * @config: the description
 *
 * Gets the name of the user that the program runs as.
 *
 * Returns: (transfer none) (nullable): a user name
 */
const gchar *
gvir_sandbox_config_get_username(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_config_get_private(config)->username;
}

/**
 * gvir_sandbox_config_set_homedir:
 * @config: the description
 * @homedir: (nullable): absolute path in the sandbox
 *
 * Sets the home directory of the program.
 */
void
gvir_sandbox_config_set_homedir(GVirSandboxConfig *config, const gchar *homedir)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_text(config, &gvir_sandbox_config_get_private(config)->homedir, homedir);
}

/**
 * gvir_sandbox_config_get_homedir:
 * @config: the description
 *
 * Gets the home directory of the program.
 *
 * Returns: (transfer none) (nullable): absolute path in the sandbox
 */
const gchar *
gvir_sandbox_config_get_homedir(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_config_get_private(config)->homedir;
}

/**
 * gvir_sandbox_config_set_privileged:
 * @config: the description
 * @privileged: %TRUE if it is
 *
 * Sets whether the program is root with its capabilities. Without this call it is where its user was set to 0 and its
 * user name to root.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_privileged(GVirSandboxConfig *config, gboolean privileged)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_boolean(config, &gvir_sandbox_config_get_private(config)->privileged, privileged);
}

/**
 * gvir_sandbox_config_get_privileged:
 * @config: the description
 *
 * Gets whether the program is root with its capabilities.
 *
 * Returns: %TRUE if it is
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_get_privileged(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_config_get_private(config)->privileged;
}
