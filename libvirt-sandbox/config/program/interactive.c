/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/program/interactive.h"

#include "libvirt-sandbox/config/config-private.h"
#include "libvirt-sandbox/config/program/command-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

/**
 * GVirSandboxConfigInteractive:
 *
 * The description of a sandbox that runs one program for its caller.
 */

typedef struct {
    gchar **command;
    gboolean tty;
    gboolean tty_asked;
    /* Which of the standard streams are the terminal. */
    gboolean tty_input;
    gboolean tty_output;
    gboolean tty_errors;
} GVirSandboxConfigInteractivePrivate;

enum { PROP_TTY = 1, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_TYPE_WITH_PRIVATE(GVirSandboxConfigInteractive, gvir_sandbox_config_interactive, GVIR_SANDBOX_TYPE_CONFIG)

static GVirSandboxConfigInteractivePrivate *
get_private(gpointer config)
{
    return gvir_sandbox_config_interactive_get_instance_private(GVIR_SANDBOX_CONFIG_INTERACTIVE(config));
}

static void
gvir_sandbox_config_interactive_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_TTY:
        g_value_set_boolean(value, get_private(object)->tty);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_interactive_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_TTY:
        gvir_sandbox_config_interactive_set_tty(GVIR_SANDBOX_CONFIG_INTERACTIVE(object), g_value_get_boolean(value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
gvir_sandbox_config_interactive_finalize(GObject *object)
{
    g_strfreev(get_private(object)->command);

    G_OBJECT_CLASS(gvir_sandbox_config_interactive_parent_class)->finalize(object);
}

static gchar **
interactive_get_command(GVirSandboxConfig *config)
{
    return g_strdupv(get_private(config)->command);
}

static gboolean
interactive_load(GVirSandboxConfig *config, GVirSandboxKeyfile *file, GError **error)
{
    gchar **command;

    if (!gvir_sandbox_keyfile_read_boolean(file, "interactive", "tty", &get_private(config)->tty, error))
        return FALSE;
    get_private(config)->tty_asked = gvir_sandbox_keyfile_has_key(file, "interactive", "tty");
    command = gvir_sandbox_command_load(file, error);
    if (!command)
        return FALSE;
    g_strfreev(get_private(config)->command);
    get_private(config)->command = command;
    return TRUE;
}

static void
interactive_save(GVirSandboxConfig *config, GKeyFile *file)
{
    if (get_private(config)->tty_asked)
        g_key_file_set_boolean(file, "interactive", "tty", get_private(config)->tty);
    gvir_sandbox_command_save(get_private(config)->command, file);
}

static gboolean
interactive_check(GVirSandboxConfig *config, GError **error)
{
    return gvir_sandbox_command_check(get_private(config)->command, error) ||
           gvir_sandbox_error_prefix(error, "command");
}

static void
gvir_sandbox_config_interactive_class_init(GVirSandboxConfigInteractiveClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);
    GVirSandboxConfigClass *config_class = GVIR_SANDBOX_CONFIG_CLASS(class);
    GVirSandboxConfigHooks *hooks = gvir_sandbox_config_class_get_hooks(config_class);

    object_class->get_property = gvir_sandbox_config_interactive_get_property;
    object_class->set_property = gvir_sandbox_config_interactive_set_property;
    object_class->finalize = gvir_sandbox_config_interactive_finalize;
    config_class->get_command = interactive_get_command;
    hooks->load = interactive_load;
    hooks->save = interactive_save;
    hooks->check = interactive_check;

    /**
     * GVirSandboxConfigInteractive:tty:
     *
     * Whether the program has a terminal.
     */
    properties[PROP_TTY] = g_param_spec_boolean("tty", NULL, NULL, FALSE,
                                                G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
gvir_sandbox_config_interactive_init(GVirSandboxConfigInteractive *config)
{
    GVirSandboxConfigInteractivePrivate *priv = get_private(config);

    priv->command = gvir_sandbox_command_new_default();
    priv->tty_input = priv->tty_output = priv->tty_errors = TRUE;
}

/**
 * gvir_sandbox_config_interactive_new:
 * @name: (nullable): the name of the sandbox, or %NULL for "sandbox-" and 8 random hex digits
 *
 * Makes a description that runs /bin/sh on the host's root.
 *
 * Returns: (transfer full): the new description
 */
GVirSandboxConfigInteractive *
gvir_sandbox_config_interactive_new(const gchar *name)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONFIG_INTERACTIVE, "name", name, NULL);
}

/**
 * gvir_sandbox_config_interactive_set_command:
 * @config: the description
 * @argv: (array zero-terminated=1): the program and its arguments
 *
 * Sets the program that the sandbox runs. A name without a slash is searched in PATH.
 */
void
gvir_sandbox_config_interactive_set_command(GVirSandboxConfigInteractive *config, gchar **argv)
{
    gchar **copy;

    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_INTERACTIVE(config));

    copy = g_strdupv(argv);
    g_strfreev(get_private(config)->command);
    get_private(config)->command = copy;
}

/**
 * gvir_sandbox_config_interactive_set_tty:
 * @config: the description
 * @tty: %TRUE if the program has a terminal
 *
 * Sets whether the program has a terminal. Where nobody does it has none, and a saved description leaves it open.
 */
void
gvir_sandbox_config_interactive_set_tty(GVirSandboxConfigInteractive *config, gboolean tty)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_INTERACTIVE(config));

    tty = !!tty;
    get_private(config)->tty_asked = TRUE;
    if (get_private(config)->tty == tty)
        return;
    get_private(config)->tty = tty;
    g_object_notify_by_pspec(G_OBJECT(config), properties[PROP_TTY]);
}

/**
 * gvir_sandbox_config_interactive_get_tty:
 * @config: the description
 *
 * Gets whether the program has a terminal.
 *
 * Returns: %TRUE if it has
 */
gboolean
gvir_sandbox_config_interactive_get_tty(GVirSandboxConfigInteractive *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_INTERACTIVE(config), FALSE);

    return get_private(config)->tty;
}

/**
 * gvir_sandbox_config_interactive_get_tty_asked:
 * @config: the description
 *
 * Gets whether anybody has said if the program has a terminal: by gvir_sandbox_config_interactive_set_tty(), or
 * in the saved description that this one is from.
 *
 * Returns: %TRUE if somebody has
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_interactive_get_tty_asked(GVirSandboxConfigInteractive *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_INTERACTIVE(config), FALSE);

    return get_private(config)->tty_asked;
}

/**
 * gvir_sandbox_config_interactive_set_tty_streams:
 * @config: the description
 * @input: %TRUE if standard input is the terminal
 * @output: %TRUE if standard output is
 * @errors: %TRUE if standard error is; one of both must be
 *
 * Sets which of the program's standard streams are its terminal, where it has one: all of them at first. Each of the
 * others is a stream of its own. What the program writes to the terminal comes with its standard output if that is the
 * terminal, else with standard error.
 *
 * What is typed comes with standard input if that is the terminal. Else, if standard output is, it comes from the
 * controlling terminal of the process, to which the console is attached by gvir_sandbox_console_attach_stdio(). Where
 * standard error alone is the terminal nothing is typed, and a program that opens /dev/tty is told that there is none.
 *
 * This is no part of a saved description.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_interactive_set_tty_streams(GVirSandboxConfigInteractive *config, gboolean input, gboolean output,
                                                gboolean errors)
{
    GVirSandboxConfigInteractivePrivate *priv;

    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_INTERACTIVE(config));
    g_return_if_fail(output || errors);

    priv = get_private(config);
    priv->tty_input = !!input;
    priv->tty_output = !!output;
    priv->tty_errors = !!errors;
}

/**
 * gvir_sandbox_config_interactive_get_tty_streams:
 * @config: the description
 * @input: (out) (optional): whether standard input is the terminal
 * @output: (out) (optional): whether standard output is
 * @errors: (out) (optional): whether standard error is
 *
 * Gets which of the program's standard streams are its terminal: none where it has none.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_interactive_get_tty_streams(GVirSandboxConfigInteractive *config, gboolean *input, gboolean *output,
                                                gboolean *errors)
{
    GVirSandboxConfigInteractivePrivate *priv;

    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_INTERACTIVE(config));

    priv = get_private(config);
    if (input)
        *input = priv->tty && priv->tty_input;
    if (output)
        *output = priv->tty && priv->tty_output;
    if (errors)
        *errors = priv->tty && priv->tty_errors;
}
