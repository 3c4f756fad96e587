/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/local/endpoint-private.h"
#include "libvirt-sandbox/console/local/splice-private.h"
#include "libvirt-sandbox/console/local/terminal-private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Twice a window of a stream, since pages need not be full. */
#define PIPE_SIZE (1024 * 1024)

typedef enum {
    ENDPOINT_FILE,    /* never blocks for long */
    ENDPOINT_SOCKET,  /* has MSG_DONTWAIT */
    ENDPOINT_OWN,     /* opened a second time, without blocking */
    ENDPOINT_CAREFUL, /* shared and blocking: asked each time */
} EndpointKind;

struct _GVirSandboxEndpoint {
    int fd;
    EndpointKind kind;
    gboolean is_terminal;
    gboolean is_pipe;
    GVirSandboxSight sight; /* for reading */
    gboolean is_large;
    int nowhere; /* /dev/null, for what is taken from a pipe; -1 until then */
};

/* A second open file description, so that O_NONBLOCK is ours alone. */
static int
open_again(int fd, int access_mode)
{
    g_autofree gchar *path = g_strdup_printf("/proc/self/fd/%d", fd);

    return open(path, access_mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static GVirSandboxEndpoint *
endpoint_new(int fd, int access_mode)
{
    GVirSandboxEndpoint *endpoint = g_new0(GVirSandboxEndpoint, 1);
    struct stat info;

    endpoint->nowhere = -1;
    endpoint->fd = fd;
    endpoint->kind = ENDPOINT_CAREFUL;
    endpoint->is_terminal = isatty(fd);
    if (fstat(fd, &info) < 0)
        return endpoint;
    endpoint->is_pipe = S_ISFIFO(info.st_mode);
    if (S_ISREG(info.st_mode) || S_ISBLK(info.st_mode)) {
        endpoint->kind = ENDPOINT_FILE;
    } else if (S_ISSOCK(info.st_mode)) {
        endpoint->kind = ENDPOINT_SOCKET;
    } else if (endpoint->is_pipe || S_ISCHR(info.st_mode)) {
        int own = open_again(fd, access_mode);

        if (own >= 0) {
            endpoint->fd = own;
            endpoint->kind = ENDPOINT_OWN;
        }
    }
    return endpoint;
}

static gboolean
is_stream_socket(int fd)
{
    int type = 0;
    socklen_t length = sizeof(type);

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM;
}

static GVirSandboxSight
find_sight(const GVirSandboxEndpoint *endpoint)
{
    if (endpoint->is_pipe)
        return GVIR_SANDBOX_SIGHT_PIPE;
    if (endpoint->kind == ENDPOINT_FILE && lseek(endpoint->fd, 0, SEEK_CUR) >= 0)
        return GVIR_SANDBOX_SIGHT_ALL;
    if (endpoint->kind == ENDPOINT_SOCKET && is_stream_socket(endpoint->fd))
        return GVIR_SANDBOX_SIGHT_FRONT;
    return GVIR_SANDBOX_SIGHT_NONE;
}

GVirSandboxEndpoint *
gvir_sandbox_endpoint_new_for_reading(int fd)
{
    GVirSandboxEndpoint *endpoint = endpoint_new(fd, O_RDONLY);

    endpoint->sight = find_sight(endpoint);
    return endpoint;
}

GVirSandboxEndpoint *
gvir_sandbox_endpoint_new_for_writing(int fd)
{
    return endpoint_new(fd, O_WRONLY);
}

void
gvir_sandbox_endpoint_free(GVirSandboxEndpoint *endpoint)
{
    if (endpoint->kind == ENDPOINT_OWN)
        close(endpoint->fd);
    if (endpoint->nowhere >= 0)
        close(endpoint->nowhere);
    g_free(endpoint);
}

int
gvir_sandbox_endpoint_get_fd(const GVirSandboxEndpoint *endpoint)
{
    return endpoint->fd;
}

gboolean
gvir_sandbox_endpoint_is_terminal(const GVirSandboxEndpoint *endpoint)
{
    return endpoint->is_terminal;
}

static gboolean
is_ready(const GVirSandboxEndpoint *endpoint, short events)
{
    struct pollfd pollfd = { .fd = endpoint->fd, .events = events };

    if (poll(&pollfd, 1, 0) > 0)
        return TRUE;
    errno = EAGAIN;
    return FALSE;
}

/* What is typed while we are in the background is for others, and reading it would stop us. */
gboolean
gvir_sandbox_endpoint_is_ours(const GVirSandboxEndpoint *endpoint)
{
    return !endpoint->is_terminal || gvir_sandbox_terminal_is_ours(endpoint->fd);
}

gssize
gvir_sandbox_endpoint_read(GVirSandboxEndpoint *endpoint, gpointer buffer, gsize length)
{
    gssize got;

    if (!gvir_sandbox_endpoint_is_ours(endpoint)) {
        errno = EAGAIN;
        return -1;
    }
    if (endpoint->kind == ENDPOINT_CAREFUL && !is_ready(endpoint, POLLIN))
        return -1;
    do {
        if (endpoint->kind == ENDPOINT_SOCKET)
            got = recv(endpoint->fd, buffer, length, MSG_DONTWAIT);
        else
            got = read(endpoint->fd, buffer, length);
    } while (got < 0 && errno == EINTR);
    /* It went into the background just now. */
    if (got < 0 && errno == EIO && !gvir_sandbox_endpoint_is_ours(endpoint))
        errno = EAGAIN;
    return got;
}

GVirSandboxSight
gvir_sandbox_endpoint_get_sight(const GVirSandboxEndpoint *endpoint)
{
    return endpoint->sight;
}

gssize
gvir_sandbox_endpoint_peek(GVirSandboxEndpoint *endpoint, gsize skip, gpointer buffer, gsize length)
{
    off_t start = endpoint->sight == GVIR_SANDBOX_SIGHT_ALL ? lseek(endpoint->fd, 0, SEEK_CUR) : 0;
    gssize got;

    if (start < 0)
        return -1;
    do {
        if (endpoint->sight == GVIR_SANDBOX_SIGHT_ALL)
            got = pread(endpoint->fd, buffer, length, start + (off_t)skip);
        else
            got = recv(endpoint->fd, buffer, length, MSG_PEEK | MSG_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    return got;
}

gssize
gvir_sandbox_endpoint_tee(GVirSandboxEndpoint *endpoint, int pipe, gsize length)
{
    gssize moved;

    do {
        moved = tee(endpoint->fd, pipe, length, SPLICE_F_NONBLOCK);
    } while (moved < 0 && errno == EINTR);
    return moved;
}

void
gvir_sandbox_endpoint_expect_much(GVirSandboxEndpoint *endpoint)
{
    /* Larger is only faster. */
    if (!endpoint->is_large && fcntl(endpoint->fd, F_GETPIPE_SZ) < PIPE_SIZE)
        (void)fcntl(endpoint->fd, F_SETPIPE_SZ, PIPE_SIZE);
    endpoint->is_large = TRUE;
}

/* What was looked at in a pipe is gone without being copied. */
static void
take_from_pipe(GVirSandboxEndpoint *endpoint, guint64 *length)
{
    if (endpoint->nowhere < 0)
        endpoint->nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    while (*length > 0 && endpoint->nowhere >= 0) {
        gssize moved = gvir_sandbox_splice(endpoint->fd, endpoint->nowhere, MIN(*length, G_MAXINT32));

        if (moved <= 0)
            break;
        *length -= (guint64)moved;
    }
}

void
gvir_sandbox_endpoint_take(GVirSandboxEndpoint *endpoint, guint64 length)
{
    guint8 taken[16384];

    if (endpoint->sight == GVIR_SANDBOX_SIGHT_ALL) {
        lseek(endpoint->fd, (off_t)length, SEEK_CUR);
        return;
    }
    if (endpoint->sight == GVIR_SANDBOX_SIGHT_PIPE)
        take_from_pipe(endpoint, &length);
    while (length > 0) {
        gssize got = gvir_sandbox_endpoint_read(endpoint, taken, MIN(length, sizeof(taken)));

        if (got <= 0)
            break;
        length -= (guint64)got;
    }
}

static gssize
write_any(GVirSandboxEndpoint *endpoint, gconstpointer buffer, gsize length)
{
    gssize written;

    do {
        if (endpoint->kind == ENDPOINT_SOCKET)
            written = send(endpoint->fd, buffer, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        else
            written = write(endpoint->fd, buffer, length);
    } while (written < 0 && errno == EINTR);
    return written;
}

gssize
gvir_sandbox_endpoint_write(GVirSandboxEndpoint *endpoint, gconstpointer buffer, gsize length)
{
    GVirSandboxSigpipe mask;
    gssize written;

    if (endpoint->kind == ENDPOINT_CAREFUL) {
        if (!is_ready(endpoint, POLLOUT))
            return -1;
        /* What a pipe or terminal that is ready takes without blocking. */
        length = MIN(length, PIPE_BUF);
    }
    if (endpoint->kind == ENDPOINT_SOCKET)
        return write_any(endpoint, buffer, length);
    gvir_sandbox_sigpipe_mask(&mask);
    written = write_any(endpoint, buffer, length);
    gvir_sandbox_sigpipe_restore(&mask);
    return written;
}

gboolean
gvir_sandbox_endpoint_is_pipe(const GVirSandboxEndpoint *endpoint)
{
    return endpoint->kind == ENDPOINT_OWN && endpoint->is_pipe;
}

gssize
gvir_sandbox_endpoint_splice_from(GVirSandboxEndpoint *endpoint, int from, gsize length)
{
    return gvir_sandbox_splice(from, endpoint->fd, length);
}
