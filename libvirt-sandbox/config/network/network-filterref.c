/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/network/network-filterref.h"

#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/network/network-filterref-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/list-private.h"
#include "libvirt-sandbox/util/text-private.h"

/**
 * GVirSandboxConfigNetworkFilterref:
 *
 * A network filter of libvirt that the packets of an interface go through.
 */

struct _GVirSandboxConfigNetworkFilterref {
    GObject parent_instance;

    gchar *name;
    GPtrArray *parameters;
};

enum { PROP_NAME = 1, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE(GVirSandboxConfigNetworkFilterref, gvir_sandbox_config_network_filterref, G_TYPE_OBJECT)

static void
gvir_sandbox_config_network_filterref_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigNetworkFilterref *config = GVIR_SANDBOX_CONFIG_NETWORK_FILTERREF(object);

    switch (id) {
    case PROP_NAME:
        g_value_set_string(value, config->name);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_network_filterref_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    GVirSandboxConfigNetworkFilterref *config = GVIR_SANDBOX_CONFIG_NETWORK_FILTERREF(object);

    switch (id) {
    case PROP_NAME:
        gvir_sandbox_config_network_filterref_set_name(config, g_value_get_string(value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_network_filterref_finalize(GObject *object)
{
    GVirSandboxConfigNetworkFilterref *config = GVIR_SANDBOX_CONFIG_NETWORK_FILTERREF(object);

    g_free(config->name);
    g_ptr_array_unref(config->parameters);

    G_OBJECT_CLASS(gvir_sandbox_config_network_filterref_parent_class)->finalize(object);
}

static void
gvir_sandbox_config_network_filterref_class_init(GVirSandboxConfigNetworkFilterrefClass *class)
{
    const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    GObjectClass *object_class = G_OBJECT_CLASS(class);

    object_class->get_property = gvir_sandbox_config_network_filterref_get_property;
    object_class->set_property = gvir_sandbox_config_network_filterref_set_property;
    object_class->finalize = gvir_sandbox_config_network_filterref_finalize;

    /**
     * GVirSandboxConfigNetworkFilterref:name:
     *
     * The name of the filter.
     */
    properties[PROP_NAME] = g_param_spec_string("name", NULL, NULL, NULL, flags);

    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
gvir_sandbox_config_network_filterref_init(GVirSandboxConfigNetworkFilterref *config)
{
    config->parameters = g_ptr_array_new_with_free_func(g_object_unref);
}

/**
 * gvir_sandbox_config_network_filterref_new:
 *
 * Makes a reference to a filter, without a name.
 *
 * Returns: (transfer full): the new object
 */
GVirSandboxConfigNetworkFilterref *
gvir_sandbox_config_network_filterref_new(void)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONFIG_NETWORK_FILTERREF, NULL);
}

/**
 * gvir_sandbox_config_network_filterref_set_name:
 * @filter: the filter reference
 * @name: (nullable): the name
 *
 * Sets the name of the filter.
 */
void
gvir_sandbox_config_network_filterref_set_name(GVirSandboxConfigNetworkFilterref *filter, const gchar *name)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_FILTERREF(filter));

    if (gvir_sandbox_text_replace(&filter->name, name))
        g_object_notify_by_pspec(G_OBJECT(filter), properties[PROP_NAME]);
}

/**
 * gvir_sandbox_config_network_filterref_get_name:
 * @filter: the filter reference
 *
 * Gets the name of the filter.
 *
 * Returns: (transfer none) (nullable): the name
 */
const gchar *
gvir_sandbox_config_network_filterref_get_name(GVirSandboxConfigNetworkFilterref *filter)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_FILTERREF(filter), NULL);

    return filter->name;
}

/**
 * gvir_sandbox_config_network_filterref_add_parameter:
 * @filter: the filter reference
 * @param: (transfer none): the parameter
 *
 * Adds a named value that the filter is given.
 */
void
gvir_sandbox_config_network_filterref_add_parameter(GVirSandboxConfigNetworkFilterref *filter,
                                                    GVirSandboxConfigNetworkFilterrefParameter *param)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_FILTERREF(filter));
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_FILTERREF_PARAMETER(param));

    g_ptr_array_add(filter->parameters, g_object_ref(param));
}

/**
 * gvir_sandbox_config_network_filterref_get_parameters:
 * @filter: the filter reference
 *
 * Gets the named values that the filter is given.
 *
 * Returns: (transfer full) (element-type GVirSandboxConfigNetworkFilterrefParameter): a new list
 */
GList *
gvir_sandbox_config_network_filterref_get_parameters(GVirSandboxConfigNetworkFilterref *filter)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_FILTERREF(filter), NULL);

    return gvir_sandbox_list_from_array(filter->parameters);
}

static gboolean
has_parameter(GVirSandboxConfigNetworkFilterref *filter, const gchar *name)
{
    for (guint i = 0; i < filter->parameters->len; i++) {
        if (g_strcmp0(gvir_sandbox_config_network_filterref_parameter_get_name(filter->parameters->pdata[i]), name) ==
            0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
refuse_twice(const gchar *name, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(name);

    return gvir_sandbox_text_invalid(error, _("name: \"%s\" is there twice"), shown);
}

static void
append_parameter(GVirSandboxConfigNetworkFilterref *filter, const gchar *name, const gchar *value)
{
    g_autoptr(GVirSandboxConfigNetworkFilterrefParameter) parameter =
        gvir_sandbox_config_network_filterref_parameter_new();

    gvir_sandbox_config_network_filterref_parameter_set_name(parameter, name);
    gvir_sandbox_config_network_filterref_parameter_set_value(parameter, value);
    gvir_sandbox_config_network_filterref_add_parameter(filter, parameter);
}

gboolean
gvir_sandbox_config_network_filterref_parse_parameter(GVirSandboxConfigNetworkFilterref *filter, const gchar *name,
                                                      const gchar *value, GError **error)
{
    if (!gvir_sandbox_value_check_present("name", name, error))
        return FALSE;
    if (has_parameter(filter, name))
        return refuse_twice(name, error);
    append_parameter(filter, name, value);
    return TRUE;
}

/* NAMES are those that there are already. */
static gboolean
load_parameter(GVirSandboxConfigNetworkFilterref *filter, GHashTable *names, GVirSandboxKeyfile *file,
               const gchar *group, GError **error)
{
    g_autofree gchar *name = NULL;
    g_autofree gchar *value = NULL;

    if (!gvir_sandbox_keyfile_require(file, group, "name", error) ||
        !gvir_sandbox_keyfile_require(file, group, "value", error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "name", &name, error) ||
        !gvir_sandbox_keyfile_read_string(file, group, "value", &value, error))
        return FALSE;
    if (!gvir_sandbox_value_check_present("name", name, error))
        return gvir_sandbox_keyfile_prefix(error, group);
    if (g_hash_table_contains(names, name))
        return refuse_twice(name, error) || gvir_sandbox_keyfile_prefix(error, group);
    append_parameter(filter, name, value);
    g_hash_table_add(names, g_steal_pointer(&name));
    return TRUE;
}

static gboolean
load_parameters(GVirSandboxConfigNetworkFilterref *filter, GVirSandboxKeyfile *file, const gchar *stem, GError **error)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0;; i++) {
        g_autofree gchar *parameter = gvir_sandbox_keyfile_numbered_group(file, stem, i);

        if (!parameter)
            return TRUE;
        if (!load_parameter(filter, names, file, parameter, error))
            return FALSE;
    }
}

gboolean
gvir_sandbox_config_network_filterref_load(GVirSandboxKeyfile *file, const gchar *group,
                                           GVirSandboxConfigNetworkFilterref **filter, GError **error)
{
    g_autofree gchar *stem = g_strdup_printf("%s.filter", group);
    g_autofree gchar *name = NULL;
    g_autoptr(GVirSandboxConfigNetworkFilterref) loaded = NULL;

    *filter = NULL;
    if (!gvir_sandbox_keyfile_read_string(file, group, "filter", &name, error))
        return FALSE;
    if (!name) {
        g_autofree gchar *parameter = gvir_sandbox_keyfile_numbered_group(file, stem, 0);

        return !parameter || gvir_sandbox_keyfile_require(file, group, "filter", error);
    }
    loaded = gvir_sandbox_config_network_filterref_new();
    gvir_sandbox_config_network_filterref_set_name(loaded, name);
    if (!gvir_sandbox_config_network_filterref_check(loaded, error))
        return gvir_sandbox_keyfile_prefix(error, group);
    if (!load_parameters(loaded, file, stem, error))
        return FALSE;
    *filter = g_steal_pointer(&loaded);
    return TRUE;
}

void
gvir_sandbox_config_network_filterref_save(GVirSandboxConfigNetworkFilterref *filter, GKeyFile *file,
                                           const gchar *group)
{
    gvir_sandbox_keyfile_write_string(file, group, "filter", filter->name);
    for (guint i = 0; i < filter->parameters->len; i++) {
        GVirSandboxConfigNetworkFilterrefParameter *parameter = filter->parameters->pdata[i];
        g_autofree gchar *own = g_strdup_printf("%s.filter.%u", group, i);

        gvir_sandbox_keyfile_write_string(file, own, "name",
                                          gvir_sandbox_config_network_filterref_parameter_get_name(parameter));
        gvir_sandbox_keyfile_write_string(file, own, "value",
                                          gvir_sandbox_config_network_filterref_parameter_get_value(parameter));
    }
}

gboolean
gvir_sandbox_config_network_filterref_check(GVirSandboxConfigNetworkFilterref *filter, GError **error)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

    if (!gvir_sandbox_value_check_present("filter", filter->name, error))
        return FALSE;
    for (guint i = 0; i < filter->parameters->len; i++) {
        const gchar *name = gvir_sandbox_config_network_filterref_parameter_get_name(filter->parameters->pdata[i]);

        if (!gvir_sandbox_value_check_present("filter: name", name, error))
            return FALSE;
        if (!gvir_sandbox_config_network_filterref_parameter_get_value(filter->parameters->pdata[i]))
            return gvir_sandbox_text_invalid(error, _("filter: a parameter has no value"));
        if (!g_hash_table_add(names, (gpointer)name))
            return gvir_sandbox_text_invalid(error, _("filter: a parameter is there twice"));
    }
    return TRUE;
}
