/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/builder-private.h"
#include "libvirt-sandbox/builder/container.h"
#include "libvirt-sandbox/builder/home/home-private.h"
#include "libvirt-sandbox/builder/machine.h"
#include "libvirt-sandbox/builder/home/secrets-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/libvirt/handle-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/libvirt/driver-private.h"

/**
 * GVirSandboxBuilder:
 *
 * Turns a #GVirSandboxConfig into the description of a libvirt domain and the files that its guest needs.
 * There is one builder per kind of virtualization, found by the driver of the connection; a program can
 * add its own with gvir_sandbox_builder_register().
 */

typedef struct {
    GVirConnection *connection;
    gboolean lasting;
} GVirSandboxBuilderPrivate;

enum { PROP_CONNECTION = 1, PROP_LASTING, N_PROPERTIES };

enum { SIGNAL_PROGRESS, N_SIGNALS };

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(GVirSandboxBuilder, gvir_sandbox_builder, G_TYPE_OBJECT)

static GMutex table_lock;

/* From a driver's name to the GType of its builder. Call with the lock held. */
static GHashTable *
get_table(void)
{
    static GHashTable *table;

    if (!table) {
        table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        g_hash_table_insert(table, g_strdup("qemu"), GSIZE_TO_POINTER(GVIR_SANDBOX_TYPE_BUILDER_MACHINE));
        g_hash_table_insert(table, g_strdup("lxc"), GSIZE_TO_POINTER(GVIR_SANDBOX_TYPE_BUILDER_CONTAINER));
    }
    return table;
}

static GType
find_type(const gchar *driver)
{
    GType type;

    g_mutex_lock(&table_lock);
    type = GPOINTER_TO_SIZE(g_hash_table_lookup(get_table(), driver));
    g_mutex_unlock(&table_lock);
    return type;
}

static void
gvir_sandbox_builder_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    GVirSandboxBuilderPrivate *priv = gvir_sandbox_builder_get_instance_private(GVIR_SANDBOX_BUILDER(object));

    if (id == PROP_CONNECTION)
        g_value_set_object(value, priv->connection);
    else if (id == PROP_LASTING)
        g_value_set_boolean(value, priv->lasting);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void
gvir_sandbox_builder_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    GVirSandboxBuilderPrivate *priv = gvir_sandbox_builder_get_instance_private(GVIR_SANDBOX_BUILDER(object));

    if (id == PROP_CONNECTION)
        priv->connection = g_value_dup_object(value);
    else if (id == PROP_LASTING)
        priv->lasting = g_value_get_boolean(value);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void
gvir_sandbox_builder_finalize(GObject *object)
{
    GVirSandboxBuilderPrivate *priv = gvir_sandbox_builder_get_instance_private(GVIR_SANDBOX_BUILDER(object));

    g_clear_object(&priv->connection);
    G_OBJECT_CLASS(gvir_sandbox_builder_parent_class)->finalize(object);
}

static gboolean
keep_all(GVirSandboxBuilder *builder G_GNUC_UNUSED, GVirSandboxConfig *config G_GNUC_UNUSED,
         const gchar *statedir G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    return TRUE;
}

static gboolean
accept_all(GVirSandboxBuilder *builder G_GNUC_UNUSED, GVirSandboxConfig *config G_GNUC_UNUSED,
           GError **error G_GNUC_UNUSED)
{
    return TRUE;
}

static GVirSandboxTransport
no_transport(GVirSandboxBuilder *builder G_GNUC_UNUSED)
{
    return GVIR_SANDBOX_TRANSPORT_NONE;
}

static GList *
find_nothing(GVirSandboxBuilder *builder G_GNUC_UNUSED, GVirSandboxConfig *config G_GNUC_UNUSED)
{
    return NULL;
}

static void
gvir_sandbox_builder_class_init(GVirSandboxBuilderClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);

    object_class->get_property = gvir_sandbox_builder_get_property;
    object_class->set_property = gvir_sandbox_builder_set_property;
    object_class->finalize = gvir_sandbox_builder_finalize;
    klass->clean_post_start = keep_all;
    klass->clean_post_stop = keep_all;
    klass->check = accept_all;
    klass->transport = no_transport;
    klass->validate = find_nothing;

    /**
     * GVirSandboxBuilder:connection:
     *
     * The connection that the domain is made for.
     */
    properties[PROP_CONNECTION] =
        g_param_spec_object("connection", NULL, "The connection that the domain is made for", GVIR_TYPE_CONNECTION,
                            G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
    /**
     * GVirSandboxBuilder:lasting:
     *
     * The domain is made to be started again and again: all that it needs has to be in its directory, and
     * nothing of it may depend on what a later version of the host's packages changes or a cache drops.
     *
     * Since: 0.9.0
     */
    properties[PROP_LASTING] = g_param_spec_boolean("lasting", NULL, "The domain is started more than once", FALSE,
                                                    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties(object_class, N_PROPERTIES, properties);

    /**
     * GVirSandboxBuilder::progress:
     * @builder: the builder
     * @text: what it does now, a line for people
     *
     * Something was begun that takes longer than people wait without a word. Emitted in the thread that
     * constructs.
     *
     * Since: 0.9.0
     */
    signals[SIGNAL_PROGRESS] = g_signal_new("progress", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                            NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
gvir_sandbox_builder_init(GVirSandboxBuilder *builder G_GNUC_UNUSED)
{
}

gboolean
gvir_sandbox_builder_is_lasting(GVirSandboxBuilder *builder)
{
    GVirSandboxBuilderPrivate *priv = gvir_sandbox_builder_get_instance_private(builder);

    return priv->lasting;
}

void
gvir_sandbox_builder_forget_connection(GVirSandboxBuilder *builder)
{
    GVirSandboxBuilderPrivate *priv = gvir_sandbox_builder_get_instance_private(builder);

    g_clear_object(&priv->connection);
}

void
gvir_sandbox_builder_say_progress(GVirSandboxBuilder *builder, const gchar *text)
{
    g_signal_emit(builder, signals[SIGNAL_PROGRESS], 0, text);
}

/**
 * gvir_sandbox_builder_register:
 * @driver: the driver's name, the first word of its URIs
 * @type: a class that derives from #GVirSandboxBuilder and can be made with a connection alone
 * @error: return location for an error, or %NULL
 *
 * Makes gvir_sandbox_builder_for_connection() return builders of @type for connections to @driver, also
 * where the library has one of its own. May be called from any thread.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if @driver cannot be the name of a driver or @type cannot
 * make builders.
 *
 * Returns: %TRUE if the class was registered
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_builder_register(const gchar *driver, GType type, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(driver != NULL, FALSE);

    if (!g_regex_match_simple("^[a-z][a-z0-9]*$", driver, 0, 0)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                    _("builder for %s: a driver's name has lower-case letters and digits only"), driver);
        return FALSE;
    }
    if (!g_type_is_a(type, GVIR_SANDBOX_TYPE_BUILDER) || G_TYPE_IS_ABSTRACT(type)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                    _("builder for %s: %s is not a class of builders"), driver, g_type_name(type));
        return FALSE;
    }

    g_mutex_lock(&table_lock);
    g_hash_table_insert(get_table(), g_strdup(driver), GSIZE_TO_POINTER(type));
    g_mutex_unlock(&table_lock);
    return TRUE;
}

gboolean
gvir_sandbox_builder_check_driver(const GVirSandboxDriver *driver, const gchar *uri, GError **error)
{
    if (find_type(driver->driver) != G_TYPE_INVALID)
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                _("connection %s: sandboxes cannot be made with the driver %s; use qemu or lxc"), uri, driver->driver);
    return FALSE;
}

/**
 * gvir_sandbox_builder_for_connection:
 * @connection: an open connection
 * @error: return location for an error, or %NULL
 *
 * Makes the builder that fits the driver of a connection.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_STATE if the connection is not open, and to
 * %GVIR_SANDBOX_ERROR_UNSUPPORTED if it leads to another host or there is no builder for its driver.
 *
 * Returns: (transfer full): a new builder
 */
GVirSandboxBuilder *
gvir_sandbox_builder_for_connection(GVirConnection *connection, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autoptr(GVirSandboxDriver) driver = NULL;

    g_return_val_if_fail(GVIR_IS_CONNECTION(connection), NULL);

    driver = gvir_sandbox_driver_of_connection(connection, error);
    if (!driver || !gvir_sandbox_builder_check_driver(driver, gvir_connection_get_uri(connection), error))
        return NULL;
    return g_object_new(find_type(driver->driver), "connection", connection, NULL);
}

/**
 * gvir_sandbox_builder_get_connection:
 * @builder: the builder
 *
 * Gives the connection that the builder was made for.
 *
 * Returns: (transfer full): the connection that the domain is made for
 */
GVirConnection *
gvir_sandbox_builder_get_connection(GVirSandboxBuilder *builder)
{
    GVirSandboxBuilderPrivate *priv;

    g_return_val_if_fail(GVIR_SANDBOX_IS_BUILDER(builder), NULL);

    priv = gvir_sandbox_builder_get_instance_private(builder);
    return g_object_ref(priv->connection);
}

/**
 * gvir_sandbox_builder_construct:
 * @builder: the builder
 * @config: what the sandbox should be
 * @statedir: an existing directory of this sandbox alone, for the files that the domain names
 * @error: return location for an error, or %NULL
 *
 * Makes the description of the domain, and in @statedir the files that it names.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_NOT_FOUND, %GVIR_SANDBOX_ERROR_DENIED, %GVIR_SANDBOX_ERROR_INVALID or
 * %GVIR_SANDBOX_ERROR_UNSUPPORTED for what the configuration asks for and the host or driver does not
 * have, and to %GVIR_SANDBOX_ERROR_FAILED if the files cannot be written.
 *
 * Returns: (transfer full): the description
 */
GVirConfigDomain *
gvir_sandbox_builder_construct(GVirSandboxBuilder *builder, GVirSandboxConfig *config, const gchar *statedir,
                               GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(GVIR_SANDBOX_IS_BUILDER(builder), NULL);
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);
    g_return_val_if_fail(statedir != NULL, NULL);

    /* Who builds without having checked is given what is hidden, too. */
    if (!gvir_sandbox_home_check(config, error) || !gvir_sandbox_secrets_check(config, error))
        return NULL;
    return GVIR_SANDBOX_BUILDER_GET_CLASS(builder)->construct(builder, config, statedir, error);
}

/**
 * gvir_sandbox_builder_clean_post_start:
 * @builder: the builder
 * @config: what the sandbox is
 * @statedir: its directory
 * @error: return location for an error, or %NULL
 *
 * Removes the files in @statedir that a started domain needs no more.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_FAILED if one cannot be removed.
 *
 * Returns: %TRUE if they are gone
 */
gboolean
gvir_sandbox_builder_clean_post_start(GVirSandboxBuilder *builder, GVirSandboxConfig *config, const gchar *statedir,
                                      GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(GVIR_SANDBOX_IS_BUILDER(builder), FALSE);

    return GVIR_SANDBOX_BUILDER_GET_CLASS(builder)->clean_post_start(builder, config, statedir, error);
}

/**
 * gvir_sandbox_builder_clean_post_stop:
 * @builder: the builder
 * @config: what the sandbox was
 * @statedir: its directory
 * @error: return location for an error, or %NULL
 *
 * Undoes what gvir_sandbox_builder_construct() did outside of @statedir, when the domain has ended.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_FAILED if something cannot be removed.
 *
 * Returns: %TRUE if it is gone
 */
gboolean
gvir_sandbox_builder_clean_post_stop(GVirSandboxBuilder *builder, GVirSandboxConfig *config, const gchar *statedir,
                                     GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(GVIR_SANDBOX_IS_BUILDER(builder), FALSE);

    return GVIR_SANDBOX_BUILDER_GET_CLASS(builder)->clean_post_stop(builder, config, statedir, error);
}

/**
 * gvir_sandbox_builder_check:
 * @builder: the builder
 * @config: what the sandbox should be
 * @error: return location for an error, or %NULL
 *
 * Says what can be known wrong before anything is made.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID, %GVIR_SANDBOX_ERROR_NOT_FOUND, %GVIR_SANDBOX_ERROR_DENIED or
 * %GVIR_SANDBOX_ERROR_UNSUPPORTED.
 *
 * Returns: %TRUE if nothing was found wrong
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_builder_check(GVirSandboxBuilder *builder, GVirSandboxConfig *config, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(GVIR_SANDBOX_IS_BUILDER(builder), FALSE);

    return GVIR_SANDBOX_BUILDER_GET_CLASS(builder)->check(builder, config, error);
}

/**
 * gvir_sandbox_builder_validate:
 * @builder: the builder
 * @config: what a sandbox should be
 *
 * Looks at what the host has of what such a sandbox needs, besides what gvir_sandbox_builder_check() says.
 * Nothing is made or started. gvir_sandbox_context_validate() looks at all else, too.
 *
 * Returns: (element-type GVirSandboxFinding) (transfer full): what was found, in the order in which it
 *   should be read
 *
 * Since: 0.9.0
 */
GList *
gvir_sandbox_builder_validate(GVirSandboxBuilder *builder, GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_BUILDER(builder), NULL);
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return GVIR_SANDBOX_BUILDER_GET_CLASS(builder)->validate(builder, config);
}

/**
 * gvir_sandbox_builder_get_transport:
 * @builder: the builder
 *
 * Tells how the host speaks to the init of such a domain.
 *
 * Returns: how the init of a domain of this builder is reached
 *
 * Since: 0.9.0
 */
GVirSandboxTransport
gvir_sandbox_builder_get_transport(GVirSandboxBuilder *builder)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_BUILDER(builder), GVIR_SANDBOX_TRANSPORT_NONE);

    return GVIR_SANDBOX_BUILDER_GET_CLASS(builder)->transport(builder);
}

static void
add_parameter(GVirConfigDomainInterfaceFilterref *filter, GVirSandboxConfigNetworkFilterrefParameter *parameter)
{
    g_autoptr(GVirConfigDomainInterfaceFilterrefParameter) element =
        gvir_config_domain_interface_filterref_parameter_new();

    gvir_config_domain_interface_filterref_parameter_set_name(
        element, gvir_sandbox_config_network_filterref_parameter_get_name(parameter));
    gvir_config_domain_interface_filterref_parameter_set_value(
        element, gvir_sandbox_config_network_filterref_parameter_get_value(parameter));
    gvir_config_domain_interface_filterref_add_parameter(filter, element);
}

/**
 * gvir_sandbox_builder_set_filterref:
 * @builder: the builder
 * @iface: an interface of a domain's description
 * @filterref: the filter to put on it
 *
 * Puts a network filter on an interface.
 */
void
gvir_sandbox_builder_set_filterref(GVirSandboxBuilder *builder G_GNUC_UNUSED, GVirConfigDomainInterface *iface,
                                   GVirSandboxConfigNetworkFilterref *filterref)
{
    g_autoptr(GVirConfigDomainInterfaceFilterref) element = gvir_config_domain_interface_filterref_new();
    GList *parameters = gvir_sandbox_config_network_filterref_get_parameters(filterref);

    gvir_config_domain_interface_filterref_set_name(element, gvir_sandbox_config_network_filterref_get_name(filterref));
    for (GList *link = parameters; link; link = link->next)
        add_parameter(element, link->data);
    g_list_free_full(parameters, g_object_unref);
    gvir_config_domain_interface_set_filterref(iface, element);
}
