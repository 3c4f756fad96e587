/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/mounts/mount-file.h"

#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/util/text-private.h"

/**
 * GVirSandboxConfigMountFile:
 *
 * A mount that has a file or directory as its source.
 */

typedef struct {
    gchar *source;
} GVirSandboxConfigMountFilePrivate;

enum { PROP_SOURCE = 1, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(GVirSandboxConfigMountFile, gvir_sandbox_config_mount_file,
                                    GVIR_SANDBOX_TYPE_CONFIG_MOUNT)

static GVirSandboxConfigMountFilePrivate *
get_private(GVirSandboxConfigMount *mount)
{
    return gvir_sandbox_config_mount_file_get_instance_private(GVIR_SANDBOX_CONFIG_MOUNT_FILE(mount));
}

static void
gvir_sandbox_config_mount_file_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_SOURCE:
        g_value_set_string(value, get_private(GVIR_SANDBOX_CONFIG_MOUNT(object))->source);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_mount_file_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_SOURCE:
        gvir_sandbox_config_mount_file_set_source(GVIR_SANDBOX_CONFIG_MOUNT_FILE(object), g_value_get_string(value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_mount_file_finalize(GObject *object)
{
    g_free(get_private(GVIR_SANDBOX_CONFIG_MOUNT(object))->source);

    G_OBJECT_CLASS(gvir_sandbox_config_mount_file_parent_class)->finalize(object);
}

static gboolean
mount_file_parse(GVirSandboxConfigMount *mount, const gchar *source, gchar **options, GError **error)
{
    g_autofree gchar *path = gvir_sandbox_value_absolute_path(source);

    gvir_sandbox_config_mount_file_set_source(GVIR_SANDBOX_CONFIG_MOUNT_FILE(mount), path);

    return gvir_sandbox_config_mount_class_get_hooks(gvir_sandbox_config_mount_file_parent_class)
        ->parse(mount, source, options, error);
}

static gboolean
mount_file_load(GVirSandboxConfigMount *mount, GVirSandboxKeyfile *file, const gchar *group, GError **error)
{
    return gvir_sandbox_config_mount_class_get_hooks(gvir_sandbox_config_mount_file_parent_class)
               ->load(mount, file, group, error) &&
           gvir_sandbox_keyfile_read_string(file, group, "source", &get_private(mount)->source, error);
}

static void
mount_file_save(GVirSandboxConfigMount *mount, GKeyFile *file, const gchar *group)
{
    gvir_sandbox_config_mount_class_get_hooks(gvir_sandbox_config_mount_file_parent_class)->save(mount, file, group);
    gvir_sandbox_keyfile_write_string(file, group, "source", get_private(mount)->source);
}

static gboolean
mount_file_check(GVirSandboxConfigMount *mount, GError **error)
{
    return gvir_sandbox_config_mount_class_get_hooks(gvir_sandbox_config_mount_file_parent_class)
               ->check(mount, error) &&
           gvir_sandbox_value_check_path("source", get_private(mount)->source, error);
}

static void
gvir_sandbox_config_mount_file_class_init(GVirSandboxConfigMountFileClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);
    GVirSandboxConfigMountHooks *hooks = gvir_sandbox_config_mount_class_get_hooks(class);

    object_class->get_property = gvir_sandbox_config_mount_file_get_property;
    object_class->set_property = gvir_sandbox_config_mount_file_set_property;
    object_class->finalize = gvir_sandbox_config_mount_file_finalize;
    hooks->parse = mount_file_parse;
    hooks->load = mount_file_load;
    hooks->save = mount_file_save;
    hooks->check = mount_file_check;

    /**
     * GVirSandboxConfigMountFile:source:
     *
     * The absolute path of what is mounted.
     */
    properties[PROP_SOURCE] = g_param_spec_string("source", NULL, NULL, NULL,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
gvir_sandbox_config_mount_file_init(GVirSandboxConfigMountFile *config)
{
}

/**
 * gvir_sandbox_config_mount_file_set_source:
 * @config: the mount
 * @source: (nullable): an absolute path
 *
 * Sets what is mounted.
 */
void
gvir_sandbox_config_mount_file_set_source(GVirSandboxConfigMountFile *config, const gchar *source)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_MOUNT_FILE(config));

    if (gvir_sandbox_text_replace(&get_private(GVIR_SANDBOX_CONFIG_MOUNT(config))->source, source))
        g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_SOURCE]);
}

/**
 * gvir_sandbox_config_mount_file_get_source:
 * @config: the mount
 *
 * Gets what is mounted.
 *
 * Returns: (transfer none) (nullable): an absolute path; of a host directory, %NULL or empty mean a
 * new temporary one
 */
const gchar *
gvir_sandbox_config_mount_file_get_source(GVirSandboxConfigMountFile *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_MOUNT_FILE(config), NULL);

    return get_private(GVIR_SANDBOX_CONFIG_MOUNT(config))->source;
}
