/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/messages/error-output.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Who can wait makes no more when so much waits; of those who cannot, what goes beyond the other is lost. */
#define FULL_SIZE (256 * 1024)
#define WAITING_MAX (16 * 1024 * 1024)
#define CHUNK_SIZE 65536

static struct {
    GMutex lock;
    GCond added;
    GByteArray *waiting; /* NULL before the first use */
    gsize lost;          /* lines */
    int fd;
    int idle;           /* an eventfd, 1 while nothing waits */
    gboolean may_block; /* it is another's too, and cannot be opened again: only the thread writes */
    gboolean is_socket;
    gboolean gone;
    gboolean has_thread;
} output;

/* As an open file description of our own, which does not block, where there can be one. */
static void
open_output(void)
{
    struct stat info;

    output.waiting = g_byte_array_new();
    output.idle = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    output.fd = STDERR_FILENO;
    if (fstat(STDERR_FILENO, &info) < 0)
        return;
    output.is_socket = S_ISSOCK(info.st_mode);
    if (!S_ISFIFO(info.st_mode) && !S_ISCHR(info.st_mode))
        return;
    output.fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    output.may_block = output.fd < 0;
    if (output.may_block)
        output.fd = STDERR_FILENO;
}

/* As much of @data as it takes, 0 if it takes none now. */
static gsize
write_some(const guint8 *data, gsize length)
{
    gssize written;

    do {
        if (output.is_socket)
            written = send(output.fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        else
            written = write(output.fd, data, length);
    } while (written < 0 && errno == EINTR);
    if (written < 0 && errno != EAGAIN)
        output.gone = TRUE;
    return MAX(written, 0);
}

static void
set_idle(gboolean idle)
{
    guint64 value = 1;

    if (idle)
        (void)!write(output.idle, &value, sizeof(value));
    else
        (void)!read(output.idle, &value, sizeof(value));
}

static void
drop_written(gsize length)
{
    g_byte_array_remove_range(output.waiting, 0, output.gone ? output.waiting->len : length);
    if (output.waiting->len == 0 && output.lost > 0 && !output.gone) {
        g_autofree gchar *text =
            g_strdup_printf(_("virt-sandbox: %zu lines that nobody read are left out here\n"), output.lost);

        output.lost = 0;
        g_byte_array_append(output.waiting, (const guint8 *)text, strlen(text));
    }
    if (output.waiting->len == 0)
        set_idle(TRUE);
}

/* What is first in the queue, without the lock: this may take as long as its reader likes. */
static void
write_chunk(void)
{
    gsize length = MIN(output.waiting->len, output.may_block ? PIPE_BUF : CHUNK_SIZE);
    g_autofree guint8 *chunk = g_memdup2(output.waiting->data, length);
    struct pollfd pollfd = { .fd = output.fd, .events = POLLOUT };
    gsize written = 0;

    g_mutex_unlock(&output.lock);
    if (poll(&pollfd, 1, -1) > 0)
        written = write_some(chunk, length);
    g_mutex_lock(&output.lock);
    drop_written(written);
}

static gpointer
write_waiting(gpointer data G_GNUC_UNUSED)
{
    g_mutex_lock(&output.lock);
    for (;;) {
        while (output.waiting->len == 0)
            g_cond_wait(&output.added, &output.lock);
        write_chunk();
    }
    return NULL;
}

static void
keep(const guint8 *data, gsize length)
{
    if (output.waiting->len == 0)
        set_idle(FALSE);
    g_byte_array_append(output.waiting, data, length);
    if (!output.has_thread)
        g_thread_unref(g_thread_new("standard-error", write_waiting, NULL));
    output.has_thread = TRUE;
    g_cond_signal(&output.added);
}

static void
add(const guint8 *data, gsize length)
{
    gsize written = 0;

    if (output.waiting->len + length > WAITING_MAX) {
        output.lost++;
        return;
    }
    if (output.waiting->len == 0 && !output.may_block)
        written = write_some(data, length);
    if (written < length && !output.gone)
        keep(data + written, length - written);
}

void
error_output_add(const gchar *text)
{
    g_mutex_lock(&output.lock);
    if (!output.waiting)
        open_output();
    if (!output.gone)
        add((const guint8 *)text, strlen(text));
    g_mutex_unlock(&output.lock);
}

gboolean
error_output_is_full(void)
{
    gboolean full;

    g_mutex_lock(&output.lock);
    full = output.waiting && output.waiting->len >= FULL_SIZE;
    g_mutex_unlock(&output.lock);
    return full;
}

int
error_output_get_idle_fd(void)
{
    int fd;

    g_mutex_lock(&output.lock);
    if (!output.waiting)
        open_output();
    fd = output.idle;
    g_mutex_unlock(&output.lock);
    return fd;
}
