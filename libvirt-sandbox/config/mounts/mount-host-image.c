/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/mounts/mount-host-image.h"

#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/config/storage/image-format-private.h"

/**
 * GVirSandboxConfigMountHostImage:
 *
 * A file of the host that holds a filesystem, which is to be seen in the sandbox.
 */

struct _GVirSandboxConfigMountHostImage {
    GVirSandboxConfigMountFile parent_instance;

    GVirConfigDomainDiskFormat format;
};

enum { PROP_FORMAT = 1, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE(GVirSandboxConfigMountHostImage, gvir_sandbox_config_mount_host_image,
                    GVIR_SANDBOX_TYPE_CONFIG_MOUNT_FILE)

static void
gvir_sandbox_config_mount_host_image_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_FORMAT:
        g_value_set_enum(value, GVIR_SANDBOX_CONFIG_MOUNT_HOST_IMAGE(object)->format);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_mount_host_image_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_FORMAT:
        GVIR_SANDBOX_CONFIG_MOUNT_HOST_IMAGE(object)->format = g_value_get_enum(value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static gboolean
host_image_parse(GVirSandboxConfigMount *mount, const gchar *source, gchar **options, GError **error)
{
    static gchar *no_options[] = { NULL };
    GVirSandboxConfigMountFile *file = GVIR_SANDBOX_CONFIG_MOUNT_FILE(mount);

    return gvir_sandbox_config_mount_class_get_hooks(gvir_sandbox_config_mount_host_image_parent_class)
               ->parse(mount, source, no_options, error) &&
           gvir_sandbox_config_mount_check(mount, error) &&
           gvir_sandbox_image_format_from_options(options, gvir_sandbox_config_mount_file_get_source(file),
                                                  &GVIR_SANDBOX_CONFIG_MOUNT_HOST_IMAGE(mount)->format, error);
}

static gboolean
host_image_load(GVirSandboxConfigMount *mount, GVirSandboxKeyfile *file, const gchar *group, GError **error)
{
    gint format = GVIR_CONFIG_DOMAIN_DISK_FORMAT_RAW;

    if (!gvir_sandbox_config_mount_class_get_hooks(gvir_sandbox_config_mount_host_image_parent_class)
             ->load(mount, file, group, error) ||
        !gvir_sandbox_keyfile_read_enum(file, group, "format", GVIR_CONFIG_TYPE_DOMAIN_DISK_FORMAT, &format, error))
        return FALSE;
    GVIR_SANDBOX_CONFIG_MOUNT_HOST_IMAGE(mount)->format = format;
    return TRUE;
}

static void
host_image_save(GVirSandboxConfigMount *mount, GKeyFile *file, const gchar *group)
{
    gvir_sandbox_config_mount_class_get_hooks(gvir_sandbox_config_mount_host_image_parent_class)
        ->save(mount, file, group);
    gvir_sandbox_keyfile_write_enum(file, group, "format", GVIR_CONFIG_TYPE_DOMAIN_DISK_FORMAT,
                                    GVIR_SANDBOX_CONFIG_MOUNT_HOST_IMAGE(mount)->format);
}

static void
gvir_sandbox_config_mount_host_image_class_init(GVirSandboxConfigMountHostImageClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);
    GVirSandboxConfigMountHooks *hooks = gvir_sandbox_config_mount_class_get_hooks(class);

    object_class->get_property = gvir_sandbox_config_mount_host_image_get_property;
    object_class->set_property = gvir_sandbox_config_mount_host_image_set_property;
    hooks->parse = host_image_parse;
    hooks->load = host_image_load;
    hooks->save = host_image_save;

    /**
     * GVirSandboxConfigMountHostImage:format:
     *
     * The format of the file.
     */
    properties[PROP_FORMAT] =
        g_param_spec_enum("format", NULL, NULL, GVIR_CONFIG_TYPE_DOMAIN_DISK_FORMAT, GVIR_CONFIG_DOMAIN_DISK_FORMAT_RAW,
                          G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
gvir_sandbox_config_mount_host_image_init(GVirSandboxConfigMountHostImage *config)
{
}

/**
 * gvir_sandbox_config_mount_host_image_new:
 * @source: absolute path of a file on the host
 * @targetdir: absolute path of a directory in the sandbox
 * @format: the format of the file
 *
 * Makes a description of such a mount.
 *
 * Returns: (transfer full): the new mount
 */
GVirSandboxConfigMountHostImage *
gvir_sandbox_config_mount_host_image_new(const gchar *source, const gchar *targetdir, GVirConfigDomainDiskFormat format)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONFIG_MOUNT_HOST_IMAGE, "source", source, "target", targetdir, "format",
                        format, NULL);
}

/**
 * gvir_sandbox_config_mount_host_image_get_format:
 * @config: the mount
 *
 * Gets the format of the file.
 *
 * Returns: the format
 */
GVirConfigDomainDiskFormat
gvir_sandbox_config_mount_host_image_get_format(GVirSandboxConfigMountHostImage *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_MOUNT_HOST_IMAGE(config), GVIR_CONFIG_DOMAIN_DISK_FORMAT_RAW);

    return config->format;
}
