/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/local/splice-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* A window of a stream, if it comes in whole pages. */
#define PIPE_SIZE (1024 * 1024)

void
gvir_sandbox_sigpipe_mask(GVirSandboxSigpipe *mask)
{
    struct sigaction action;
    sigset_t sigpipe, pending;

    mask->masked = sigaction(SIGPIPE, NULL, &action) < 0 || action.sa_handler != SIG_IGN;
    if (!mask->masked)
        return;
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    sigpending(&pending);
    mask->was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &sigpipe, &mask->before);
}

void
gvir_sandbox_sigpipe_restore(const GVirSandboxSigpipe *mask)
{
    const struct timespec no_time = { 0, 0 };
    int saved_errno = errno;
    sigset_t sigpipe;

    if (!mask->masked)
        return;
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    /* Also after some success: one splice() is several sends, and the peer may be gone in between. */
    while (!mask->was_pending && sigtimedwait(&sigpipe, NULL, &no_time) < 0 && errno == EINTR)
        ;
    pthread_sigmask(SIG_SETMASK, &mask->before, NULL);
    errno = saved_errno;
}

gssize
gvir_sandbox_splice(int from, int to, gsize length)
{
    GVirSandboxSigpipe mask;
    gssize moved;

    gvir_sandbox_sigpipe_mask(&mask);
    do {
        moved = splice(from, NULL, to, NULL, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    } while (moved < 0 && errno == EINTR);
    gvir_sandbox_sigpipe_restore(&mask);
    return moved;
}

void
gvir_sandbox_splice_pipe_open(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        ends[0] = ends[1] = -1;
    else
        /* Larger is only faster. */
        (void)fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE);
}

void
gvir_sandbox_splice_pipe_close(int ends[2])
{
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0)
            close(ends[i]);
        ends[i] = -1;
    }
}
