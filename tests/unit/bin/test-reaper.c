/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which children virt-sandbox waits for in libvirt's place, and which it leaves to libvirt. */

#include "bin/reaper.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_SECONDS 5

typedef struct {
    GMainLoop *loop;
    pid_t child;
    guint looks;
} Wait;

/* In a child of ours that @name names: leads a session or not, and has a daemon start that ends at once. */
static void
start_daemon(const char *name, gboolean leads, int report)
{
    pid_t daemon;

    if (!leads)
        setsid();
    daemon = fork();
    if (daemon == 0) {
        if (leads)
            setsid();
        prctl(PR_SET_NAME, name);
        daemon = getpid();
        g_assert_cmpint(write(report, &daemon, sizeof(daemon)), ==, sizeof(daemon));
        _exit(0);
    }
    _exit(0);
}

static pid_t
orphan(const char *name, gboolean leads)
{
    int report[2];
    pid_t middle, daemon;

    g_assert_cmpint(pipe(report), ==, 0);
    middle = fork();
    if (middle == 0)
        start_daemon(name, leads, report[1]);
    g_assert_cmpint(waitpid(middle, NULL, 0), ==, middle);
    g_assert_cmpint(read(report[0], &daemon, sizeof(daemon)), ==, sizeof(daemon));
    close(report[0]);
    close(report[1]);
    return daemon;
}

static gboolean
is_there(pid_t child)
{
    siginfo_t info = { 0 };

    return waitid(P_PID, child, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static gboolean
look(gpointer user_data)
{
    Wait *wait = user_data;

    wait->looks++;
    if (is_there(wait->child) && wait->looks < PATIENCE_SECONDS * 100)
        return G_SOURCE_CONTINUE;
    g_main_loop_quit(wait->loop);
    return G_SOURCE_REMOVE;
}

static gboolean
is_reaped(pid_t child, guint looks_before)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    Wait wait = { .loop = loop, .child = child, .looks = looks_before };

    g_timeout_add(10, look, &wait);
    g_main_loop_run(loop);
    return !is_there(child);
}

static void
test_daemons(void)
{
    static const struct {
        const char *name;
        gboolean leads;
    } cases[] = { { "qemu-system-x86", FALSE },
                  { "qemu-system-x86", TRUE },
                  { "qemu-kvm", TRUE },
                  { "passt.avx2", TRUE },
                  { "anything", FALSE } };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_true(is_reaped(orphan(cases[i].name, cases[i].leads), 0));
}

/* libvirt waits for them, and would not find them. */
static void
test_others(void)
{
    pid_t leader = orphan("virt-sandbox", TRUE);
    pid_t plain = fork();

    if (plain == 0) {
        prctl(PR_SET_NAME, "qemu-system-x86");
        _exit(0);
    }
    /* Some looks are enough to see that nothing happens. */
    g_assert_false(is_reaped(leader, PATIENCE_SECONDS * 100 - 30));
    g_assert_false(is_reaped(plain, PATIENCE_SECONDS * 100 - 30));
    g_assert_cmpint(waitpid(leader, NULL, 0), ==, leader);
    g_assert_cmpint(waitpid(plain, NULL, 0), ==, plain);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    reaper_start();
    g_test_add_func("/reaper/daemons", test_daemons);
    g_test_add_func("/reaper/others", test_others);
    return g_test_run();
}
