/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/network/network-filterref-parameter.h"

#include "libvirt-sandbox/util/text-private.h"

/**
 * GVirSandboxConfigNetworkFilterrefParameter:
 *
 * A named value that a network filter of libvirt is given.
 */

struct _GVirSandboxConfigNetworkFilterrefParameter {
    GObject parent_instance;

    gchar *name;
    gchar *value;
};

enum { PROP_NAME = 1, PROP_VALUE, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE(GVirSandboxConfigNetworkFilterrefParameter, gvir_sandbox_config_network_filterref_parameter,
                    G_TYPE_OBJECT)

static void
gvir_sandbox_config_network_filterref_parameter_get_property(GObject *object, guint id, GValue *value,
                                                             GParamSpec *pspec)
{
    GVirSandboxConfigNetworkFilterrefParameter *config = GVIR_SANDBOX_CONFIG_NETWORK_FILTERREF_PARAMETER(object);

    switch (id) {
    case PROP_NAME:
        g_value_set_string(value, config->name);
        break;
    case PROP_VALUE:
        g_value_set_string(value, config->value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_network_filterref_parameter_set_property(GObject *object, guint id, const GValue *value,
                                                             GParamSpec *pspec)
{
    GVirSandboxConfigNetworkFilterrefParameter *config = GVIR_SANDBOX_CONFIG_NETWORK_FILTERREF_PARAMETER(object);

    switch (id) {
    case PROP_NAME:
        gvir_sandbox_config_network_filterref_parameter_set_name(config, g_value_get_string(value));
        break;
    case PROP_VALUE:
        gvir_sandbox_config_network_filterref_parameter_set_value(config, g_value_get_string(value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_network_filterref_parameter_finalize(GObject *object)
{
    GVirSandboxConfigNetworkFilterrefParameter *config = GVIR_SANDBOX_CONFIG_NETWORK_FILTERREF_PARAMETER(object);

    g_free(config->name);
    g_free(config->value);

    G_OBJECT_CLASS(gvir_sandbox_config_network_filterref_parameter_parent_class)->finalize(object);
}

static void
gvir_sandbox_config_network_filterref_parameter_class_init(GVirSandboxConfigNetworkFilterrefParameterClass *class)
{
    const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
    GObjectClass *object_class = G_OBJECT_CLASS(class);

    object_class->get_property = gvir_sandbox_config_network_filterref_parameter_get_property;
    object_class->set_property = gvir_sandbox_config_network_filterref_parameter_set_property;
    object_class->finalize = gvir_sandbox_config_network_filterref_parameter_finalize;

    /**
     * GVirSandboxConfigNetworkFilterrefParameter:name:
     *
     * The name of the parameter.
     */
    properties[PROP_NAME] = g_param_spec_string("name", NULL, NULL, NULL, flags);

    /**
     * GVirSandboxConfigNetworkFilterrefParameter:value:
     *
     * The value of the parameter.
     */
    properties[PROP_VALUE] = g_param_spec_string("value", NULL, NULL, NULL, flags);

    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
gvir_sandbox_config_network_filterref_parameter_init(GVirSandboxConfigNetworkFilterrefParameter *config)
{
}

/**
 * gvir_sandbox_config_network_filterref_parameter_new:
 *
 * Makes a parameter without name and value.
 *
 * Returns: (transfer full): the new object
 */
GVirSandboxConfigNetworkFilterrefParameter *
gvir_sandbox_config_network_filterref_parameter_new(void)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONFIG_NETWORK_FILTERREF_PARAMETER, NULL);
}

/**
 * gvir_sandbox_config_network_filterref_parameter_set_name:
 * @param: the parameter
 * @name: (nullable): the name
 *
 * Sets the name of the parameter.
 */
void
gvir_sandbox_config_network_filterref_parameter_set_name(GVirSandboxConfigNetworkFilterrefParameter *param,
                                                         const gchar *name)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_FILTERREF_PARAMETER(param));

    if (gvir_sandbox_text_replace(&param->name, name))
        g_object_notify_by_pspec(G_OBJECT(param), properties[PROP_NAME]);
}

/**
 * gvir_sandbox_config_network_filterref_parameter_get_name:
 * @param: the parameter
 *
 * Gets the name of the parameter.
 *
 * Returns: (transfer none) (nullable): the name
 */
const gchar *
gvir_sandbox_config_network_filterref_parameter_get_name(GVirSandboxConfigNetworkFilterrefParameter *param)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_FILTERREF_PARAMETER(param), NULL);

    return param->name;
}

/**
 * gvir_sandbox_config_network_filterref_parameter_set_value:
 * @param: the parameter
 * @value: (nullable): the value
 *
 * Sets the value of the parameter.
 */
void
gvir_sandbox_config_network_filterref_parameter_set_value(GVirSandboxConfigNetworkFilterrefParameter *param,
                                                          const gchar *value)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_FILTERREF_PARAMETER(param));

    if (gvir_sandbox_text_replace(&param->value, value))
        g_object_notify_by_pspec(G_OBJECT(param), properties[PROP_VALUE]);
}

/**
 * gvir_sandbox_config_network_filterref_parameter_get_value:
 * @param: the parameter
 *
 * Gets the value of the parameter.
 *
 * Returns: (transfer none) (nullable): the value
 */
const gchar *
gvir_sandbox_config_network_filterref_parameter_get_value(GVirSandboxConfigNetworkFilterrefParameter *param)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_NETWORK_FILTERREF_PARAMETER(param), NULL);

    return param->value;
}
