/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/wire/watch-private.h"
#include "libvirt-sandbox/error.h"

/* What the watch does about a guest that says nothing, with an owner that is looked after as a console is. */

typedef struct {
    GObject *owner;
    GVirSandboxWatch *watch;
    GMainLoop *loop;
    GError *found; /* given to the watch at its next question */
    gboolean leave;
    guint checks;
    gboolean hung_up;
    GError *reason;
} Fixture;

static Fixture *
fixture_of(gpointer owner)
{
    return g_object_get_data(owner, "fixture");
}

static GError *
on_check(gboolean hung_up, gpointer owner)
{
    Fixture *fixture = fixture_of(owner);

    fixture->checks++;
    fixture->hung_up = hung_up;
    if (fixture->leave) {
        g_clear_object(&fixture->owner);
        g_main_loop_quit(fixture->loop);
    }
    return g_steal_pointer(&fixture->found);
}

static void
on_over(GError *reason, gpointer owner)
{
    Fixture *fixture = fixture_of(owner);

    g_assert_null(fixture->reason);
    fixture->reason = reason;
    g_main_loop_quit(fixture->loop);
}

static const GVirSandboxWatchHandlers handlers = { .check = on_check, .over = on_over };

static void
free_watch(gpointer user_data)
{
    Fixture *fixture = user_data;

    g_clear_pointer(&fixture->watch, gvir_sandbox_watch_free);
}

static void
set_up(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    fixture->loop = g_main_loop_new(NULL, FALSE);
    fixture->owner = g_object_new(G_TYPE_OBJECT, NULL);
    g_object_set_data(fixture->owner, "fixture", fixture);
    fixture->watch = gvir_sandbox_watch_new(g_main_context_default(), &handlers, fixture->owner);
    g_object_set_data_full(fixture->owner, "watch", fixture, free_watch);
}

static void
tear_down(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_clear_object(&fixture->owner);
    g_clear_error(&fixture->reason);
    g_main_loop_unref(fixture->loop);
}

static gboolean
quit(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_REMOVE;
}

static void
run_for(Fixture *fixture, guint milliseconds)
{
    guint timeout = g_timeout_add(milliseconds, quit, fixture->loop);

    g_main_loop_run(fixture->loop);
    if (g_main_context_find_source_by_id(NULL, timeout))
        g_source_remove(timeout);
}

static void
test_reason_of_driver(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    fixture->found = g_error_new_literal(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_CONNECTION, "lost");
    gvir_sandbox_watch_resume(fixture->watch);
    run_for(fixture, 20000);
    g_assert_error(fixture->reason, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_CONNECTION);
    g_assert_false(fixture->hung_up);
    g_assert_cmpuint(fixture->checks, ==, 1);
}

/* A guest that has hung up is over also where its driver never says why. */
static void
test_hung_up(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    gint64 start = g_get_monotonic_time();

    gvir_sandbox_watch_resume(fixture->watch);
    gvir_sandbox_watch_expect(fixture->watch, GVIR_SANDBOX_EXPECT_REASON);
    gvir_sandbox_watch_expect(fixture->watch, GVIR_SANDBOX_EXPECT_RUN);
    run_for(fixture, 60000);
    g_assert_error(fixture->reason, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST);
    g_assert_true(fixture->hung_up);
    g_assert_cmpint(g_get_monotonic_time() - start, >=, G_USEC_PER_SEC);
}

/* A guest that was told to end its program is not let off by leaving its console for a while. */
static void
test_exit_after_pause(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    gvir_sandbox_watch_resume(fixture->watch);
    gvir_sandbox_watch_expect(fixture->watch, GVIR_SANDBOX_EXPECT_EXIT);
    gvir_sandbox_watch_pause(fixture->watch);
    gvir_sandbox_watch_expect(fixture->watch, GVIR_SANDBOX_EXPECT_RUN);
    gvir_sandbox_watch_resume(fixture->watch);
    run_for(fixture, 60000);
    g_assert_error(fixture->reason, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST);
}

static void
test_running(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    gvir_sandbox_watch_expect(fixture->watch, GVIR_SANDBOX_EXPECT_RUN);
    run_for(fixture, 700);
    g_assert_cmpuint(fixture->checks, ==, 0);
    gvir_sandbox_watch_resume(fixture->watch);
    run_for(fixture, 1200);
    g_assert_cmpuint(fixture->checks, >=, 1);
    g_assert_no_error(fixture->reason);
}

/* Its owner may go because of what it is asked. */
static void
test_owner_goes(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    fixture->leave = TRUE;
    gvir_sandbox_watch_resume(fixture->watch);
    run_for(fixture, 20000);
    g_assert_null(fixture->owner);
    g_assert_null(fixture->watch);
    g_assert_no_error(fixture->reason);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/watch/reason-of-driver", Fixture, NULL, set_up, test_reason_of_driver, tear_down);
    g_test_add("/watch/hung-up", Fixture, NULL, set_up, test_hung_up, tear_down);
    g_test_add("/watch/exit-after-pause", Fixture, NULL, set_up, test_exit_after_pause, tear_down);
    g_test_add("/watch/running", Fixture, NULL, set_up, test_running, tear_down);
    g_test_add("/watch/owner-goes", Fixture, NULL, set_up, test_owner_goes, tear_down);
    return g_test_run();
}
