/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/wire/rpc-frames-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

/*
 * What a guest does not say: one that neither starts nor ends in time, one that hangs up without a word, and a
 * sandbox that is gone while its wire looks open.
 */

/* For each step of starting; a kernel that boots under emulation on a busy host takes its time. */
#define START_SECONDS 120
/* For the end of a program that the guest was told to kill. */
#define EXIT_SECONDS 2
/* Between the end of the wire and the driver's knowing why. */
#define REASON_SECONDS 1

#define LOOK_MSEC 500
#define LOOK_CLOSELY_MSEC 20

static GError *
overdue_error(const GVirSandboxConsoleRpc *rpc)
{
    if (rpc->hung_up)
        return g_error_new(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST, _("the sandbox ended before its program did"));
    if (rpc->quitting)
        return g_error_new(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST,
                           _("the sandbox did not end its program when it was told to"));
    return g_error_new(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST,
                       _("the sandbox did not start: its guest said nothing for %d seconds; "
                         "--debug shows its log"),
                       START_SECONDS);
}

static gboolean
look(gpointer user_data)
{
    g_autoptr(GVirSandboxConsoleRpc) rpc = g_object_ref(user_data);
    g_autoptr(GObject) owner = g_weak_ref_get(&rpc->look_owner);
    GError *reason = owner ? rpc->look(owner, rpc->hung_up) : NULL;

    if (!reason && rpc->deadline != 0 && g_get_monotonic_time() >= rpc->deadline)
        reason = overdue_error(rpc);
    if (!reason)
        return G_SOURCE_CONTINUE;
    gvir_sandbox_console_rpc_end(rpc, reason);
    return G_SOURCE_REMOVE;
}

static void
look_every(GVirSandboxConsoleRpc *rpc, guint milliseconds)
{
    if (rpc->looking)
        g_source_destroy(rpc->looking);
    g_clear_pointer(&rpc->looking, g_source_unref);
    if (milliseconds == 0)
        return;
    rpc->looking = g_timeout_source_new(milliseconds);
    g_source_set_callback(rpc->looking, look, rpc, NULL);
    g_source_attach(rpc->looking, rpc->context);
}

void
gvir_sandbox_console_rpc_expect_progress(GVirSandboxConsoleRpc *rpc)
{
    if (rpc->quitting)
        return;
    rpc->deadline = rpc->state == STATE_RUNNING ? 0 : g_get_monotonic_time() + START_SECONDS * G_USEC_PER_SEC;
    if (!rpc->looking)
        look_every(rpc, LOOK_MSEC);
}

void
gvir_sandbox_console_rpc_expect_exit(GVirSandboxConsoleRpc *rpc)
{
    rpc->quitting = TRUE;
    rpc->deadline = g_get_monotonic_time() + EXIT_SECONDS * G_USEC_PER_SEC;
}

void
gvir_sandbox_console_rpc_expect_reason(GVirSandboxConsoleRpc *rpc)
{
    rpc->hung_up = TRUE;
    rpc->deadline = g_get_monotonic_time() + REASON_SECONDS * G_USEC_PER_SEC;
    look_every(rpc, LOOK_CLOSELY_MSEC);
}

void
gvir_sandbox_console_rpc_expect_nothing(GVirSandboxConsoleRpc *rpc)
{
    rpc->deadline = 0;
    look_every(rpc, 0);
}
