/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/settings-private.h"

#include "libvirt-sandbox/util/text-private.h"

/* The settings of a description that are texts. */

static void
set_string(GVirSandboxConfig *config, gchar **field, const gchar *value, guint property)
{
    if (gvir_sandbox_text_replace(field, value))
        g_object_notify_by_pspec(G_OBJECT(config), gvir_sandbox_config_properties[property]);
}

/**
 * gvir_sandbox_config_set_name:
 * @config: the description
 * @name: the name of the domain
 *
 * Changes the name of a description, as of one that was loaded.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_name(GVirSandboxConfig *config, const gchar *name)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));
    g_return_if_fail(name != NULL);

    gvir_sandbox_config_get_private(config)->name_asked = TRUE;
    set_string(config, &gvir_sandbox_config_get_private(config)->name, name, PROP_NAME);
}

/**
 * gvir_sandbox_config_get_name:
 * @config: the description
 *
 * Gets the name of the domain.
 *
 * Returns: (transfer none): the name
 */
const gchar *
gvir_sandbox_config_get_name(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_config_get_private(config)->name;
}

/**
 * gvir_sandbox_config_set_uuid:
 * @config: the description
 * @uuid: (nullable): a UUID, or %NULL for one that libvirt chooses
 *
 * Sets the UUID of the domain.
 */
void
gvir_sandbox_config_set_uuid(GVirSandboxConfig *config, const gchar *uuid)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    set_string(config, &gvir_sandbox_config_get_private(config)->uuid, uuid, PROP_UUID);
}

/**
 * gvir_sandbox_config_get_uuid:
 * @config: the description
 *
 * Gets the UUID of the domain.
 *
 * Returns: (transfer none) (nullable): a UUID, or %NULL for one that libvirt chooses
 */
const gchar *
gvir_sandbox_config_get_uuid(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_config_get_private(config)->uuid;
}

/**
 * gvir_sandbox_config_set_root:
 * @config: the description
 * @hostdir: (nullable): absolute path of a directory on the host; %NULL stands for /
 *
 * Sets the host directory that is the root of the sandbox.
 */
void
gvir_sandbox_config_set_root(GVirSandboxConfig *config, const gchar *hostdir)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    set_string(config, &gvir_sandbox_config_get_private(config)->root, hostdir ? hostdir : "/", PROP_ROOT);
}

/**
 * gvir_sandbox_config_get_root:
 * @config: the description
 *
 * Gets the host directory that is the root of the sandbox.
 *
 * Returns: (transfer none): absolute path of a directory on the host
 */
const gchar *
gvir_sandbox_config_get_root(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_config_get_private(config)->root;
}

/**
 * gvir_sandbox_config_set_arch:
 * @config: the description
 * @arch: (nullable): an architecture as uname -m prints it; %NULL stands for the host's
 *
 * Sets the architecture of the machine.
 */
void
gvir_sandbox_config_set_arch(GVirSandboxConfig *config, const gchar *arch)
{
    g_autofree gchar *host = NULL;

    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_config_get_private(config)->arch_asked = arch != NULL;
    if (!arch)
        host = gvir_sandbox_config_host_arch();
    set_string(config, &gvir_sandbox_config_get_private(config)->arch, arch ? arch : host, PROP_ARCH);
}

/**
 * gvir_sandbox_config_get_arch:
 * @config: the description
 *
 * Gets the architecture of the machine.
 *
 * Returns: (transfer none): an architecture as uname -m prints it
 */
const gchar *
gvir_sandbox_config_get_arch(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_config_get_private(config)->arch;
}

/**
 * gvir_sandbox_config_set_kernrelease:
 * @config: the description
 * @kernrelease: (nullable): a release as uname -r prints it, or %NULL for the best one
 *
 * Sets the release of the kernel that a machine boots.
 */
void
gvir_sandbox_config_set_kernrelease(GVirSandboxConfig *config, const gchar *kernrelease)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    set_string(config, &gvir_sandbox_config_get_private(config)->kernrelease, kernrelease, PROP_KERNRELEASE);
}

/**
 * gvir_sandbox_config_get_kernrelease:
 * @config: the description
 *
 * Gets the release of the kernel that a machine boots.
 *
 * Returns: (transfer none) (nullable): a release as uname -r prints it, or %NULL for the best one
 */
const gchar *
gvir_sandbox_config_get_kernrelease(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_config_get_private(config)->kernrelease;
}

/**
 * gvir_sandbox_config_set_kernpath:
 * @config: the description
 * @kernpath: (nullable): absolute path of a file on the host, or %NULL for the best one
 *
 * Sets the kernel file that a machine boots.
 */
void
gvir_sandbox_config_set_kernpath(GVirSandboxConfig *config, const gchar *kernpath)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    set_string(config, &gvir_sandbox_config_get_private(config)->kernpath, kernpath, PROP_KERNPATH);
}

/**
 * gvir_sandbox_config_get_kernpath:
 * @config: the description
 *
 * Gets the kernel file that a machine boots.
 *
 * Returns: (transfer none) (nullable): absolute path of a file on the host, or %NULL for the best one
 */
const gchar *
gvir_sandbox_config_get_kernpath(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_config_get_private(config)->kernpath;
}

/**
 * gvir_sandbox_config_set_kmodpath:
 * @config: the description
 * @kmodpath: (nullable): absolute path of a directory on the host, or %NULL for the usual one
 *
 * Sets the directory that has the modules of the kernel.
 */
void
gvir_sandbox_config_set_kmodpath(GVirSandboxConfig *config, const gchar *kmodpath)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    set_string(config, &gvir_sandbox_config_get_private(config)->kmodpath, kmodpath, PROP_KMODPATH);
}

/**
 * gvir_sandbox_config_get_kmodpath:
 * @config: the description
 *
 * Gets the directory that has the modules of the kernel.
 *
 * Returns: (transfer none) (nullable): absolute path of a directory on the host, or %NULL for the usual one
 */
const gchar *
gvir_sandbox_config_get_kmodpath(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_config_get_private(config)->kmodpath;
}

/**
 * gvir_sandbox_config_set_workdir:
 * @config: the description
 * @workdir: (nullable): absolute path in the sandbox, or %NULL for the home directory or /
 *
 * Sets the working directory of the program.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_workdir(GVirSandboxConfig *config, const gchar *workdir)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    set_string(config, &gvir_sandbox_config_get_private(config)->workdir, workdir, PROP_WORKDIR);
}

/**
 * gvir_sandbox_config_get_workdir:
 * @config: the description
 *
 * Gets the working directory of the program.
 *
 * Returns: (transfer none) (nullable): absolute path in the sandbox, or %NULL for the home directory or /
 *
 * Since: 0.9.0
 */
const gchar *
gvir_sandbox_config_get_workdir(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_config_get_private(config)->workdir;
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

    gvir_sandbox_config_get_private(config)->identity_asked = TRUE;
    set_string(config, &gvir_sandbox_config_get_private(config)->username, username, PROP_USERNAME);
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

    gvir_sandbox_config_get_private(config)->identity_asked = TRUE;
    set_string(config, &gvir_sandbox_config_get_private(config)->homedir, homedir, PROP_HOMEDIR);
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
 * gvir_sandbox_config_set_security_label:
 * @config: the description
 * @label: (nullable): a label, or %NULL for none of its own
 *
 * Sets the security label of the sandbox.
 */
void
gvir_sandbox_config_set_security_label(GVirSandboxConfig *config, const gchar *label)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    set_string(config, &gvir_sandbox_config_get_private(config)->security_label, label, PROP_SECURITY_LABEL);
}

/**
 * gvir_sandbox_config_get_security_label:
 * @config: the description
 *
 * Gets the security label of the sandbox.
 *
 * Returns: (transfer none) (nullable): a label, or %NULL for none of its own
 */
const gchar *
gvir_sandbox_config_get_security_label(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_config_get_private(config)->security_label;
}
