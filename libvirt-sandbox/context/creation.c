/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/creation-private.h"
#include "libvirt-sandbox/config/config-check-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/config/program/service.h"
#include "libvirt-sandbox/context/leftover/leftover-domain-private.h"
#include "libvirt-sandbox/context/leftover/leftover-private.h"
#include "libvirt-sandbox/context/qemu/qemu-log-private.h"
#include "libvirt-sandbox/context/qemu/qemu-memory-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/libvirt/driver-private.h"
#include "libvirt-sandbox/builder/builder.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

GVirSandboxBuilder *
gvir_sandbox_creation_choose_builder(GVirConnection *connection, GVirSandboxConfig *config, GError **error)
{
    g_autoptr(GVirSandboxBuilder) builder = NULL;

    if (!gvir_sandbox_config_check(config, error))
        return NULL;
    builder = gvir_sandbox_builder_for_connection(connection, error);
    if (!builder || !gvir_sandbox_builder_check(builder, config, error))
        return NULL;
    return g_steal_pointer(&builder);
}

static gboolean
is_embedded(GVirConnection *connection)
{
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_of_connection(connection, NULL);

    return driver && gvir_sandbox_driver_is_embedded(driver);
}

static gboolean
is_container(GVirSandboxBuilder *builder)
{
    return gvir_sandbox_builder_get_transport(builder) == GVIR_SANDBOX_TRANSPORT_DESCRIPTOR;
}

GVirSandboxState *
gvir_sandbox_creation_make_state(GVirSandboxBuilder *builder, const gchar *name, GError **error)
{
    g_autoptr(GVirConnection) connection = gvir_sandbox_builder_get_connection(builder);
    g_autofree gchar *base = gvir_sandbox_state_get_base(error);
    GVirSandboxState *state;

    if (!base)
        return NULL;
    gvir_sandbox_state_sweep(base);
    if (is_container(builder))
        gvir_sandbox_leftover_domains_forget(connection, base);
    state = gvir_sandbox_state_create(name, error);
    if (state && (is_container(builder) || is_embedded(connection)))
        gvir_sandbox_leftover_domain_await(connection, base, name);
    return state;
}

gchar *
gvir_sandbox_creation_describe(GVirSandboxBuilder *builder, GVirSandboxConfig *config, const gchar *directory,
                               GError **error)
{
    g_autoptr(GVirConfigDomain) description = gvir_sandbox_builder_construct(builder, config, directory, error);

    return description ? gvir_config_object_to_xml(GVIR_CONFIG_OBJECT(description)) : NULL;
}

/* An embedded driver refuses to end its machines with the connection; its guard does. */
static gboolean
wants_autodestroy(GVirConnection *connection, GVirSandboxTransport transport)
{
    return transport != GVIR_SANDBOX_TRANSPORT_NONE && !is_embedded(connection);
}

static void
hold_process(GVirConnection *connection, GVirSandboxRunningDomain *domain)
{
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_of_connection(connection, NULL);

    if (driver && gvir_sandbox_driver_is_embedded(driver)) {
        gvir_sandbox_qemu_memory_bound(gvir_sandbox_running_domain_get_process(domain, driver->root));
        gvir_sandbox_running_domain_hold_machine(domain, driver->root);
    } else {
        gvir_sandbox_running_domain_hold_container(domain);
    }
}

/* A daemon has somebody who keeps its logs short. */
static GVirSandboxRunningDomain *
create_domain(GVirConnection *connection, GVirSandboxConfig *config, GVirSandboxTransport transport, const gchar *xml,
              int descriptor, GError **error)
{
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_of_connection(connection, error);
    g_autoptr(GVirSandboxQemuLog) log = NULL;

    if (!driver)
        return NULL;
    if (gvir_sandbox_driver_is_embedded(driver)) {
        log = gvir_sandbox_qemu_log_new(driver->root, gvir_sandbox_config_get_name(config), error);
        if (!log)
            return NULL;
    }
    return gvir_sandbox_running_domain_create(connection, xml, wants_autodestroy(connection, transport), descriptor,
                                              error);
}

GVirSandboxRunningDomain *
gvir_sandbox_creation_run(GVirConnection *connection, GVirSandboxConfig *config, GVirSandboxBuilder *builder,
                          const gchar *xml, int *descriptor, GError **error)
{
    GVirSandboxTransport transport = gvir_sandbox_builder_get_transport(builder);
    GVirSandboxRunningDomain *domain;
    int ends[2] = { -1, -1 };

    /* A service talks to nobody. */
    if (transport == GVIR_SANDBOX_TRANSPORT_DESCRIPTOR && !GVIR_SANDBOX_IS_CONFIG_SERVICE(config) &&
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        gvir_sandbox_error_set_errno(error, errno, _("cannot make a socket"));
        return NULL;
    }

    domain = create_domain(connection, config, transport, xml, ends[1], error);
    if (ends[1] >= 0)
        close(ends[1]);
    if (!domain && ends[0] >= 0)
        close(ends[0]);
    if (domain)
        hold_process(connection, domain);
    *descriptor = domain ? ends[0] : -1;
    return domain;
}

void
gvir_sandbox_creation_clear(GVirSandboxBuilder *builder, GVirSandboxState *state)
{
    const gchar *path = gvir_sandbox_state_get_path(state);

    gvir_sandbox_leftover_end_processes(path);
    if (is_container(builder))
        gvir_sandbox_leftover_clear_container(strrchr(path, '/') + 1);
}

void
gvir_sandbox_creation_find_busy(GVirSandboxBuilder *builder, GVirSandboxConfig *config, GError **error)
{
    g_autoptr(GError) reason = NULL;

    if (!error || !g_error_matches(*error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_FAILED) ||
        gvir_sandbox_builder_check(builder, config, &reason) ||
        !g_error_matches(reason, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_BUSY))
        return;
    g_clear_error(error);
    *error = g_steal_pointer(&reason);
}
