/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/quick-end-private.h"
#include "libvirt-sandbox/autoptr-private.h"
#include "libvirt-sandbox/builder/builder-private.h"
#include "libvirt-sandbox/config/mount-host-image.h"
#include "libvirt-sandbox/context/embedded-private.h"
#include "libvirt-sandbox/handle-private.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KILL_WAIT_MSEC 1000

/* QEMU may still have to write to an image, and libvirt to take apart what leads to a network. */
static gboolean
needs_an_orderly_end(GVirSandboxConfig *config)
{
    return gvir_sandbox_config_has_disks(config) || gvir_sandbox_config_has_networks(config) ||
           gvir_sandbox_config_has_mounts_with_type(config, GVIR_SANDBOX_TYPE_CONFIG_MOUNT_HOST_IMAGE);
}

/* SELinux and AppArmor have a profile or labels for each machine, which libvirt removes. */
static gboolean
has_labels(GVirConnection *connection)
{
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);
    virSecurityModel model = { 0 };

    return virNodeGetSecurityModel(handle, &model) < 0 ||
           (*model.model && !g_str_equal(model.model, "none") && !g_str_equal(model.model, "dac"));
}

static gboolean
kill_and_wait(guint process)
{
    struct pollfd pollfd = { .fd = (int)syscall(SYS_pidfd_open, process, 0), .events = POLLIN };
    gboolean ended;

    if (pollfd.fd < 0)
        return FALSE;
    ended = syscall(SYS_pidfd_send_signal, pollfd.fd, SIGKILL, NULL, 0) == 0 &&
            poll(&pollfd, 1, KILL_WAIT_MSEC) == 1;
    close(pollfd.fd);
    return ended;
}

gboolean
gvir_sandbox_quick_end(GVirSandboxRunningDomain *domain, GVirConnection *connection, GVirSandboxConfig *config)
{
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_builder_get_driver(connection, NULL);
    guint process;

    if (!driver || !driver->root || !gvir_sandbox_embedded_is_own(driver->root) ||
        needs_an_orderly_end(config) || has_labels(connection))
        return FALSE;
    /* It cannot be another's by now: libvirt knows it as running, so nobody has waited for it. */
    process = gvir_sandbox_running_domain_is_active(domain)
                  ? gvir_sandbox_running_domain_get_process(domain, driver->root)
                  : 0;
    return process > 0 && kill_and_wait(process);
}
