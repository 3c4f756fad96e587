/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/wire/watch-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

/* For each step of starting; a kernel that boots under emulation on a busy host takes its time. */
#define START_SECONDS 120
/* For the end of a program that the guest was told to kill. */
#define EXIT_SECONDS 2
/* Between the end of the wire and the driver's knowing why. */
#define REASON_SECONDS 1

#define CHECK_MSEC 500
#define CHECK_CLOSELY_MSEC 20

struct _GVirSandboxWatch {
    GMainContext *context;
    const GVirSandboxWatchHandlers *handlers;
    GObject *owner; /* no reference: it owns the watch */
    GVirSandboxExpectation expectation;
    GSource *checking; /* NULL: paused */
    gint64 deadline;   /* monotonic; 0 for none */
};

GVirSandboxWatch *
gvir_sandbox_watch_new(GMainContext *context, const GVirSandboxWatchHandlers *handlers, GObject *owner)
{
    GVirSandboxWatch *watch = g_new0(GVirSandboxWatch, 1);

    watch->context = g_main_context_ref(context);
    watch->handlers = handlers;
    watch->owner = owner;
    watch->expectation = GVIR_SANDBOX_EXPECT_STEP;
    return watch;
}

void
gvir_sandbox_watch_free(GVirSandboxWatch *watch)
{
    gvir_sandbox_watch_pause(watch);
    g_main_context_unref(watch->context);
    g_free(watch);
}

static gint64
seconds_allowed(const GVirSandboxWatch *watch)
{
    switch (watch->expectation) {
    case GVIR_SANDBOX_EXPECT_STEP:
        return START_SECONDS;
    case GVIR_SANDBOX_EXPECT_RUN:
        return 0;
    case GVIR_SANDBOX_EXPECT_EXIT:
        return EXIT_SECONDS;
    case GVIR_SANDBOX_EXPECT_REASON:
        return REASON_SECONDS;
    }
    g_assert_not_reached();
}

static GError *
overdue_error(const GVirSandboxWatch *watch)
{
    GError *error;

    if (watch->expectation == GVIR_SANDBOX_EXPECT_REASON)
        return g_error_new(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST, _("the sandbox ended before its program did"));
    if (watch->expectation == GVIR_SANDBOX_EXPECT_EXIT)
        return g_error_new(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST,
                           _("the sandbox did not end its program when it was told to"));
    error = g_error_new(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST,
                        _("the sandbox did not start: its guest said nothing for %d seconds; look at its log"),
                        START_SECONDS);
    gvir_sandbox_error_set_remedy(&error, "debug");
    return error;
}

static gboolean
check(gpointer user_data)
{
    GVirSandboxWatch *watch = user_data;
    g_autoptr(GObject) owner = g_object_ref(watch->owner);
    GError *reason = watch->handlers->check(watch->expectation == GVIR_SANDBOX_EXPECT_REASON, owner);

    if (!reason && watch->deadline != 0 && g_get_monotonic_time() >= watch->deadline)
        reason = overdue_error(watch);
    if (!reason)
        return G_SOURCE_CONTINUE;
    gvir_sandbox_watch_pause(watch);
    watch->handlers->over(reason, owner);
    return G_SOURCE_REMOVE;
}

void
gvir_sandbox_watch_resume(GVirSandboxWatch *watch)
{
    gboolean closely = watch->expectation == GVIR_SANDBOX_EXPECT_REASON;
    gint64 seconds = seconds_allowed(watch);

    gvir_sandbox_watch_pause(watch);
    watch->deadline = seconds > 0 ? g_get_monotonic_time() + seconds * G_USEC_PER_SEC : 0;
    watch->checking = g_timeout_source_new(closely ? CHECK_CLOSELY_MSEC : CHECK_MSEC);
    g_source_set_callback(watch->checking, check, watch, NULL);
    g_source_attach(watch->checking, watch->context);
}

void
gvir_sandbox_watch_pause(GVirSandboxWatch *watch)
{
    if (watch->checking)
        g_source_destroy(watch->checking);
    g_clear_pointer(&watch->checking, g_source_unref);
}

void
gvir_sandbox_watch_expect(GVirSandboxWatch *watch, GVirSandboxExpectation expectation)
{
    watch->expectation = MAX(watch->expectation, expectation);
    if (watch->checking)
        gvir_sandbox_watch_resume(watch);
}
