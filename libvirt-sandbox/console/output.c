/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/output-private.h"
#include "libvirt-sandbox/console/endpoint-private.h"

#include <errno.h>
#include <glib-unix.h>

struct _GVirSandboxOutput {
    GVirSandboxEndpoint *endpoint;
    const GVirSandboxOutputHandlers *handlers;
    gpointer user_data;
    GMainContext *context;
    GSource *source;
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
    gvir_sandbox_endpoint_free(output->endpoint);
    g_free(output);
}

static void
fail(GVirSandboxOutput *output, int saved_errno)
{
    output->failed = TRUE;
    output->offset = 0;
    g_byte_array_set_size(output->waiting, 0);
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

static gboolean
flush(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, gpointer user_data)
{
    GVirSandboxOutput *output = user_data;
    int saved_errno;
    gsize done = write_some(output, output->waiting->data + output->offset,
                            output->waiting->len - output->offset, &saved_errno);

    if (saved_errno != 0) {
        fail(output, saved_errno);
        return G_SOURCE_REMOVE;
    }

    output->offset += done;
    if (output->offset == output->waiting->len) {
        output->offset = 0;
        g_byte_array_set_size(output->waiting, 0);
        stop_watching(output);
    }
    /* The last statement: the handler may free the output. */
    if (done > 0)
        output->handlers->written(output, done, output->user_data);
    return G_SOURCE_CONTINUE;
}

static void
keep(GVirSandboxOutput *output, const guint8 *data, gsize length)
{
    if (output->offset > output->waiting->len / 2) {
        g_byte_array_remove_range(output->waiting, 0, output->offset);
        output->offset = 0;
    }
    g_byte_array_append(output->waiting, data, length);

    if (!output->source) {
        output->source = g_unix_fd_source_new(gvir_sandbox_endpoint_get_fd(output->endpoint), G_IO_OUT);
        g_source_set_callback(output->source, G_SOURCE_FUNC(flush), output, NULL);
        g_source_attach(output->source, output->context);
    }
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

GBytes *
gvir_sandbox_output_get_waiting(const GVirSandboxOutput *output)
{
    return g_bytes_new(output->waiting->data + output->offset, output->waiting->len - output->offset);
}

gboolean
gvir_sandbox_output_is_empty(const GVirSandboxOutput *output)
{
    return output->offset == output->waiting->len;
}
