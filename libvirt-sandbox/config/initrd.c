/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/initrd.h"

#include "libvirt-sandbox/util/text-private.h"

/**
 * GVirSandboxConfigInitrd:
 *
 * What the initial RAM disk of a machine holds.
 */

struct _GVirSandboxConfigInitrd {
    GObject parent_instance;

    gchar *kver;
    gchar *kmoddir;
    gchar *init;
    GPtrArray *modules;
};

enum { PROP_KVER = 1, PROP_KMODDIR, PROP_INIT, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE(GVirSandboxConfigInitrd, gvir_sandbox_config_initrd, G_TYPE_OBJECT)

static void
gvir_sandbox_config_initrd_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigInitrd *config = GVIR_SANDBOX_CONFIG_INITRD(object);

    switch (id) {
    case PROP_KVER:
        g_value_set_string(value, config->kver);
        break;
    case PROP_KMODDIR:
        g_value_set_string(value, config->kmoddir);
        break;
    case PROP_INIT:
        g_value_set_string(value, config->init);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_initrd_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigInitrd *config = GVIR_SANDBOX_CONFIG_INITRD(object);

    switch (id) {
    case PROP_KVER:
        gvir_sandbox_config_initrd_set_kver(config, g_value_get_string(value));
        break;
    case PROP_KMODDIR:
        gvir_sandbox_config_initrd_set_kmoddir(config, g_value_get_string(value));
        break;
    case PROP_INIT:
        gvir_sandbox_config_initrd_set_init(config, g_value_get_string(value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_initrd_finalize(GObject *object)
{
    GVirSandboxConfigInitrd *config = GVIR_SANDBOX_CONFIG_INITRD(object);

    g_free(config->kver);
    g_free(config->kmoddir);
    g_free(config->init);
    g_ptr_array_unref(config->modules);

    G_OBJECT_CLASS(gvir_sandbox_config_initrd_parent_class)->finalize(object);
}

static void
gvir_sandbox_config_initrd_class_init(GVirSandboxConfigInitrdClass *class)
{
    const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    GObjectClass *object_class = G_OBJECT_CLASS(class);

    object_class->get_property = gvir_sandbox_config_initrd_get_property;
    object_class->set_property = gvir_sandbox_config_initrd_set_property;
    object_class->finalize = gvir_sandbox_config_initrd_finalize;

    /**
     * GVirSandboxConfigInitrd:kver:
     *
     * The release of the kernel whose modules are taken.
     */
    properties[PROP_KVER] = g_param_spec_string("kver", NULL, NULL, NULL, flags);

    /**
     * GVirSandboxConfigInitrd:kmoddir:
     *
     * The directory on the host that has the modules of the kernels.
     */
    properties[PROP_KMODDIR] = g_param_spec_string("kmoddir", NULL, NULL, NULL, flags);

    /**
     * GVirSandboxConfigInitrd:init:
     *
     * The absolute path on the host of the program that the kernel starts.
     */
    properties[PROP_INIT] = g_param_spec_string("init", NULL, NULL, NULL, flags);

    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
gvir_sandbox_config_initrd_init(GVirSandboxConfigInitrd *config)
{
    config->modules = g_ptr_array_new_with_free_func(g_free);
}

/**
 * gvir_sandbox_config_initrd_new:
 *
 * Makes a description of an initial RAM disk without modules.
 *
 * Returns: (transfer full): the new object
 */
GVirSandboxConfigInitrd *
gvir_sandbox_config_initrd_new(void)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONFIG_INITRD, NULL);
}

/**
 * gvir_sandbox_config_initrd_set_kver:
 * @config: the initial RAM disk
 * @version: (nullable): a release, as uname -r prints it
 *
 * Sets the release of the kernel whose modules are taken.
 */
void
gvir_sandbox_config_initrd_set_kver(GVirSandboxConfigInitrd *config, const gchar *version)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_INITRD(config));

    if (gvir_sandbox_text_replace(&config->kver, version))
        g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_KVER]);
}

/**
 * gvir_sandbox_config_initrd_get_kver:
 * @config: the initial RAM disk
 *
 * Gets the release of the kernel whose modules are taken.
 *
 * Returns: (transfer none) (nullable): a release, as uname -r prints it
 */
const gchar *
gvir_sandbox_config_initrd_get_kver(GVirSandboxConfigInitrd *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_INITRD(config), NULL);

    return config->kver;
}

/**
 * gvir_sandbox_config_initrd_set_kmoddir:
 * @config: the initial RAM disk
 * @kmoddir: (nullable): absolute path of a directory on the host
 *
 * Sets the directory that has the modules of the kernels.
 */
void
gvir_sandbox_config_initrd_set_kmoddir(GVirSandboxConfigInitrd *config, const gchar *kmoddir)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_INITRD(config));

    if (gvir_sandbox_text_replace(&config->kmoddir, kmoddir))
        g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_KMODDIR]);
}

/**
 * gvir_sandbox_config_initrd_get_kmoddir:
 * @config: the initial RAM disk
 *
 * Gets the directory that has the modules of the kernels.
 *
 * Returns: (transfer none) (nullable): absolute path of a directory on the host
 */
const gchar *
gvir_sandbox_config_initrd_get_kmoddir(GVirSandboxConfigInitrd *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_INITRD(config), NULL);

    return config->kmoddir;
}

/**
 * gvir_sandbox_config_initrd_set_init:
 * @config: the initial RAM disk
 * @hostpath: (nullable): absolute path of a file on the host
 *
 * Sets the program that the kernel starts.
 */
void
gvir_sandbox_config_initrd_set_init(GVirSandboxConfigInitrd *config, const gchar *hostpath)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_INITRD(config));

    if (gvir_sandbox_text_replace(&config->init, hostpath))
        g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_INIT]);
}

/**
 * gvir_sandbox_config_initrd_get_init:
 * @config: the initial RAM disk
 *
 * Gets the program that the kernel starts.
 *
 * Returns: (transfer none) (nullable): absolute path of a file on the host
 */
const gchar *
gvir_sandbox_config_initrd_get_init(GVirSandboxConfigInitrd *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_INITRD(config), NULL);

    return config->init;
}

/**
 * gvir_sandbox_config_initrd_add_module:
 * @config: the initial RAM disk
 * @modname: the name of a kernel module, or as in 0.8 that of its file
 *
 * Adds a kernel module, with the modules that it needs.
 */
void
gvir_sandbox_config_initrd_add_module(GVirSandboxConfigInitrd *config, const gchar *modname)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_INITRD(config));
    g_return_if_fail(modname != NULL);

    g_ptr_array_add(config->modules, g_strdup(modname));
}

/**
 * gvir_sandbox_config_initrd_get_modules:
 * @config: the initial RAM disk
 *
 * Gets the kernel modules that were added.
 *
 * Returns: (transfer container) (element-type utf8): a new list of the names, which belong to @config
 */
GList *
gvir_sandbox_config_initrd_get_modules(GVirSandboxConfigInitrd *config)
{
    GList *modules = NULL;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_INITRD(config), NULL);

    for (guint i = config->modules->len; i > 0; i--)
        modules = g_list_prepend(modules, config->modules->pdata[i - 1]);
    return modules;
}
