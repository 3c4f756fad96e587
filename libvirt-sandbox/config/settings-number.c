/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/settings-private.h"

/* The settings of a description that are numbers or yes and no. */

static void
set_boolean(GVirSandboxConfig *config, gboolean *field, gboolean value, guint property)
{
    value = !!value;
    if (*field == value)
        return;
    *field = value;
    g_object_notify_by_pspec(G_OBJECT(config), gvir_sandbox_config_properties[property]);
}

static void
set_uint(GVirSandboxConfig *config, guint *field, guint value, guint property)
{
    if (*field == value)
        return;
    *field = value;
    g_object_notify_by_pspec(G_OBJECT(config), gvir_sandbox_config_properties[property]);
}

/**
 * gvir_sandbox_config_set_shell:
 * @config: the description
 * @shell: %TRUE if there is
 *
 * Sets whether there is a shell, with the rights of the program, on a second console.
 */
void
gvir_sandbox_config_set_shell(GVirSandboxConfig *config, gboolean shell)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    set_boolean(config, &gvir_sandbox_config_get_private(config)->shell, shell, PROP_SHELL);
}

/**
 * gvir_sandbox_config_get_shell:
 * @config: the description
 *
 * Gets whether there is a shell, with the rights of the program, on a second console.
 *
 * Returns: %TRUE if there is
 */
gboolean
gvir_sandbox_config_get_shell(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_config_get_private(config)->shell;
}

/**
 * gvir_sandbox_config_set_debug:
 * @config: the description
 * @debug: %TRUE if they are
 *
 * Sets whether the messages of the kernel and of init are shown.
 */
void
gvir_sandbox_config_set_debug(GVirSandboxConfig *config, gboolean debug)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    set_boolean(config, &gvir_sandbox_config_get_private(config)->debug, debug, PROP_DEBUG);
}

/**
 * gvir_sandbox_config_get_debug:
 * @config: the description
 *
 * Gets whether the messages of the kernel and of init are shown.
 *
 * Returns: %TRUE if they are
 */
gboolean
gvir_sandbox_config_get_debug(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_config_get_private(config)->debug;
}

/**
 * gvir_sandbox_config_set_verbose:
 * @config: the description
 * @verbose: %TRUE if it is
 *
 * Sets whether it is said what is done.
 */
void
gvir_sandbox_config_set_verbose(GVirSandboxConfig *config, gboolean verbose)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    set_boolean(config, &gvir_sandbox_config_get_private(config)->verbose, verbose, PROP_VERBOSE);
}

/**
 * gvir_sandbox_config_get_verbose:
 * @config: the description
 *
 * Gets whether it is said what is done.
 *
 * Returns: %TRUE if it is
 */
gboolean
gvir_sandbox_config_get_verbose(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_config_get_private(config)->verbose;
}

/**
 * gvir_sandbox_config_set_workdir_optional:
 * @config: the description
 * @optional: %TRUE if it can do without
 *
 * Sets whether the program starts in its home directory, or in /, where it cannot enter the working directory
 * that gvir_sandbox_config_set_workdir() sets. The default is that it is not started then.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_workdir_optional(GVirSandboxConfig *config, gboolean optional)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    set_boolean(config, &gvir_sandbox_config_get_private(config)->workdir_optional, optional, PROP_WORKDIR_OPTIONAL);
}

/**
 * gvir_sandbox_config_get_workdir_optional:
 * @config: the description
 *
 * Gets whether the program starts elsewhere where it cannot enter the working directory.
 *
 * Returns: %TRUE if it does
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_get_workdir_optional(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_config_get_private(config)->workdir_optional;
}

/**
 * gvir_sandbox_config_set_timeout:
 * @config: the description
 * @timeout: milliseconds, or 0 for no limit
 *
 * Sets after what time the program is to be ended. The library keeps the number with the description; it is
 * whoever runs the sandbox that ends the program, as virt-sandbox does.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_timeout(GVirSandboxConfig *config, guint64 timeout)
{
    GVirSandboxConfigPrivate *priv;

    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    priv = gvir_sandbox_config_get_private(config);
    if (priv->timeout == timeout)
        return;
    priv->timeout = timeout;
    g_object_notify_by_pspec(G_OBJECT(config), gvir_sandbox_config_properties[PROP_TIMEOUT]);
}

/**
 * gvir_sandbox_config_get_timeout:
 * @config: the description
 *
 * Gets after what time the program is to be ended.
 *
 * Returns: milliseconds, or 0 for no limit
 *
 * Since: 0.9.0
 */
guint64
gvir_sandbox_config_get_timeout(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), 0);

    return gvir_sandbox_config_get_private(config)->timeout;
}

/**
 * gvir_sandbox_config_set_privileged:
 * @config: the description
 * @privileged: %TRUE if it is
 *
 * Sets whether the program is root with its capabilities.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_privileged(GVirSandboxConfig *config, gboolean privileged)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_config_get_private(config)->identity_asked = TRUE;
    set_boolean(config, &gvir_sandbox_config_get_private(config)->privileged, privileged, PROP_PRIVILEGED);
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

/**
 * gvir_sandbox_config_set_security_dynamic:
 * @config: the description
 * @dynamic: %TRUE if it does
 *
 * Sets whether libvirt makes a security label for each start.
 */
void
gvir_sandbox_config_set_security_dynamic(GVirSandboxConfig *config, gboolean dynamic)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    set_boolean(config, &gvir_sandbox_config_get_private(config)->security_dynamic, dynamic, PROP_SECURITY_DYNAMIC);
}

/**
 * gvir_sandbox_config_get_security_dynamic:
 * @config: the description
 *
 * Gets whether libvirt makes a security label for each start.
 *
 * Returns: %TRUE if it does
 */
gboolean
gvir_sandbox_config_get_security_dynamic(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_config_get_private(config)->security_dynamic;
}

/**
 * gvir_sandbox_config_set_seccomp:
 * @config: the description
 * @seccomp: %FALSE to do without
 *
 * Sets whether a filter keeps the program of a container from system calls that it can do without. A machine
 * has a kernel of its own, and no such filter: to switch it off there is refused when it is started.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_seccomp(GVirSandboxConfig *config, gboolean seccomp)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    set_boolean(config, &gvir_sandbox_config_get_private(config)->seccomp, seccomp, PROP_SECCOMP);
}

/**
 * gvir_sandbox_config_get_seccomp:
 * @config: the description
 *
 * Gets whether a filter keeps the program of a container from system calls that it can do without.
 *
 * Returns: %TRUE if it does, as it is by default
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_get_seccomp(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), TRUE);

    return gvir_sandbox_config_get_private(config)->seccomp;
}

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

    gvir_sandbox_config_get_private(config)->identity_asked = TRUE;
    set_uint(config, &gvir_sandbox_config_get_private(config)->uid, uid, PROP_UID);
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

    gvir_sandbox_config_get_private(config)->identity_asked = TRUE;
    set_uint(config, &gvir_sandbox_config_get_private(config)->gid, gid, PROP_GID);
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
 * gvir_sandbox_config_set_cpus:
 * @config: the description
 * @cpus: how many, or 0 for the default
 *
 * Sets the number of virtual CPUs.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_cpus(GVirSandboxConfig *config, guint cpus)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    set_uint(config, &gvir_sandbox_config_get_private(config)->cpus, cpus, PROP_CPUS);
}

/**
 * gvir_sandbox_config_get_cpus:
 * @config: the description
 *
 * Gets the number of virtual CPUs.
 *
 * Returns: how many, or 0 for the default
 *
 * Since: 0.9.0
 */
guint
gvir_sandbox_config_get_cpus(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), 0);

    return gvir_sandbox_config_get_private(config)->cpus;
}

/**
 * gvir_sandbox_config_set_memory:
 * @config: the description
 * @memory: how many bytes, or 0 for the default
 *
 * Sets the memory of the sandbox.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_memory(GVirSandboxConfig *config, guint64 memory)
{
    GVirSandboxConfigPrivate *priv;

    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    priv = gvir_sandbox_config_get_private(config);
    if (priv->memory == memory)
        return;
    priv->memory = memory;
    g_object_notify_by_pspec(G_OBJECT(config), gvir_sandbox_config_properties[PROP_MEMORY]);
}

/**
 * gvir_sandbox_config_get_memory:
 * @config: the description
 *
 * Gets the memory of the sandbox.
 *
 * Returns: how many bytes, or 0 for the default
 *
 * Since: 0.9.0
 */
guint64
gvir_sandbox_config_get_memory(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), 0);

    return gvir_sandbox_config_get_private(config)->memory;
}

/**
 * gvir_sandbox_config_set_virt_type:
 * @config: the description
 * @virt_type: hardware, emulation, or what works
 *
 * Sets what runs the instructions of a machine.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_virt_type(GVirSandboxConfig *config, GVirSandboxConfigVirtType virt_type)
{
    GVirSandboxConfigPrivate *priv;

    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    priv = gvir_sandbox_config_get_private(config);
    if (priv->virt_type == virt_type)
        return;
    priv->virt_type = virt_type;
    g_object_notify_by_pspec(G_OBJECT(config), gvir_sandbox_config_properties[PROP_VIRT_TYPE]);
}

/**
 * gvir_sandbox_config_get_virt_type:
 * @config: the description
 *
 * Gets what runs the instructions of a machine.
 *
 * Returns: hardware, emulation, or what works
 *
 * Since: 0.9.0
 */
GVirSandboxConfigVirtType
gvir_sandbox_config_get_virt_type(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO);

    return gvir_sandbox_config_get_private(config)->virt_type;
}
