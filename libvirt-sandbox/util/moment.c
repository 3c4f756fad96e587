/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/moment-private.h"

#define MOMENTS_DOMAIN "libvirt-sandbox-moments"

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
gvir_sandbox_moment_passed_in_guest(const gchar *name, guint64 microseconds)
{
    if (gvir_sandbox_moments_are_wanted())
        say("guest", (gint64)microseconds, name);
}
