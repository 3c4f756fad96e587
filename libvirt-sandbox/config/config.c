/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config.h"

#include "libvirt-sandbox/config/settings-private.h"
#include "libvirt-sandbox/util/host-user-private.h"

#include <sys/utsname.h>
#include <unistd.h>

/**
 * GVirSandboxConfig:
 *
 * What a sandbox is to be: pure data, which needs no connection and can be saved and loaded. A new one
 * describes a sandbox with the root of the host, the identity of the caller and nothing else.
 */

GParamSpec *gvir_sandbox_config_properties[GVIR_SANDBOX_CONFIG_N_PROPERTIES];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(GVirSandboxConfig, gvir_sandbox_config, G_TYPE_OBJECT)

GVirSandboxConfigPrivate *
gvir_sandbox_config_get_private(GVirSandboxConfig *config)
{
    return gvir_sandbox_config_get_instance_private(config);
}

GType
gvir_sandbox_config_virt_type_get_type(void)
{
    static const GEnumValue values[] = {
        { GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO, "GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO", "auto" },
        { GVIR_SANDBOX_CONFIG_VIRT_TYPE_KVM, "GVIR_SANDBOX_CONFIG_VIRT_TYPE_KVM", "kvm" },
        { GVIR_SANDBOX_CONFIG_VIRT_TYPE_QEMU, "GVIR_SANDBOX_CONFIG_VIRT_TYPE_QEMU", "qemu" },
        { 0, NULL, NULL },
    };
    static gsize type;

    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("GVirSandboxConfigVirtType", values));
    return type;
}

static void
gvir_sandbox_config_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(GVIR_SANDBOX_CONFIG(object));

    switch (id) {
    case PROP_NAME:
        g_value_set_string(value, priv->name);
        break;
    case PROP_UUID:
        g_value_set_string(value, priv->uuid);
        break;
    case PROP_ROOT:
        g_value_set_string(value, priv->root);
        break;
    case PROP_ARCH:
        g_value_set_string(value, priv->arch);
        break;
    case PROP_KERNRELEASE:
        g_value_set_string(value, priv->kernrelease);
        break;
    case PROP_KERNPATH:
        g_value_set_string(value, priv->kernpath);
        break;
    case PROP_KMODPATH:
        g_value_set_string(value, priv->kmodpath);
        break;
    case PROP_SHELL:
        g_value_set_boolean(value, priv->shell);
        break;
    case PROP_DEBUG:
        g_value_set_boolean(value, priv->debug);
        break;
    case PROP_VERBOSE:
        g_value_set_boolean(value, priv->verbose);
        break;
    case PROP_MEMORY:
        g_value_set_uint64(value, priv->memory);
        break;
    case PROP_CPUS:
        g_value_set_uint(value, priv->cpus);
        break;
    case PROP_VIRT_TYPE:
        g_value_set_enum(value, priv->virt_type);
        break;
    case PROP_WORKDIR:
        g_value_set_string(value, priv->workdir);
        break;
    case PROP_WORKDIR_OPTIONAL:
        g_value_set_boolean(value, priv->workdir_optional);
        break;
    case PROP_TIMEOUT:
        g_value_set_uint64(value, priv->timeout);
        break;
    case PROP_OVERLAY:
        g_value_set_boolean(value, priv->overlay);
        break;
    case PROP_OVERLAY_DIR:
        g_value_set_string(value, priv->overlay_dir);
        break;
    case PROP_CHANGES:
        g_value_set_string(value, priv->changes);
        break;
    case PROP_UID:
        g_value_set_uint(value, priv->uid);
        break;
    case PROP_GID:
        g_value_set_uint(value, priv->gid);
        break;
    case PROP_USERNAME:
        g_value_set_string(value, priv->username);
        break;
    case PROP_HOMEDIR:
        g_value_set_string(value, priv->homedir);
        break;
    case PROP_PRIVILEGED:
        g_value_set_boolean(value, priv->privileged);
        break;
    case PROP_PRIVATE_HOME:
        g_value_set_boolean(value, priv->private_home);
        break;
    case PROP_HOME_SIZE:
        g_value_set_uint64(value, priv->home_size);
        break;
    case PROP_HIDE_SECRETS:
        g_value_set_boolean(value, priv->hide_secrets);
        break;
    case PROP_SECURITY_LABEL:
        g_value_set_string(value, priv->security_label);
        break;
    case PROP_SECURITY_DYNAMIC:
        g_value_set_boolean(value, priv->security_dynamic);
        break;
    case PROP_SECCOMP:
        g_value_set_boolean(value, priv->seccomp);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfig *config = GVIR_SANDBOX_CONFIG(object);

    switch (id) {
    case PROP_NAME:
        gvir_sandbox_config_get_private(config)->name = g_value_dup_string(value);
        break;
    case PROP_UUID:
        gvir_sandbox_config_set_uuid(config, g_value_get_string(value));
        break;
    case PROP_ROOT:
        gvir_sandbox_config_set_root(config, g_value_get_string(value));
        break;
    case PROP_ARCH:
        gvir_sandbox_config_set_arch(config, g_value_get_string(value));
        break;
    case PROP_KERNRELEASE:
        gvir_sandbox_config_set_kernrelease(config, g_value_get_string(value));
        break;
    case PROP_KERNPATH:
        gvir_sandbox_config_set_kernpath(config, g_value_get_string(value));
        break;
    case PROP_KMODPATH:
        gvir_sandbox_config_set_kmodpath(config, g_value_get_string(value));
        break;
    case PROP_SHELL:
        gvir_sandbox_config_set_shell(config, g_value_get_boolean(value));
        break;
    case PROP_DEBUG:
        gvir_sandbox_config_set_debug(config, g_value_get_boolean(value));
        break;
    case PROP_VERBOSE:
        gvir_sandbox_config_set_verbose(config, g_value_get_boolean(value));
        break;
    case PROP_MEMORY:
        gvir_sandbox_config_set_memory(config, g_value_get_uint64(value));
        break;
    case PROP_CPUS:
        gvir_sandbox_config_set_cpus(config, g_value_get_uint(value));
        break;
    case PROP_VIRT_TYPE:
        gvir_sandbox_config_set_virt_type(config, g_value_get_enum(value));
        break;
    case PROP_WORKDIR:
        gvir_sandbox_config_set_workdir(config, g_value_get_string(value));
        break;
    case PROP_WORKDIR_OPTIONAL:
        gvir_sandbox_config_set_workdir_optional(config, g_value_get_boolean(value));
        break;
    case PROP_TIMEOUT:
        gvir_sandbox_config_set_timeout(config, g_value_get_uint64(value));
        break;
    case PROP_OVERLAY:
        gvir_sandbox_config_set_overlay(config, g_value_get_boolean(value));
        break;
    case PROP_OVERLAY_DIR:
        gvir_sandbox_config_set_overlay_dir(config, g_value_get_string(value));
        break;
    case PROP_CHANGES:
        gvir_sandbox_config_set_changes(config, g_value_get_string(value));
        break;
    case PROP_UID:
        gvir_sandbox_config_set_userid(config, g_value_get_uint(value));
        break;
    case PROP_GID:
        gvir_sandbox_config_set_groupid(config, g_value_get_uint(value));
        break;
    case PROP_USERNAME:
        gvir_sandbox_config_set_username(config, g_value_get_string(value));
        break;
    case PROP_HOMEDIR:
        gvir_sandbox_config_set_homedir(config, g_value_get_string(value));
        break;
    case PROP_PRIVILEGED:
        gvir_sandbox_config_set_privileged(config, g_value_get_boolean(value));
        break;
    case PROP_PRIVATE_HOME:
        gvir_sandbox_config_set_private_home(config, g_value_get_boolean(value));
        break;
    case PROP_HOME_SIZE:
        gvir_sandbox_config_set_home_size(config, g_value_get_uint64(value));
        break;
    case PROP_HIDE_SECRETS:
        gvir_sandbox_config_set_hide_secrets(config, g_value_get_boolean(value));
        break;
    case PROP_SECURITY_LABEL:
        gvir_sandbox_config_set_security_label(config, g_value_get_string(value));
        break;
    case PROP_SECURITY_DYNAMIC:
        gvir_sandbox_config_set_security_dynamic(config, g_value_get_boolean(value));
        break;
    case PROP_SECCOMP:
        gvir_sandbox_config_set_seccomp(config, g_value_get_boolean(value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_constructed(GObject *object)
{
    GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(GVIR_SANDBOX_CONFIG(object));

    G_OBJECT_CLASS(gvir_sandbox_config_parent_class)->constructed(object);

    priv->name_asked = priv->name != NULL;
    if (!priv->name)
        priv->name = g_strdup_printf("sandbox-%08x", g_random_int());
}

static void
gvir_sandbox_config_finalize(GObject *object)
{
    GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(GVIR_SANDBOX_CONFIG(object));

    g_free(priv->name);
    g_free(priv->uuid);
    g_free(priv->root);
    g_free(priv->arch);
    g_free(priv->kernrelease);
    g_free(priv->kernpath);
    g_free(priv->kmodpath);
    g_free(priv->workdir);
    g_free(priv->overlay_dir);
    g_free(priv->changes);
    g_free(priv->username);
    g_free(priv->homedir);
    g_free(priv->security_label);
    g_hash_table_unref(priv->targets);
    g_hash_table_unref(priv->tags);
    g_ptr_array_unref(priv->mounts);
    g_ptr_array_unref(priv->disks);
    g_ptr_array_unref(priv->networks);
    gvir_sandbox_string_map_free(priv->envs);
    g_ptr_array_unref(priv->hidden);
    gvir_sandbox_string_map_free(priv->home_includes);
    g_strfreev(priv->secrets);
    g_strfreev(priv->toolchains);

    G_OBJECT_CLASS(gvir_sandbox_config_parent_class)->finalize(object);
}

static void
install_string(guint id, const gchar *name, GParamFlags flags)
{
    gvir_sandbox_config_properties[id] =
        g_param_spec_string(name, NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | flags);
}

static void
install_boolean(guint id, const gchar *name, gboolean value)
{
    gvir_sandbox_config_properties[id] = g_param_spec_boolean(
        name, NULL, NULL, value, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
}

static void
install_uint(guint id, const gchar *name)
{
    gvir_sandbox_config_properties[id] = g_param_spec_uint(
        name, NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
}

static void
install_properties(GObjectClass *object_class)
{
    const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

    /**
     * GVirSandboxConfig:name:
     *
     * The name of the domain.
     */
    install_string(PROP_NAME, "name", G_PARAM_CONSTRUCT_ONLY);

    /**
     * GVirSandboxConfig:uuid:
     *
     * The UUID of the domain.
     */
    install_string(PROP_UUID, "uuid", G_PARAM_EXPLICIT_NOTIFY);

    /**
     * GVirSandboxConfig:root:
     *
     * The host directory that is the root of the sandbox.
     */
    install_string(PROP_ROOT, "root", G_PARAM_EXPLICIT_NOTIFY);

    /**
     * GVirSandboxConfig:arch:
     *
     * The architecture of the machine.
     */
    install_string(PROP_ARCH, "arch", G_PARAM_EXPLICIT_NOTIFY);

    /**
     * GVirSandboxConfig:kernrelease:
     *
     * The release of the kernel that a machine boots.
     */
    install_string(PROP_KERNRELEASE, "kernrelease", G_PARAM_EXPLICIT_NOTIFY);

    /**
     * GVirSandboxConfig:kernpath:
     *
     * The kernel file that a machine boots.
     */
    install_string(PROP_KERNPATH, "kernpath", G_PARAM_EXPLICIT_NOTIFY);

    /**
     * GVirSandboxConfig:kmodpath:
     *
     * The directory that has the modules of the kernel.
     */
    install_string(PROP_KMODPATH, "kmodpath", G_PARAM_EXPLICIT_NOTIFY);

    /**
     * GVirSandboxConfig:shell:
     *
     * Whether there is a shell, with the rights of the program, on a second console.
     */
    install_boolean(PROP_SHELL, "shell", FALSE);

    /**
     * GVirSandboxConfig:debug:
     *
     * Whether the messages of the kernel and of init are shown.
     *
     * Since: 0.9.0
     */
    install_boolean(PROP_DEBUG, "debug", FALSE);

    /**
     * GVirSandboxConfig:verbose:
     *
     * Whether it is said what is done.
     *
     * Since: 0.9.0
     */
    install_boolean(PROP_VERBOSE, "verbose", FALSE);

    /**
     * GVirSandboxConfig:memory:
     *
     * The memory of the sandbox in bytes, 0 for the default.
     *
     * Since: 0.9.0
     */
    gvir_sandbox_config_properties[PROP_MEMORY] = g_param_spec_uint64("memory", NULL, NULL, 0, G_MAXUINT64, 0, flags);

    /**
     * GVirSandboxConfig:cpus:
     *
     * The number of virtual CPUs, 0 for the default.
     *
     * Since: 0.9.0
     */
    install_uint(PROP_CPUS, "cpus");

    /**
     * GVirSandboxConfig:virt-type:
     *
     * What runs the instructions of a machine.
     *
     * Since: 0.9.0
     */
    gvir_sandbox_config_properties[PROP_VIRT_TYPE] = g_param_spec_enum(
        "virt-type", NULL, NULL, GVIR_SANDBOX_TYPE_CONFIG_VIRT_TYPE, GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO, flags);

    /**
     * GVirSandboxConfig:workdir:
     *
     * The working directory of the program.
     *
     * Since: 0.9.0
     */
    install_string(PROP_WORKDIR, "workdir", G_PARAM_EXPLICIT_NOTIFY);

    /**
     * GVirSandboxConfig:workdir-optional:
     *
     * Whether the program starts in its home directory, or in /, where it cannot enter the working directory.
     *
     * Since: 0.9.0
     */
    install_boolean(PROP_WORKDIR_OPTIONAL, "workdir-optional", FALSE);

    /**
     * GVirSandboxConfig:timeout:
     *
     * After how many milliseconds the program is to be ended, 0 for never.
     *
     * Since: 0.9.0
     */
    gvir_sandbox_config_properties[PROP_TIMEOUT] = g_param_spec_uint64("timeout", NULL, NULL, 0, G_MAXUINT64, 0, flags);

    /**
     * GVirSandboxConfig:overlay:
     *
     * Whether the program sees a root that it can write to, and what it writes is gone at the end.
     *
     * Since: 0.9.0
     */
    install_boolean(PROP_OVERLAY, "overlay", FALSE);

    /**
     * GVirSandboxConfig:overlay-dir:
     *
     * The host directory in which an overlay keeps what is written, instead of memory.
     *
     * Since: 0.9.0
     */
    install_string(PROP_OVERLAY_DIR, "overlay-dir", G_PARAM_EXPLICIT_NOTIFY);

    /**
     * GVirSandboxConfig:changes:
     *
     * The file that gets what changed in an overlay.
     *
     * Since: 0.9.0
     */
    install_string(PROP_CHANGES, "changes", G_PARAM_EXPLICIT_NOTIFY);

    /**
     * GVirSandboxConfig:uid:
     *
     * The user id that the program runs with.
     */
    install_uint(PROP_UID, "uid");

    /**
     * GVirSandboxConfig:gid:
     *
     * The group id that the program runs with.
     */
    install_uint(PROP_GID, "gid");

    /**
     * GVirSandboxConfig:username:
     *
     * The name of the user that the program runs as.
     */
    install_string(PROP_USERNAME, "username", G_PARAM_EXPLICIT_NOTIFY);

    /**
     * GVirSandboxConfig:homedir:
     *
     * The home directory of the program.
     */
    install_string(PROP_HOMEDIR, "homedir", G_PARAM_EXPLICIT_NOTIFY);

    /**
     * GVirSandboxConfig:privileged:
     *
     * Whether the program is root with its capabilities.
     *
     * Since: 0.9.0
     */
    install_boolean(PROP_PRIVILEGED, "privileged", FALSE);

    /**
     * GVirSandboxConfig:private-home:
     *
     * Whether the program has a home directory of its own in memory.
     *
     * Since: 0.9.0
     */
    install_boolean(PROP_PRIVATE_HOME, "private-home", FALSE);

    /**
     * GVirSandboxConfig:home-size:
     *
     * How many bytes a private home directory can hold, 0 for the default.
     *
     * Since: 0.9.0
     */
    gvir_sandbox_config_properties[PROP_HOME_SIZE] =
        g_param_spec_uint64("home-size", NULL, NULL, 0, G_MAXUINT64, 0, flags);

    /**
     * GVirSandboxConfig:hide-secrets:
     *
     * Whether what is known to hold secrets is hidden from the program.
     *
     * Since: 0.9.0
     */
    install_boolean(PROP_HIDE_SECRETS, "hide-secrets", FALSE);

    /**
     * GVirSandboxConfig:security-label:
     *
     * The security label of the sandbox.
     */
    install_string(PROP_SECURITY_LABEL, "security-label", G_PARAM_EXPLICIT_NOTIFY);

    /**
     * GVirSandboxConfig:security-dynamic:
     *
     * Whether libvirt makes a security label for each start.
     */
    install_boolean(PROP_SECURITY_DYNAMIC, "security-dynamic", TRUE);

    /**
     * GVirSandboxConfig:seccomp:
     *
     * Whether a filter keeps the program of a container from system calls that it can do without.
     *
     * Since: 0.9.0
     */
    install_boolean(PROP_SECCOMP, "seccomp", TRUE);

    g_object_class_install_properties(object_class, GVIR_SANDBOX_CONFIG_N_PROPERTIES, gvir_sandbox_config_properties);
}

static void
gvir_sandbox_config_class_init(GVirSandboxConfigClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);

    object_class->get_property = gvir_sandbox_config_get_property;
    object_class->set_property = gvir_sandbox_config_set_property;
    object_class->constructed = gvir_sandbox_config_constructed;
    object_class->finalize = gvir_sandbox_config_finalize;
    class->load = gvir_sandbox_config_real_load;
    class->save = gvir_sandbox_config_real_save;
    class->check = gvir_sandbox_config_real_check;

    install_properties(object_class);
}

static void
gvir_sandbox_config_init(GVirSandboxConfig *config)
{
    GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(config);
    g_autofree gchar *home = gvir_sandbox_host_user_home();

    priv->root = g_strdup("/");
    priv->arch = gvir_sandbox_config_host_arch();
    priv->uid = getuid();
    priv->gid = getgid();
    priv->username = gvir_sandbox_host_user_name();
    priv->homedir = home ? g_steal_pointer(&home) : g_strdup("/");
    priv->security_dynamic = TRUE;
    priv->seccomp = TRUE;
    priv->mounts = g_ptr_array_new_with_free_func(g_object_unref);
    priv->targets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    priv->disks = g_ptr_array_new_with_free_func(g_object_unref);
    priv->tags = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    priv->networks = g_ptr_array_new_with_free_func(g_object_unref);
    priv->envs = gvir_sandbox_string_map_new();
    priv->hidden = g_ptr_array_new_with_free_func(g_free);
    priv->home_includes = gvir_sandbox_string_map_new();
}

gchar *
gvir_sandbox_config_host_arch(void)
{
    struct utsname host;

    return g_strdup(uname(&host) == 0 ? host.machine : "x86_64");
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
