/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A terminal that its user has stopped (Ctrl-S) keeps nobody waiting but who writes to it. */

#include "build-settings.h"

#include "libvirt-sandbox/console/local/terminal-private.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define PATIENCE_MSEC 10000

static void
write_much(int terminal)
{
    static const gchar text[65536];

    for (;;) {
        if (write(terminal, text, sizeof(text)) < 0)
            _exit(0);
    }
}

static void
set_mode(int terminal)
{
    GVirSandboxTerminal *raw = gvir_sandbox_terminal_new_raw(terminal, NULL);

    if (!raw)
        _exit(1);
    gvir_sandbox_terminal_free(raw);
    _exit(0);
}

static pid_t
do_elsewhere(void (*what)(int terminal), int terminal, int master)
{
    pid_t child = fork();

    if (child == 0) {
        close(master);
        what(terminal);
    }
    return child;
}

static gboolean
ends(pid_t child, int *status)
{
    for (guint i = 0; i < PATIENCE_MSEC; i += 10) {
        if (waitpid(child, status, WNOHANG) == child)
            return TRUE;
        g_usleep(10 * G_TIME_SPAN_MILLISECOND);
    }
    return FALSE;
}

static void
test_stopped(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    int terminal, status = 0;
    pid_t writer, setter;
    gboolean ended;

    g_assert_cmpint(master, >=, 0);
    g_assert_true(grantpt(master) == 0 && unlockpt(master) == 0);
    terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    g_assert_cmpint(terminal, >=, 0);
    g_assert_cmpint(tcflow(terminal, TCOOFF), ==, 0);
    writer = do_elsewhere(write_much, terminal, master);
    g_usleep(G_USEC_PER_SEC / 5);
    setter = do_elsewhere(set_mode, terminal, master);
    ended = ends(setter, &status);
    /* Whoever waits for it waits no longer. */
    kill(writer, SIGKILL);
    kill(setter, SIGKILL);
    close(master);
    g_assert_true(ended);
    g_assert_cmpint(status, ==, 0);
    waitpid(writer, NULL, 0);
    close(terminal);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/terminal/stopped", test_stopped);
    return g_test_run();
}
