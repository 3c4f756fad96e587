/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/program/service-systemd.h"

#include "libvirt-sandbox/config/config-private.h"
#include "libvirt-sandbox/config/format/keyfile-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/util/text-private.h"

/**
 * GVirSandboxConfigServiceSystemd:
 *
 * The description of a sandbox that runs a systemd of its own, with the services of a target.
 */

struct _GVirSandboxConfigServiceSystemd {
    GVirSandboxConfigService parent_instance;

    gchar *boot_target;
};

G_DEFINE_FINAL_TYPE(GVirSandboxConfigServiceSystemd, gvir_sandbox_config_service_systemd,
                    GVIR_SANDBOX_TYPE_CONFIG_SERVICE)

static void
gvir_sandbox_config_service_systemd_finalize(GObject *object)
{
    g_free(GVIR_SANDBOX_CONFIG_SERVICE_SYSTEMD(object)->boot_target);

    G_OBJECT_CLASS(gvir_sandbox_config_service_systemd_parent_class)->finalize(object);
}

static gchar **
systemd_get_command(GVirSandboxConfig *config)
{
    GVirSandboxConfigServiceSystemd *systemd = GVIR_SANDBOX_CONFIG_SERVICE_SYSTEMD(config);
    gchar *argv[] = { (gchar *)"/lib/systemd/systemd", (gchar *)"--unit",  systemd->boot_target,
                      (gchar *)"--log-target",         (gchar *)"console", NULL };

    return g_strdupv(argv);
}

static gboolean
check_boot_target(GVirSandboxConfigServiceSystemd *config, GError **error)
{
    return gvir_sandbox_value_check_file_name("bootTarget", config->boot_target, error);
}

static gboolean
systemd_load(GVirSandboxConfig *config, GVirSandboxKeyfile *file, GError **error)
{
    GVirSandboxConfigServiceSystemd *systemd = GVIR_SANDBOX_CONFIG_SERVICE_SYSTEMD(config);

    if (!gvir_sandbox_keyfile_read_string(file, "service", "bootTarget", &systemd->boot_target, error))
        return FALSE;
    return check_boot_target(systemd, error) || gvir_sandbox_keyfile_prefix(error, "service");
}

static void
systemd_save(GVirSandboxConfig *config, GKeyFile *file)
{
    gvir_sandbox_keyfile_write_string(file, "service", "bootTarget",
                                      GVIR_SANDBOX_CONFIG_SERVICE_SYSTEMD(config)->boot_target);
}

static gboolean
systemd_check(GVirSandboxConfig *config, GError **error)
{
    return check_boot_target(GVIR_SANDBOX_CONFIG_SERVICE_SYSTEMD(config), error);
}

static void
gvir_sandbox_config_service_systemd_class_init(GVirSandboxConfigServiceSystemdClass *class)
{
    GVirSandboxConfigClass *config_class = GVIR_SANDBOX_CONFIG_CLASS(class);
    GVirSandboxConfigHooks *hooks = gvir_sandbox_config_class_get_hooks(config_class);

    G_OBJECT_CLASS(class)->finalize = gvir_sandbox_config_service_systemd_finalize;
    config_class->get_command = systemd_get_command;
    hooks->load = systemd_load;
    hooks->save = systemd_save;
    hooks->check = systemd_check;
}

static void
gvir_sandbox_config_service_systemd_init(GVirSandboxConfigServiceSystemd *config)
{
    config->boot_target = g_strdup("multi-user.target");
}

/**
 * gvir_sandbox_config_service_systemd_new:
 * @name: (nullable): the name of the sandbox, or %NULL for "sandbox-" and 8 random hex digits
 *
 * Makes a description that boots multi-user.target on the host's root.
 *
 * Returns: (transfer full): the new description
 */
GVirSandboxConfigServiceSystemd *
gvir_sandbox_config_service_systemd_new(const gchar *name)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONFIG_SERVICE_SYSTEMD, "name", name, NULL);
}

/**
 * gvir_sandbox_config_service_systemd_set_boot_target:
 * @config: the description
 * @target: the name of a systemd unit
 *
 * Sets what the systemd of the sandbox starts.
 */
void
gvir_sandbox_config_service_systemd_set_boot_target(GVirSandboxConfigServiceSystemd *config, const gchar *target)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG_SERVICE_SYSTEMD(config));

    gvir_sandbox_text_replace(&config->boot_target, target);
}

/**
 * gvir_sandbox_config_service_systemd_get_boot_target:
 * @config: the description
 *
 * Gets what the systemd of the sandbox starts.
 *
 * Returns: (transfer none): the name of a systemd unit
 */
const gchar *
gvir_sandbox_config_service_systemd_get_boot_target(GVirSandboxConfigServiceSystemd *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_SERVICE_SYSTEMD(config), NULL);

    return config->boot_target;
}
