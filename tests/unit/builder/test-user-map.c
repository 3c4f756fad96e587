/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/security/user-map-private.h"
#include "libvirt-sandbox/libvirt-sandbox.h"
#include "tests/unit/under-valgrind.h"

#include <unistd.h>

#define THREADS 4
#define LOOKS_EACH 100
#define LIMIT_SECONDS 120

static gpointer
look(gpointer config)
{
    const gchar *const paths[] = { "/", NULL };
    g_autoptr(GPtrArray) images = g_ptr_array_new();
    g_autofree gchar *first = gvir_sandbox_user_map_find_obstacle(config, paths, images);

    for (guint i = 1; i < LOOKS_EACH; i++) {
        g_autofree gchar *obstacle = gvir_sandbox_user_map_find_obstacle(config, paths, images);

        g_assert_cmpstr(obstacle, ==, first);
    }
    return NULL;
}

/* As when several sandboxes start at once. Who waits for another for ever is ended by the alarm. */
static void
test_threads(void)
{
    g_autoptr(GVirSandboxConfigInteractive) config = NULL;
    GThread *threads[THREADS];

    if (geteuid() != 0) {
        g_test_skip("only root can map the users of others");
        return;
    }
    if (runs_under_valgrind()) {
        g_test_skip("valgrind cannot make namespaces");
        return;
    }
    config = gvir_sandbox_config_interactive_new("user-map");
    alarm(LIMIT_SECONDS);
    for (guint i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("look", look, config);
    for (guint i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    alarm(0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/user-map/threads", test_threads);
    return g_test_run();
}
