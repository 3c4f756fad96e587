/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/program/service-generic.h"

#include "libvirt-sandbox/config/config-private.h"
#include "libvirt-sandbox/config/program/command-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

/**
 * GVirSandboxConfigServiceGeneric:
 *
 * The description of a sandbox that runs one program as a service.
 */

struct _GVirSandboxConfigServiceGeneric {
    GVirSandboxConfigService parent_instance;

    gchar **command;
};

G_DEFINE_FINAL_TYPE(GVirSandboxConfigServiceGeneric, gvir_sandbox_config_service_generic,
                    GVIR_SANDBOX_TYPE_CONFIG_SERVICE)

static void
gvir_sandbox_config_service_generic_finalize(GObject *object)
{
    g_strfreev(GVIR_SANDBOX_CONFIG_SERVICE_GENERIC(object)->command);

    G_OBJECT_CLASS(gvir_sandbox_config_service_generic_parent_class)->finalize(object);
}

static gchar **
generic_get_command(GVirSandboxConfig *config)
{
    return g_strdupv(GVIR_SANDBOX_CONFIG_SERVICE_GENERIC(config)->command);
}

static gboolean
generic_load(GVirSandboxConfig *config, GVirSandboxKeyfile *file, GError **error)
{
    gchar **command;

    command = gvir_sandbox_command_load(file, error);
    if (!command)
        return FALSE;
    g_strfreev(GVIR_SANDBOX_CONFIG_SERVICE_GENERIC(config)->command);
    GVIR_SANDBOX_CONFIG_SERVICE_GENERIC(config)->command = command;
    return TRUE;
}

static void
generic_save(GVirSandboxConfig *config, GKeyFile *file)
{
    gvir_sandbox_command_save(GVIR_SANDBOX_CONFIG_SERVICE_GENERIC(config)->command, file);
}

static gboolean
generic_check(GVirSandboxConfig *config, GError **error)
{
    return gvir_sandbox_command_check(GVIR_SANDBOX_CONFIG_SERVICE_GENERIC(config)->command, error) ||
           gvir_sandbox_error_prefix(error, "command");
}

static void
gvir_sandbox_config_service_generic_class_init(GVirSandboxConfigServiceGenericClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);
    GVirSandboxConfigClass *config_class = GVIR_SANDBOX_CONFIG_CLASS(class);
    GVirSandboxConfigHooks *hooks = gvir_sandbox_config_class_get_hooks(config_class);

    object_class->finalize = gvir_sandbox_config_service_generic_finalize;
    config_class->get_command = generic_get_command;
    hooks->load = generic_load;
    hooks->save = generic_save;
    hooks->check = generic_check;
}

static void
gvir_sandbox_config_service_generic_init(GVirSandboxConfigServiceGeneric *config)
{
    config->command = gvir_sandbox_command_new_default();
}

/**
 * gvir_sandbox_config_service_generic_new:
 * @name: (nullable): the name of the sandbox, or %NULL for "sandbox-" and 8 random hex digits
 *
 * Makes a description that runs /bin/sh on the host's root.
 *
 * Returns: (transfer full): the new description
 */
GVirSandboxConfigServiceGeneric *
gvir_sandbox_config_service_generic_new(const gchar *name)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONFIG_SERVICE_GENERIC, "name", name, NULL);
}

/**
 * gvir_sandbox_config_service_generic_set_command:
 * @config: the description
 * @argv: (array zero-terminated=1): the program and its arguments
 *
 * Sets the program that the sandbox runs. A name without a slash is searched in PATH.
 */
void
gvir_sandbox_config_service_generic_set_command(GVirSandboxConfigServiceGeneric *config, gchar **argv)
{
    gchar **copy;

    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_SERVICE_GENERIC(config));

    copy = g_strdupv(argv);
    g_strfreev(config->command);
    config->command = copy;
}
