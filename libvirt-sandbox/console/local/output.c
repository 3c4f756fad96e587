/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/local/output-private.h"
#include "libvirt-sandbox/console/local/endpoint-private.h"
#include "libvirt-sandbox/console/local/splice-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

struct _GVirSandboxOutput {
    GVirSandboxEndpoint *endpoint;
    const GVirSandboxOutputHandlers *handlers;
    gpointer user_data;
    GMainContext *context;
    GSource *source;
    int pipe[2]; /* keeps what was spliced, ahead of what waits */
    gsize piped;
    GByteArray *waiting;
    gsize offset;
    gboolean failed;
};

GVirSandboxOutput *
gvir_sandbox_output_new(int fd, const GVirSandboxOutputHandlers *handlers, gpointer user_data)
{
    GVirSandboxOutput *output = g_new0(GVirSandboxOutput, 1);

    output->endpoint = gvir_sandbox_endpoint_new_for_writing(fd);
    output->handlers = handlers;
    output->user_data = user_data;
    output->context = g_main_context_ref_thread_default();
    output->waiting = g_byte_array_new();
    output->pipe[0] = output->pipe[1] = -1;
    return output;
}

static void
stop_watching(GVirSandboxOutput *output)
{
    if (output->source)
        g_source_destroy(output->source);
    g_clear_pointer(&output->source, g_source_unref);
}

void
gvir_sandbox_output_free(GVirSandboxOutput *output)
{
    stop_watching(output);
    g_main_context_unref(output->context);
    g_byte_array_unref(output->waiting);
    gvir_sandbox_splice_pipe_close(output->pipe);
    gvir_sandbox_endpoint_free(output->endpoint);
    g_free(output);
}

static void
fail(GVirSandboxOutput *output, int saved_errno)
{
    output->failed = TRUE;
    output->offset = 0;
    g_byte_array_set_size(output->waiting, 0);
    output->piped = 0;
    gvir_sandbox_splice_pipe_close(output->pipe);
    stop_watching(output);
    output->handlers->failed(output, saved_errno, output->user_data);
}

/* How much of @data has left; a failure is remembered in @saved_errno. */
static gsize
write_some(GVirSandboxOutput *output, const guint8 *data, gsize length, int *saved_errno)
{
    gsize done = 0;

    *saved_errno = 0;
    while (done < length) {
        gssize written = gvir_sandbox_endpoint_write(output->endpoint, data + done, length - done);

        if (written < 0) {
            if (errno != EAGAIN)
                *saved_errno = errno;
            break;
        }
        done += written;
    }
    return done;
}

/* The same for what is in the pipe. */
static gsize
splice_some(GVirSandboxOutput *output, int *saved_errno)
{
    gsize done = 0;

    *saved_errno = 0;
    while (done < output->piped) {
        gssize moved = gvir_sandbox_endpoint_splice_from(output->endpoint, output->pipe[0], output->piped - done);

        if (moved <= 0) {
            if (moved < 0 && errno != EAGAIN)
                *saved_errno = errno;
            break;
        }
        done += moved;
    }
    output->piped -= done;
    return done;
}

static gboolean
flush(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, gpointer user_data)
{
    GVirSandboxOutput *output = user_data;
    int saved_errno;
    gsize spliced = splice_some(output, &saved_errno);
    gsize done = 0;

    if (saved_errno == 0 && output->piped == 0)
        done = write_some(output, output->waiting->data + output->offset, output->waiting->len - output->offset,
                          &saved_errno);
    if (saved_errno != 0) {
        fail(output, saved_errno);
        return G_SOURCE_REMOVE;
    }

    output->offset += done;
    if (output->offset == output->waiting->len) {
        output->offset = 0;
        g_byte_array_set_size(output->waiting, 0);
    }
    if (gvir_sandbox_output_is_empty(output))
        stop_watching(output);
    /* The last statement: the handler may free the output. */
    if (spliced + done > 0)
        output->handlers->written(output, spliced + done, output->user_data);
    return G_SOURCE_CONTINUE;
}

static void
start_watching(GVirSandboxOutput *output)
{
    if (!output->source) {
        output->source = g_unix_fd_source_new(gvir_sandbox_endpoint_get_fd(output->endpoint), G_IO_OUT);
        g_source_set_callback(output->source, G_SOURCE_FUNC(flush), output, NULL);
        g_source_attach(output->source, output->context);
    }
}

static void
keep(GVirSandboxOutput *output, const guint8 *data, gsize length)
{
    if (output->offset > output->waiting->len / 2) {
        g_byte_array_remove_range(output->waiting, 0, output->offset);
        output->offset = 0;
    }
    g_byte_array_append(output->waiting, data, length);
    start_watching(output);
}

gsize
gvir_sandbox_output_push(GVirSandboxOutput *output, gconstpointer data, gsize length)
{
    int saved_errno = 0;
    gsize done = 0;

    if (output->failed)
        return length;
    if (gvir_sandbox_output_is_empty(output))
        done = write_some(output, data, length, &saved_errno);
    if (saved_errno != 0) {
        fail(output, saved_errno);
        return length;
    }
    if (done < length)
        keep(output, (const guint8 *)data + done, length - done);
    return done;
}

static gboolean
is_writable(int fd)
{
    struct pollfd status = { .fd = fd, .events = POLLOUT };

    return poll(&status, 1, 0) > 0;
}

/* What waits goes into our pipe, if that has room for it. */
static gboolean
move_waiting(GVirSandboxOutput *output)
{
    if (output->pipe[1] < 0)
        gvir_sandbox_splice_pipe_open(output->pipe);
    if (output->pipe[1] < 0)
        return FALSE;
    while (output->offset < output->waiting->len) {
        gssize written =
            write(output->pipe[1], output->waiting->data + output->offset, output->waiting->len - output->offset);

        if (written <= 0)
            return FALSE;
        output->offset += written;
        output->piped += written;
    }
    output->offset = 0;
    g_byte_array_set_size(output->waiting, 0);
    return TRUE;
}

/* Into our pipe, while the descriptor takes no more. */
static gssize
keep_spliced(GVirSandboxOutput *output, int from, gsize length)
{
    gssize moved;

    if (!move_waiting(output))
        return 0;
    moved = gvir_sandbox_splice(from, output->pipe[1], length);
    if (moved > 0) {
        output->piped += moved;
        start_watching(output);
    } else if (moved < 0) {
        moved = errno == EAGAIN && is_writable(output->pipe[1]) ? -1 : 0;
    }
    return moved;
}

gssize
gvir_sandbox_output_splice(GVirSandboxOutput *output, int from, gsize length, gsize *left)
{
    gssize moved;

    *left = 0;
    if (output->failed || !gvir_sandbox_endpoint_is_pipe(output->endpoint))
        return 0;
    if (!gvir_sandbox_output_is_empty(output))
        return keep_spliced(output, from, length);
    moved = gvir_sandbox_endpoint_splice_from(output->endpoint, from, length);
    if (moved < 0 && errno == EAGAIN)
        return keep_spliced(output, from, length);
    *left = MAX(moved, 0);
    return *left;
}

GBytes *
gvir_sandbox_output_steal_waiting(GVirSandboxOutput *output)
{
    gsize waiting = output->waiting->len - output->offset;
    guint8 *data = g_malloc(output->piped + waiting);
    gsize filled = 0;

    while (output->piped > 0) {
        gssize got = read(output->pipe[0], data + filled, output->piped);

        if (got <= 0)
            break;
        filled += got;
        output->piped -= got;
    }
    memcpy(data + filled, output->waiting->data + output->offset, waiting);
    return g_bytes_new_take(data, filled + waiting);
}

gboolean
gvir_sandbox_output_is_empty(const GVirSandboxOutput *output)
{
    return output->piped == 0 && output->offset == output->waiting->len;
}
