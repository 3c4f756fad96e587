/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

/* SIGTSTP and SIGCONT are not for the program but for what we do with the terminal. */
static const int watched[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP, SIGCONT };

/* Those of them by which somebody wants us to end. */
static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

/* What ends a process that does not handle it, for a fault of its own or by a rare wish of others. */
static const int fatal[] = { SIGSEGV,   SIGBUS,  SIGILL,  SIGFPE,  SIGABRT, SIGTRAP, SIGSYS,   SIGALRM,
                             SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ, SIGPOLL, SIGPWR,  SIGSTKFLT };

static struct termios original_mode;
static int terminal = -1; /* of which that is the mode */

typedef struct {
    SignalHandler handler;
    gpointer user_data;
} SignalWatch;

static void
fill_set(sigset_t *set, const int *numbers, guint count)
{
    struct sigaction action;

    sigemptyset(set);
    for (guint i = 0; i < count; i++) {
        /* What the caller has us ignore (nohup, a background job), the program does not get either. */
        if (sigaction(numbers[i], NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            continue;
        sigaddset(set, numbers[i]);
    }
}

void
signals_block(void)
{
    sigset_t set;

    fill_set(&set, watched, G_N_ELEMENTS(watched));
    /* Then we may write in the background, and reading fails instead. */
    sigaddset(&set, SIGTTIN);
    sigaddset(&set, SIGTTOU);
    /* What else our caller has blocked, or that it does not wait for its children, is nothing to us. */
    pthread_sigmask(SIG_SETMASK, &set, NULL);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
}

void
signals_stop_here(void)
{
    const struct timespec no_time = { 0, 0 };
    sigset_t stop, again;

    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    sigemptyset(&again);
    sigaddset(&again, SIGCONT);

    raise(SIGTSTP);
    pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    /* This is its answer. */
    sigtimedwait(&again, NULL, &no_time);
}

static void
crash(int number)
{
    if (tcgetpgrp(terminal) == getpgrp())
        tcsetattr(terminal, TCSANOW, &original_mode);
    /* Its handler is gone by now. */
    raise(number);
}

void
signals_guard_terminal(void)
{
    const struct sigaction action = { .sa_handler = crash, .sa_flags = SA_RESETHAND | SA_NODEFER };
    struct sigaction before;

    /* What is typed may be read although standard input is something else. */
    terminal = isatty(STDIN_FILENO) ? STDIN_FILENO : open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0 || tcgetattr(terminal, &original_mode) < 0)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(fatal); i++) {
        if (sigaction(fatal[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            sigaction(fatal[i], &action, NULL);
    }
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

    fill_set(&set, watched, G_N_ELEMENTS(watched));
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

static int
milliseconds_until(gint64 deadline)
{
    gint64 left = (deadline - g_get_monotonic_time()) / G_TIME_SPAN_MILLISECOND + 1;

    return deadline == 0 ? -1 : (int)CLAMP(left, 0, G_MAXINT);
}

int
signals_wait_for(int fd, gint64 deadline)
{
    struct pollfd polls[] = { { .fd = fd, .events = POLLIN }, { .fd = -1, .events = POLLIN } };
    struct signalfd_siginfo info = { 0 };
    sigset_t set;
    int ready, result = 0;

    if (fd < 0)
        return 0;
    fill_set(&set, ending, G_N_ELEMENTS(ending));
    polls[1].fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    do {
        ready = poll(polls, G_N_ELEMENTS(polls), milliseconds_until(deadline));
    } while ((ready < 0 && errno == EINTR) || (ready == 0 && (deadline == 0 || g_get_monotonic_time() < deadline)));
    if (ready == 0)
        result = SIGNALS_TIMEOUT;
    else if (!polls[0].revents && read(polls[1].fd, &info, sizeof(info)) == sizeof(info))
        result = (int)info.ssi_signo;
    if (polls[1].fd >= 0)
        close(polls[1].fd);
    return result;
}
