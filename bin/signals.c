/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "signals.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int handed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH };

typedef struct {
    SignalHandler handler;
    gpointer user_data;
} SignalWatch;

static void
fill_set(sigset_t *set)
{
    struct sigaction action;

    sigemptyset(set);
    for (guint i = 0; i < G_N_ELEMENTS(handed_on); i++) {
        /* What the caller has us ignore (nohup, a background job), the program does not get either. */
        if (sigaction(handed_on[i], NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            continue;
        sigaddset(set, handed_on[i]);
    }
}

void
signals_block(void)
{
    sigset_t set;

    fill_set(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static gboolean
read_signal(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer user_data)
{
    SignalWatch *watch = user_data;
    struct signalfd_siginfo info;

    if (read(fd, &info, sizeof(info)) == sizeof(info))
        watch->handler((int)info.ssi_signo, watch->user_data);
    return G_SOURCE_CONTINUE;
}

gboolean
signals_watch(SignalHandler handler, gpointer user_data, GError **error)
{
    SignalWatch *watch;
    sigset_t set;
    int fd;

    fill_set(&set);
    fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "signalfd: %s", g_strerror(errno));
        return FALSE;
    }
    watch = g_new0(SignalWatch, 1);
    watch->handler = handler;
    watch->user_data = user_data;
    g_unix_fd_add_full(G_PRIORITY_HIGH, fd, G_IO_IN, read_signal, watch, g_free);
    return TRUE;
}
