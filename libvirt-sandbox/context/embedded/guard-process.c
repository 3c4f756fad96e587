/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/embedded/guard-process-private.h"
#include "libvirt-sandbox/util/helper-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define GUARD_NAME "libvirt-sandbox-guard"
/* Between two attempts to start one anew, so that who kills it again and again costs little. */
#define ANEW_USEC 20000
/* And after one that failed, as where there is no room for another process. */
#define FAILED_USEC G_USEC_PER_SEC

static struct {
    GMutex lock;
    gchar *program;
    gchar *base;
    int socket; /* whose other end the guard has: each learns by it of the other's end */
    gboolean dismissed;
} guard = { .socket = -1 };

/* In a session of its own, so that no terminal's signal reaches it. -1 on error. */
static int
spawn(GError **error)
{
    const gchar *arguments[] = { guard.program, guard.base, NULL };
    int ends[2];
    gboolean started;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", guard.program);
        return -1;
    }
    started = g_spawn_async_with_fds(NULL, (gchar **)arguments, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                                     ends[1], -1, -1, error);
    close(ends[1]);
    if (started)
        return ends[0];
    close(ends[0]);
    return -1;
}

static void
wait_for_end(int socket)
{
    struct pollfd pollfd = { .fd = socket };

    while (poll(&pollfd, 1, -1) <= 0)
        ;
}

/* FALSE if there is to be none any more. @failed: whether it failed last time, which is said once, and does now. */
static gboolean
start_anew(gboolean *failed)
{
    g_autoptr(GError) error = NULL;
    gboolean dismissed;
    int fresh;

    g_mutex_lock(&guard.lock);
    dismissed = guard.dismissed;
    fresh = dismissed ? -1 : spawn(&error);
    if (fresh >= 0) {
        close(guard.socket);
        guard.socket = fresh;
    }
    g_mutex_unlock(&guard.lock);
    if (error && !*failed)
        g_info(_("the guard was killed, and cannot be started again: %s"), error->message);
    *failed = error != NULL;
    return !dismissed;
}

static gpointer
keep(gpointer data G_GNUC_UNUSED)
{
    gboolean failed = FALSE;

    do {
        wait_for_end(guard.socket);
    } while (start_anew(&failed) && (g_usleep(failed ? FAILED_USEC : ANEW_USEC), TRUE));
    return NULL;
}

static gboolean
start_locked(const gchar *base, GError **error)
{
    if (guard.socket >= 0)
        return TRUE;
    if (!guard.program)
        guard.program = gvir_sandbox_helper_find(GUARD_NAME, error);
    if (!guard.program)
        return FALSE;
    g_free(guard.base);
    guard.base = g_strdup(base);
    guard.socket = spawn(error);
    if (guard.socket >= 0)
        g_thread_unref(g_thread_new("guard", keep, NULL));
    return guard.socket >= 0;
}

gboolean
gvir_sandbox_guard_start(const gchar *base, GError **error)
{
    gboolean started;

    g_mutex_lock(&guard.lock);
    started = start_locked(base, error);
    g_mutex_unlock(&guard.lock);
    return started;
}

void
gvir_sandbox_guard_dismiss(void)
{
    g_mutex_lock(&guard.lock);
    guard.dismissed = TRUE;
    /* If it is gone already, so be it. */
    if (guard.socket >= 0)
        send(guard.socket, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    g_mutex_unlock(&guard.lock);
}
