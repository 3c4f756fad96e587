/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/storage/disk.h"

#include "libvirt-sandbox/config/format/option-text-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/storage/disk-private.h"
#include "libvirt-sandbox/config/storage/image-format-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

/**
 * GVirSandboxConfigDisk:
 *
 * A file or block device of the host that is a disk of the sandbox, found there by its tag.
 */

struct _GVirSandboxConfigDisk {
    GObject parent_instance;

    GVirConfigDomainDiskType type;
    gchar *tag;
    gchar *source;
    GVirConfigDomainDiskFormat format;
};

enum { PROP_TYPE = 1, PROP_TAG, PROP_SOURCE, PROP_FORMAT, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE(GVirSandboxConfigDisk, gvir_sandbox_config_disk, G_TYPE_OBJECT)

static void
gvir_sandbox_config_disk_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigDisk *disk = GVIR_SANDBOX_CONFIG_DISK(object);

    switch (id) {
    case PROP_TYPE:
        g_value_set_enum(value, disk->type);
        break;
    case PROP_TAG:
        g_value_set_string(value, disk->tag);
        break;
    case PROP_SOURCE:
        g_value_set_string(value, disk->source);
        break;
    case PROP_FORMAT:
        g_value_set_enum(value, disk->format);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_disk_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigDisk *disk = GVIR_SANDBOX_CONFIG_DISK(object);

    switch (id) {
    case PROP_TYPE:
        disk->type = g_value_get_enum(value);
        break;
    case PROP_TAG:
        disk->tag = g_value_dup_string(value);
        break;
    case PROP_SOURCE:
        disk->source = g_value_dup_string(value);
        break;
    case PROP_FORMAT:
        disk->format = g_value_get_enum(value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_disk_finalize(GObject *object)
{
    GVirSandboxConfigDisk *disk = GVIR_SANDBOX_CONFIG_DISK(object);

    g_free(disk->tag);
    g_free(disk->source);

    G_OBJECT_CLASS(gvir_sandbox_config_disk_parent_class)->finalize(object);
}

static void
gvir_sandbox_config_disk_class_init(GVirSandboxConfigDiskClass *class)
{
    const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
    GObjectClass *object_class = G_OBJECT_CLASS(class);

    object_class->get_property = gvir_sandbox_config_disk_get_property;
    object_class->set_property = gvir_sandbox_config_disk_set_property;
    object_class->finalize = gvir_sandbox_config_disk_finalize;

    /**
     * GVirSandboxConfigDisk:type:
     *
     * Whether the source is a file or a block device.
     */
    properties[PROP_TYPE] =
        g_param_spec_enum("type", NULL, NULL, GVIR_CONFIG_TYPE_DOMAIN_DISK_TYPE, GVIR_CONFIG_DOMAIN_DISK_FILE, flags);

    /**
     * GVirSandboxConfigDisk:tag:
     *
     * The name of the disk in /dev/disk/by-tag of the sandbox.
     */
    properties[PROP_TAG] = g_param_spec_string("tag", NULL, NULL, NULL, flags);

    /**
     * GVirSandboxConfigDisk:source:
     *
     * The absolute path of the file or block device on the host.
     */
    properties[PROP_SOURCE] = g_param_spec_string("source", NULL, NULL, NULL, flags);

    /**
     * GVirSandboxConfigDisk:format:
     *
     * The format of the source.
     */
    properties[PROP_FORMAT] = g_param_spec_enum("format", NULL, NULL, GVIR_CONFIG_TYPE_DOMAIN_DISK_FORMAT,
                                                GVIR_CONFIG_DOMAIN_DISK_FORMAT_RAW, flags);

    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
gvir_sandbox_config_disk_init(GVirSandboxConfigDisk *config)
{
}

/**
 * gvir_sandbox_config_disk_get_disk_type:
 * @config: the disk
 *
 * Gets whether the source is a file or a block device.
 *
 * Returns: the type
 */
GVirConfigDomainDiskType
gvir_sandbox_config_disk_get_disk_type(GVirSandboxConfigDisk *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_DISK(config), GVIR_CONFIG_DOMAIN_DISK_FILE);

    return config->type;
}

/**
 * gvir_sandbox_config_disk_get_tag:
 * @config: the disk
 *
 * Gets the name of the disk in /dev/disk/by-tag of the sandbox.
 *
 * Returns: (transfer none): the tag
 */
const gchar *
gvir_sandbox_config_disk_get_tag(GVirSandboxConfigDisk *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_DISK(config), NULL);

    return config->tag;
}

/**
 * gvir_sandbox_config_disk_get_source:
 * @config: the disk
 *
 * Gets the file or block device of the host.
 *
 * Returns: (transfer none): an absolute path
 */
const gchar *
gvir_sandbox_config_disk_get_source(GVirSandboxConfigDisk *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_DISK(config), NULL);

    return config->source;
}

/**
 * gvir_sandbox_config_disk_get_format:
 * @config: the disk
 *
 * Gets the format of the source.
 *
 * Returns: the format
 */
GVirConfigDomainDiskFormat
gvir_sandbox_config_disk_get_format(GVirSandboxConfigDisk *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_DISK(config), GVIR_CONFIG_DOMAIN_DISK_FORMAT_RAW);

    return config->format;
}

static GVirSandboxConfigDisk *
disk_new(gint type, const gchar *tag, const gchar *source, gint format)
{
    GVirSandboxConfigDisk *disk =
        g_object_new(GVIR_SANDBOX_TYPE_CONFIG_DISK, "type", type, "tag", tag, "source", source, NULL);

    /* The property takes only what libvirt-glib has a name for. */
    disk->format = format;
    return disk;
}

GVirSandboxConfigDisk *
gvir_sandbox_config_disk_parse(const gchar *text, GError **error)
{
    g_autoptr(GVirSandboxOption) option = gvir_sandbox_option_parse(text, "TYPE:TAG=SOURCE[,format=FORMAT]", error);
    GVirConfigDomainDiskFormat format;
    GVirConfigDomainDiskType type = GVIR_CONFIG_DOMAIN_DISK_FILE;
    g_autoptr(GVirSandboxConfigDisk) disk = NULL;
    g_autofree gchar *source = NULL;

    if (!option)
        return NULL;
    if (g_str_equal(option->type, "block")) {
        type = GVIR_CONFIG_DOMAIN_DISK_BLOCK;
    } else if (!g_str_equal(option->type, "file")) {
        g_autofree gchar *shown = gvir_sandbox_text_show(option->type);

        gvir_sandbox_text_invalid(error, _("\"%s\" is neither file nor block"), shown);
        return NULL;
    }
    source = gvir_sandbox_value_absolute_path(option->source);
    disk = disk_new(type, option->target, source, GVIR_CONFIG_DOMAIN_DISK_FORMAT_RAW);
    if (!gvir_sandbox_config_disk_check(disk, error) ||
        !gvir_sandbox_image_format_from_options(option->options, source, &format, error))
        return NULL;
    disk->format = format;
    return g_steal_pointer(&disk);
}

GVirSandboxConfigDisk *
gvir_sandbox_config_disk_load(GVirSandboxKeyfile *file, const gchar *group, GError **error)
{
    static const gchar *const required[] = { "type", "tag", "source" };
    g_autoptr(GVirSandboxConfigDisk) disk = NULL;
    g_autofree gchar *tag = NULL;
    g_autofree gchar *source = NULL;
    gint type = GVIR_CONFIG_DOMAIN_DISK_FILE;
    gint format = GVIR_CONFIG_DOMAIN_DISK_FORMAT_RAW;

    for (gsize i = 0; i < G_N_ELEMENTS(required); i++) {
        if (!gvir_sandbox_keyfile_require(file, group, required[i], error))
            return NULL;
    }
    if (!gvir_sandbox_keyfile_read_enum(file, group, "type", GVIR_CONFIG_TYPE_DOMAIN_DISK_TYPE, &type, error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "tag", &tag, error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "source", &source, error) ||
        !gvir_sandbox_keyfile_read_enum(file, group, "format", GVIR_CONFIG_TYPE_DOMAIN_DISK_FORMAT, &format, error))
        return NULL;
    disk = disk_new(type, tag, source, format);
    if (!gvir_sandbox_config_disk_check(disk, error)) {
        gvir_sandbox_keyfile_prefix(error, group);
        return NULL;
    }
    return g_steal_pointer(&disk);
}

void
gvir_sandbox_config_disk_save(GVirSandboxConfigDisk *disk, GKeyFile *file, const gchar *group)
{
    gvir_sandbox_keyfile_write_enum(file, group, "type", GVIR_CONFIG_TYPE_DOMAIN_DISK_TYPE, (gint)disk->type);
    gvir_sandbox_keyfile_write_string(file, group, "tag", disk->tag);
    gvir_sandbox_keyfile_write_string(file, group, "source", disk->source);
    gvir_sandbox_keyfile_write_enum(file, group, "format", GVIR_CONFIG_TYPE_DOMAIN_DISK_FORMAT, (gint)disk->format);
}

gboolean
gvir_sandbox_config_disk_check(GVirSandboxConfigDisk *disk, GError **error)
{
    if (disk->type != GVIR_CONFIG_DOMAIN_DISK_FILE && disk->type != GVIR_CONFIG_DOMAIN_DISK_BLOCK)
        return gvir_sandbox_text_invalid(error, _("type: must be file or block"));
    return gvir_sandbox_value_check_file_name("tag", disk->tag, error) &&
           gvir_sandbox_value_check_path("source", disk->source, error);
}
