/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config.h"

#include "libvirt-sandbox/config/config-private.h"

/**
 * GVirSandboxConfig:
 *
 * What a sandbox is to be: pure data, which needs no connection and can be saved and loaded. A new one
 * describes a sandbox with the root of the host, the identity of the caller and nothing else.
 */

G_DEFINE_ABSTRACT_TYPE_WITH_CODE(GVirSandboxConfig, gvir_sandbox_config, G_TYPE_OBJECT,
                                 G_ADD_PRIVATE(GVirSandboxConfig)
                                     g_type_add_class_private(g_define_type_id, sizeof(GVirSandboxConfigHooks)))

GVirSandboxConfigPrivate *
gvir_sandbox_config_get_private(GVirSandboxConfig *config)
{
    return gvir_sandbox_config_get_instance_private(config);
}

GVirSandboxConfigHooks *
gvir_sandbox_config_class_get_hooks(GVirSandboxConfigClass *class)
{
    return G_TYPE_CLASS_GET_PRIVATE(class, GVIR_SANDBOX_TYPE_CONFIG, GVirSandboxConfigHooks);
}

static void
gvir_sandbox_config_finalize(GObject *object)
{
    GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(GVIR_SANDBOX_CONFIG(object));

    gvir_sandbox_settings_clear(priv);
    g_hash_table_unref(priv->targets);
    g_hash_table_unref(priv->tags);
    g_ptr_array_unref(priv->mounts);
    g_ptr_array_unref(priv->disks);
    g_ptr_array_unref(priv->networks);
    gvir_sandbox_string_map_free(priv->envs);
    gvir_sandbox_string_map_free(priv->home_includes);
    g_strfreev(priv->secrets);
    g_strfreev(priv->toolchains);
    g_strfreev(priv->not_understood);

    G_OBJECT_CLASS(gvir_sandbox_config_parent_class)->finalize(object);
}

static void
gvir_sandbox_config_class_init(GVirSandboxConfigClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);

    object_class->get_property = gvir_sandbox_settings_get_property;
    object_class->set_property = gvir_sandbox_settings_set_property;
    object_class->finalize = gvir_sandbox_config_finalize;

    gvir_sandbox_settings_install(object_class);
}

static void
gvir_sandbox_config_init(GVirSandboxConfig *config)
{
    GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(config);

    gvir_sandbox_settings_init(priv);
    priv->mounts = g_ptr_array_new_with_free_func(g_object_unref);
    priv->targets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    priv->disks = g_ptr_array_new_with_free_func(g_object_unref);
    priv->tags = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    priv->networks = g_ptr_array_new_with_free_func(g_object_unref);
    priv->envs = gvir_sandbox_string_map_new();
    priv->home_includes = gvir_sandbox_string_map_new();
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

    gvir_sandbox_settings_set_text(config, &gvir_sandbox_config_get_private(config)->name, name);
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
 * gvir_sandbox_config_set_hostname:
 * @config: the description
 * @hostname: (nullable): a host name as RFC 1123 has it, of at most 64 bytes, or %NULL for the name of the domain
 *
 * Sets the name that the sandbox has for itself: uname() tells it, and /etc/hosts has it.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_hostname(GVirSandboxConfig *config, const gchar *hostname)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_text(config, &gvir_sandbox_config_get_private(config)->hostname, hostname);
}

/**
 * gvir_sandbox_config_get_hostname:
 * @config: the description
 *
 * Gets the name that the sandbox has for itself.
 *
 * Returns: (transfer none) (nullable): a host name, or %NULL for the name of the domain
 *
 * Since: 0.9.0
 */
const gchar *
gvir_sandbox_config_get_hostname(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_config_get_private(config)->hostname;
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

    gvir_sandbox_settings_set_text(config, &gvir_sandbox_config_get_private(config)->uuid, uuid);
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

    gvir_sandbox_settings_set_text(config, &gvir_sandbox_config_get_private(config)->root, hostdir);
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
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_text(config, &gvir_sandbox_config_get_private(config)->arch, arch);
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

    gvir_sandbox_settings_set_text(config, &gvir_sandbox_config_get_private(config)->kernrelease, kernrelease);
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

    gvir_sandbox_settings_set_text(config, &gvir_sandbox_config_get_private(config)->kernpath, kernpath);
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

    gvir_sandbox_settings_set_text(config, &gvir_sandbox_config_get_private(config)->kmodpath, kmodpath);
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

    gvir_sandbox_settings_set_boolean(config, &gvir_sandbox_config_get_private(config)->shell, shell);
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

    gvir_sandbox_settings_set_boolean(config, &gvir_sandbox_config_get_private(config)->debug, debug);
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

    gvir_sandbox_settings_set_boolean(config, &gvir_sandbox_config_get_private(config)->verbose, verbose);
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

    gvir_sandbox_settings_set_uint(config, &gvir_sandbox_config_get_private(config)->cpus, cpus);
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
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_enum(config, &gvir_sandbox_config_get_private(config)->virt_type,
                                   GVIR_SANDBOX_TYPE_CONFIG_VIRT_TYPE, virt_type);
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

    gvir_sandbox_settings_set_text(config, &gvir_sandbox_config_get_private(config)->workdir, workdir);
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

    gvir_sandbox_settings_set_boolean(config, &gvir_sandbox_config_get_private(config)->workdir_optional, optional);
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
 * Sets after what time the program is to be ended. The library keeps the number with the description; whoever runs
 * the sandbox ends the program, as gvir_sandbox_run() and virt-sandbox do.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_timeout(GVirSandboxConfig *config, guint64 timeout)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_uint64(config, &gvir_sandbox_config_get_private(config)->timeout, timeout);
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
 * gvir_sandbox_config_get_command:
 * @config: the description
 *
 * Gets the program that the sandbox runs, with its arguments.
 *
 * Returns: (transfer full) (array zero-terminated=1) (nullable): a new array
 */
gchar **
gvir_sandbox_config_get_command(GVirSandboxConfig *config)
{
    GVirSandboxConfigClass *class;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    class = GVIR_SANDBOX_CONFIG_GET_CLASS(config);
    return class->get_command ? class->get_command(config) : NULL;
}
