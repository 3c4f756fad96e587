/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/moment-private.h"
#include "libvirt-sandbox/guest/frame.h"

#define MOMENTS_DOMAIN "libvirt-sandbox-moments"

static const gchar *const guest_names[] = {
    [GUEST_MOMENT_KERNEL] = "kernel", [GUEST_MOMENT_MODULES] = "modules",     [GUEST_MOMENT_CONNECT] = "channel",
    [GUEST_MOMENT_ROOT] = "root",     [GUEST_MOMENT_MOUNTS] = "mounts",       [GUEST_MOMENT_PROGRAM] = "program",
    [GUEST_MOMENT_EXIT] = "exit",     [GUEST_MOMENT_LAST_BYTE] = "last-byte",
};

gboolean
gvir_sandbox_moments_are_wanted(void)
{
    return !g_log_writer_default_would_drop(G_LOG_LEVEL_DEBUG, MOMENTS_DOMAIN);
}

static void
say(const gchar *clock, gint64 microseconds, const gchar *name)
{
    g_log(MOMENTS_DOMAIN, G_LOG_LEVEL_DEBUG, "moment %s %" G_GINT64_FORMAT " %s", clock, microseconds, name);
}

void
gvir_sandbox_moment_passed(const gchar *name)
{
    if (gvir_sandbox_moments_are_wanted())
        say("host", g_get_real_time(), name);
}

void
gvir_sandbox_moment_passed_in_guest(guint moment, guint64 microseconds)
{
    if (!gvir_sandbox_moments_are_wanted())
        return;
    say("guest", (gint64)microseconds, guest_names[moment]);
    /* The guest sent this one at once. */
    if (moment == GUEST_MOMENT_CONNECT)
        say("host", g_get_real_time(), guest_names[moment]);
}
