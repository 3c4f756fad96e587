/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/libvirt-sandbox.h"

#include "libvirt-sandbox/builder/machine-virtualization-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/libvirt/virtualization-private.h"

/* Emulation or not, on libvirt's test driver, which offers no KVM whatever the host has. */

static GVirConnection *
open_connection(void)
{
    GVirConnection *connection = gvir_connection_new("test:///default");
    GError *error = NULL;

    gvir_connection_open(connection, NULL, &error);
    g_assert_no_error(error);
    return connection;
}

static void
test_choose(void)
{
    static const struct {
        GVirSandboxConfigVirtType type;
        const gchar *arch;
    } emulated[] = {
        { GVIR_SANDBOX_CONFIG_VIRT_TYPE_QEMU, NULL },
        { GVIR_SANDBOX_CONFIG_VIRT_TYPE_QEMU, "sparc64" },
        { GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO, NULL },
        { GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO, "sparc64" },
    };
    g_autoptr(GVirConnection) connection = open_connection();
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    const gchar *reason = NULL;
    GError *error = NULL;
    gboolean result;

    for (gsize i = 0; i < G_N_ELEMENTS(emulated); i++) {
        result = FALSE;
        gvir_sandbox_config_set_virt_type(config, emulated[i].type);
        gvir_sandbox_config_set_arch(config, emulated[i].arch);
        g_assert_true(gvir_sandbox_machine_choose_virtualization(connection, config, &result, &reason, &error));
        g_assert_no_error(error);
        g_assert_true(result);
        /* Nobody needs a reason for what was asked for. */
        g_assert_cmpint(reason != NULL, ==, emulated[i].type == GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO);
    }
    gvir_sandbox_config_set_virt_type(config, GVIR_SANDBOX_CONFIG_VIRT_TYPE_KVM);
    g_assert_false(gvir_sandbox_machine_choose_virtualization(connection, config, &result, NULL, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED);
    g_clear_error(&error);
}

static void
test_nobody_else(void)
{
    g_autoptr(GVirConnection) connection = open_connection();
    guint uid = 0, gid = 0;

    g_assert_false(gvir_sandbox_virtualization_get_qemu_user(connection, &uid, &gid));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gvir_sandbox_init(&argc, &argv);
    g_test_add_func("/virtualization/choose", test_choose);
    g_test_add_func("/virtualization/nobody-else", test_nobody_else);
    return g_test_run();
}
