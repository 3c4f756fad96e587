/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/mounts/mount-ram.h"

#include "libvirt-sandbox/config/format/size-private.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

/**
 * GVirSandboxConfigMountRam:
 *
 * An empty filesystem in memory.
 */

struct _GVirSandboxConfigMountRam {
    GVirSandboxConfigMount parent_instance;

    guint64 usage;
};

enum { PROP_USAGE = 1, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE(GVirSandboxConfigMountRam, gvir_sandbox_config_mount_ram, GVIR_SANDBOX_TYPE_CONFIG_MOUNT)

static void
gvir_sandbox_config_mount_ram_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_USAGE:
        g_value_set_uint64(value, GVIR_SANDBOX_CONFIG_MOUNT_RAM(object)->usage);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_mount_ram_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_USAGE:
        gvir_sandbox_config_mount_ram_set_usage(GVIR_SANDBOX_CONFIG_MOUNT_RAM(object), g_value_get_uint64(value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static gboolean
ram_parse(GVirSandboxConfigMount *mount, const gchar *source, gchar **options, GError **error)
{
    if (!gvir_sandbox_size_parse(source, &GVIR_SANDBOX_CONFIG_MOUNT_RAM(mount)->usage, error))
        return FALSE;
    return gvir_sandbox_config_mount_class_get_hooks(gvir_sandbox_config_mount_ram_parent_class)
        ->parse(mount, source, options, error);
}

static gboolean
ram_load(GVirSandboxConfigMount *mount, GVirSandboxKeyfile *file, const gchar *group, GError **error)
{
    return gvir_sandbox_config_mount_class_get_hooks(gvir_sandbox_config_mount_ram_parent_class)
               ->load(mount, file, group, error) &&
           gvir_sandbox_keyfile_require(file, group, "usage", error) &&
           gvir_sandbox_keyfile_read_number(file, group, "usage", G_MAXUINT64,
                                            &GVIR_SANDBOX_CONFIG_MOUNT_RAM(mount)->usage, error);
}

static void
ram_save(GVirSandboxConfigMount *mount, GKeyFile *file, const gchar *group)
{
    gvir_sandbox_config_mount_class_get_hooks(gvir_sandbox_config_mount_ram_parent_class)->save(mount, file, group);
    g_key_file_set_uint64(file, group, "usage", GVIR_SANDBOX_CONFIG_MOUNT_RAM(mount)->usage);
}

/* To the kernel a size of 0 means that there is no limit. */
static gboolean
ram_check(GVirSandboxConfigMount *mount, GError **error)
{
    if (!gvir_sandbox_config_mount_class_get_hooks(gvir_sandbox_config_mount_ram_parent_class)->check(mount, error))
        return FALSE;
    if (GVIR_SANDBOX_CONFIG_MOUNT_RAM(mount)->usage == 0)
        return gvir_sandbox_text_invalid(error, _("usage: must be more than 0 bytes"));
    return TRUE;
}

static gboolean
ram_is_temporary(GVirSandboxConfigMount *mount)
{
    return TRUE;
}

static void
gvir_sandbox_config_mount_ram_class_init(GVirSandboxConfigMountRamClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);
    GVirSandboxConfigMountHooks *hooks = gvir_sandbox_config_mount_class_get_hooks(class);

    object_class->get_property = gvir_sandbox_config_mount_ram_get_property;
    object_class->set_property = gvir_sandbox_config_mount_ram_set_property;
    hooks->parse = ram_parse;
    hooks->load = ram_load;
    hooks->save = ram_save;
    hooks->check = ram_check;
    hooks->is_temporary = ram_is_temporary;

    /**
     * GVirSandboxConfigMountRam:usage:
     *
     * How many bytes it can hold.
     */
    properties[PROP_USAGE] = g_param_spec_uint64("usage", NULL, NULL, 0, G_MAXUINT64, 0,
                                                 G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
gvir_sandbox_config_mount_ram_init(GVirSandboxConfigMountRam *config)
{
}

/**
 * gvir_sandbox_config_mount_ram_new:
 * @targetdir: absolute path of a directory in the sandbox
 * @usage: how many bytes it can hold
 *
 * Makes a description of such a mount.
 *
 * Returns: (transfer full): the new mount
 */
GVirSandboxConfigMountRam *
gvir_sandbox_config_mount_ram_new(const gchar *targetdir, guint64 usage)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONFIG_MOUNT_RAM, "target", targetdir, "usage", usage, NULL);
}

/**
 * gvir_sandbox_config_mount_ram_set_usage:
 * @config: the mount
 * @usage: how many bytes it can hold
 *
 * Sets how many bytes the filesystem can hold.
 */
void
gvir_sandbox_config_mount_ram_set_usage(GVirSandboxConfigMountRam *config, guint64 usage)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_MOUNT_RAM(config));

    if (config->usage == usage)
        return;
    config->usage = usage;
    g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_USAGE]);
}

/**
 * gvir_sandbox_config_mount_ram_get_usage:
 * @config: the mount
 *
 * Gets how many bytes the filesystem can hold.
 *
 * Returns: the number of bytes
 */
guint64
gvir_sandbox_config_mount_ram_get_usage(GVirSandboxConfigMountRam *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_MOUNT_RAM(config), 0);

    return config->usage;
}
