/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/mounts/mount.h"

#include "libvirt-sandbox/config/format/option-text-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/string-map-private.h"
#include "libvirt-sandbox/util/text-private.h"

/**
 * GVirSandboxConfigMount:
 *
 * Something that is mounted in the sandbox, whatever kind it is of.
 */

typedef struct {
    gchar *target;
    gboolean read_only;
    /* From the path below the target to the path on the host. */
    GVirSandboxStringMap *includes;
} GVirSandboxConfigMountPrivate;

enum { PROP_TARGET = 1, PROP_READ_ONLY, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_ABSTRACT_TYPE_WITH_CODE(GVirSandboxConfigMount, gvir_sandbox_config_mount, G_TYPE_OBJECT,
                                 G_ADD_PRIVATE(GVirSandboxConfigMount)
                                     g_type_add_class_private(g_define_type_id, sizeof(GVirSandboxConfigMountHooks)))

GVirSandboxConfigMountHooks *
gvir_sandbox_config_mount_class_get_hooks(gpointer class)
{
    return G_TYPE_CLASS_GET_PRIVATE(class, GVIR_SANDBOX_TYPE_CONFIG_MOUNT, GVirSandboxConfigMountHooks);
}

static GVirSandboxConfigMountPrivate *
get_private(GVirSandboxConfigMount *config)
{
    return gvir_sandbox_config_mount_get_instance_private(config);
}

static void
gvir_sandbox_config_mount_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigMountPrivate *priv = get_private(GVIR_SANDBOX_CONFIG_MOUNT(object));

    switch (id) {
    case PROP_TARGET:
        g_value_set_string(value, priv->target);
        break;
    case PROP_READ_ONLY:
        g_value_set_boolean(value, priv->read_only);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_mount_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigMount *config = GVIR_SANDBOX_CONFIG_MOUNT(object);

    switch (id) {
    case PROP_TARGET:
        get_private(config)->target = g_value_dup_string(value);
        break;
    case PROP_READ_ONLY:
        gvir_sandbox_config_mount_set_read_only(config, g_value_get_boolean(value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_mount_finalize(GObject *object)
{
    GVirSandboxConfigMountPrivate *priv = get_private(GVIR_SANDBOX_CONFIG_MOUNT(object));

    g_free(priv->target);
    gvir_sandbox_string_map_free(priv->includes);

    G_OBJECT_CLASS(gvir_sandbox_config_mount_parent_class)->finalize(object);
}

static gboolean
real_parse(GVirSandboxConfigMount *mount, const gchar *source, gchar **options, GError **error)
{
    if (options[0])
        return gvir_sandbox_option_unknown(options[0], error);
    return TRUE;
}

static gboolean
load_include(GVirSandboxConfigMount *mount, GVirSandboxKeyfile *file, const gchar *group, GError **error)
{
    g_autofree gchar *source = NULL;
    g_autofree gchar *target = NULL;

    if (!gvir_sandbox_keyfile_require(file, group, "dst", error) ||
        !gvir_sandbox_keyfile_require(file, group, "src", error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "dst", &target, error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "src", &source, error))
        return FALSE;
    if (gvir_sandbox_string_map_contains(get_private(mount)->includes, target)) {
        g_autofree gchar *shown = gvir_sandbox_text_show(target);

        return gvir_sandbox_text_invalid(error, _("[%s] dst: \"%s\" is included twice"), group, shown);
    }
    gvir_sandbox_config_mount_add_include(mount, source, target);
    return TRUE;
}

static gboolean
real_load(GVirSandboxConfigMount *mount, GVirSandboxKeyfile *file, const gchar *group, GError **error)
{
    g_autofree gchar *stem = g_strdup_printf("%s.include", group);

    if (!gvir_sandbox_keyfile_read_boolean(file, group, "readOnly", &get_private(mount)->read_only, error))
        return FALSE;
    for (guint i = 0;; i++) {
        g_autofree gchar *include = gvir_sandbox_keyfile_numbered_group(file, stem, i);

        if (!include)
            return TRUE;
        if (!load_include(mount, file, include, error))
            return FALSE;
    }
}

static void
real_save(GVirSandboxConfigMount *mount, GKeyFile *file, const gchar *group)
{
    GVirSandboxConfigMountPrivate *priv = get_private(mount);

    g_key_file_set_string(file, group, "type", G_OBJECT_TYPE_NAME(mount));
    gvir_sandbox_keyfile_write_string(file, group, "target", priv->target);
    if (priv->read_only)
        g_key_file_set_boolean(file, group, "readOnly", TRUE);
}

static gboolean
real_check(GVirSandboxConfigMount *mount, GError **error)
{
    GVirSandboxConfigMountPrivate *priv = get_private(mount);

    if (!gvir_sandbox_value_check_guest_path("target", priv->target, error))
        return FALSE;
    for (guint i = 0; i < gvir_sandbox_string_map_get_size(priv->includes); i++) {
        const gchar *source;
        const gchar *target = gvir_sandbox_string_map_get(priv->includes, i, &source);
        g_autofree gchar *rooted = g_strconcat("/", target, NULL);

        if (!gvir_sandbox_value_check_present("include", target, error) ||
            !gvir_sandbox_value_check_guest_path("include", rooted, error) ||
            !gvir_sandbox_value_check_path("include", source, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
real_is_temporary(GVirSandboxConfigMount *mount)
{
    return FALSE;
}

static void
gvir_sandbox_config_mount_class_init(GVirSandboxConfigMountClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);
    GVirSandboxConfigMountHooks *hooks = gvir_sandbox_config_mount_class_get_hooks(class);

    object_class->get_property = gvir_sandbox_config_mount_get_property;
    object_class->set_property = gvir_sandbox_config_mount_set_property;
    object_class->finalize = gvir_sandbox_config_mount_finalize;
    hooks->parse = real_parse;
    hooks->load = real_load;
    hooks->save = real_save;
    hooks->check = real_check;
    hooks->is_temporary = real_is_temporary;

    /**
     * GVirSandboxConfigMount:target:
     *
     * Where in the sandbox it is mounted.
     */
    properties[PROP_TARGET] = g_param_spec_string("target", NULL, NULL, NULL,
                                                  G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

    /**
     * GVirSandboxConfigMount:read-only:
     *
     * Whether programs in the sandbox cannot write to it.
     *
     * Since: 0.9.0
     */
    properties[PROP_READ_ONLY] = g_param_spec_boolean(
        "read-only", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
gvir_sandbox_config_mount_init(GVirSandboxConfigMount *config)
{
    get_private(config)->includes = gvir_sandbox_string_map_new();
}

/**
 * gvir_sandbox_config_mount_get_target:
 * @config: the mount
 *
 * Gets where in the sandbox it is mounted.
 *
 * Returns: (transfer none): an absolute path in the sandbox
 */
const gchar *
gvir_sandbox_config_mount_get_target(GVirSandboxConfigMount *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_MOUNT(config), NULL);

    return get_private(config)->target;
}

/**
 * gvir_sandbox_config_mount_set_read_only:
 * @config: the mount
 * @read_only: %TRUE if programs in the sandbox cannot write to it
 *
 * Sets whether programs in the sandbox cannot write to the mount. The default is that they can.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_mount_set_read_only(GVirSandboxConfigMount *config, gboolean read_only)
{
    GVirSandboxConfigMountPrivate *priv;

    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_MOUNT(config));

    priv = get_private(config);
    read_only = !!read_only;
    if (priv->read_only == read_only)
        return;
    priv->read_only = read_only;
    g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_READ_ONLY]);
}

/**
 * gvir_sandbox_config_mount_get_read_only:
 * @config: the mount
 *
 * Gets whether programs in the sandbox cannot write to the mount.
 *
 * Returns: %TRUE if they cannot
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_mount_get_read_only(GVirSandboxConfigMount *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_MOUNT(config), FALSE);

    return get_private(config)->read_only;
}

/**
 * gvir_sandbox_config_mount_add_include:
 * @config: the mount
 * @srcpath: absolute path of a file or directory on the host
 * @dstpath: where it is to be, as a path below the target of the mount
 *
 * Asks for a copy of a host file or tree in the mount, made before the sandbox starts.
 */
void
gvir_sandbox_config_mount_add_include(GVirSandboxConfigMount *config, const gchar *srcpath, const gchar *dstpath)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_MOUNT(config));
    g_return_if_fail(srcpath != NULL);
    g_return_if_fail(dstpath != NULL);

    gvir_sandbox_string_map_set(get_private(config)->includes, dstpath, srcpath);
}

/**
 * gvir_sandbox_config_mount_get_includes:
 * @config: the mount
 *
 * Gets what is to be copied into the mount.
 *
 * Returns: (transfer full) (element-type filename filename): a new table from the paths below the
 * target of the mount to the paths on the host
 */
GHashTable *
gvir_sandbox_config_mount_get_includes(GVirSandboxConfigMount *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_MOUNT(config), NULL);

    return gvir_sandbox_string_map_copy_table(get_private(config)->includes);
}

void
gvir_sandbox_config_mount_save(GVirSandboxConfigMount *mount, GKeyFile *file, const gchar *group)
{
    GVirSandboxStringMap *includes = get_private(mount)->includes;

    gvir_sandbox_config_mount_class_get_hooks(GVIR_SANDBOX_CONFIG_MOUNT_GET_CLASS(mount))->save(mount, file, group);
    for (guint i = 0; i < gvir_sandbox_string_map_get_size(includes); i++) {
        g_autofree gchar *include = g_strdup_printf("%s.include.%u", group, i);
        const gchar *source;
        const gchar *target = gvir_sandbox_string_map_get(includes, i, &source);

        g_key_file_set_string(file, include, "dst", target);
        g_key_file_set_string(file, include, "src", source);
    }
}

gboolean
gvir_sandbox_config_mount_check(GVirSandboxConfigMount *mount, GError **error)
{
    return gvir_sandbox_config_mount_class_get_hooks(GVIR_SANDBOX_CONFIG_MOUNT_GET_CLASS(mount))->check(mount, error);
}

gboolean
gvir_sandbox_config_mount_is_temporary(GVirSandboxConfigMount *mount)
{
    return gvir_sandbox_config_mount_class_get_hooks(GVIR_SANDBOX_CONFIG_MOUNT_GET_CLASS(mount))->is_temporary(mount);
}
