/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/context.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/builder/builder-private.h"
#include "libvirt-sandbox/console/raw-private.h"
#include "libvirt-sandbox/context/state-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <string.h>

/* Where libvirt's own way would need more of the host. */
static gboolean
lead_to_socket(GVirSandboxContext *context, GVirSandboxConsoleRaw *console, const gchar *name, GError **error)
{
    g_autoptr(GVirSandboxConfig) config = gvir_sandbox_context_get_config(context);
    g_autofree gchar *base = gvir_sandbox_state_get_base(error);
    g_autofree gchar *directory = base ? g_build_filename(base, gvir_sandbox_config_get_name(config), NULL) : NULL;
    g_autofree gchar *path = directory ? gvir_sandbox_builder_machine_socket(directory, name) : NULL;

    gvir_sandbox_console_raw_set_socket(console, path);
    return path != NULL;
}

static GVirSandboxConsole *
make_console(GVirSandboxContext *context, const gchar *machine_name, const gchar *container_name, GError **error)
{
    g_autoptr(GVirConnection) connection = gvir_sandbox_context_get_connection(context);
    g_autoptr(GVirDomain) domain = gvir_sandbox_context_get_domain(context, error);
    g_autoptr(GVirSandboxDriver) driver = domain ? gvir_sandbox_builder_get_driver(connection, error) : NULL;
    g_autoptr(GVirSandboxConsoleRaw) console = NULL;
    gboolean container;

    if (!driver)
        return NULL;
    container = g_str_equal(driver->driver, "lxc");
    console = gvir_sandbox_console_raw_new(connection, domain, container ? container_name : machine_name);
    if (gvir_sandbox_driver_is_embedded(driver) && !lead_to_socket(context, console, machine_name, error))
        return NULL;
    return GVIR_SANDBOX_CONSOLE(g_steal_pointer(&console));
}

/**
 * gvir_sandbox_context_get_log_console:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * Makes a console on what kernel and init of the guest print.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_STATE if the sandbox does not run.
 *
 * Returns: (transfer full): a new console
 */
GVirSandboxConsole *
gvir_sandbox_context_get_log_console(GVirSandboxContext *context, GError **error)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), NULL);

    return make_console(context, GVIR_SANDBOX_CONSOLE_LOG_MACHINE, GVIR_SANDBOX_CONSOLE_LOG_CONTAINER, error);
}

/* Of a sandbox that somebody else started only the domain can tell. */
static gboolean
has_console(GVirSandboxContext *context, const gchar *name, GError **error)
{
    g_autoptr(GVirDomain) domain = gvir_sandbox_context_get_domain(context, error);
    g_autoptr(GVirConfigDomain) description = domain ? gvir_domain_get_config(domain, 0, error) : NULL;
    g_autofree gchar *alias = g_strdup_printf("\"%s\"", name);
    g_autofree gchar *xml = NULL;

    if (!description)
        return FALSE;
    xml = gvir_config_object_to_xml(GVIR_CONFIG_OBJECT(description));
    if (strstr(xml, alias))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE, _("the sandbox was configured without a shell"));
    return FALSE;
}

/**
 * gvir_sandbox_context_get_shell_console:
 * @context: the context
 * @error: return location for an error, or %NULL
 *
 * Makes a console on the shell of a sandbox that was started with one, by whomever.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_STATE if the sandbox does not run or has no shell.
 *
 * Returns: (transfer full): a new console
 */
GVirSandboxConsole *
gvir_sandbox_context_get_shell_console(GVirSandboxContext *context, GError **error)
{
    GVirSandboxConsole *console;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONTEXT(context), NULL);

    if (!has_console(context, GVIR_SANDBOX_CONSOLE_SHELL_MACHINE, error))
        return NULL;
    console = make_console(context, GVIR_SANDBOX_CONSOLE_SHELL_MACHINE, GVIR_SANDBOX_CONSOLE_SHELL_CONTAINER, error);
    if (console)
        gvir_sandbox_console_set_direct(console, TRUE);
    return console;
}
