/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/input-private.h"
#include "libvirt-sandbox/console/endpoint-private.h"

#include <glib-unix.h>

struct _GVirSandboxInput {
    GVirSandboxEndpoint *endpoint;
    GVirSandboxInputReady ready;
    gpointer user_data;
    GMainContext *context;
    GSource *source;
};

GVirSandboxInput *
gvir_sandbox_input_new(int fd, GVirSandboxInputReady ready, gpointer user_data)
{
    GVirSandboxInput *input = g_new0(GVirSandboxInput, 1);

    input->endpoint = gvir_sandbox_endpoint_new_for_reading(fd);
    input->ready = ready;
    input->user_data = user_data;
    input->context = g_main_context_ref_thread_default();
    return input;
}

void
gvir_sandbox_input_free(GVirSandboxInput *input)
{
    gvir_sandbox_input_set_wanted(input, FALSE);
    g_main_context_unref(input->context);
    gvir_sandbox_endpoint_free(input->endpoint);
    g_free(input);
}

static gboolean
call_ready(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, gpointer user_data)
{
    GVirSandboxInput *input = user_data;

    input->ready(input, input->user_data);
    return G_SOURCE_CONTINUE;
}

void
gvir_sandbox_input_set_wanted(GVirSandboxInput *input, gboolean wanted)
{
    if (wanted == (input->source != NULL))
        return;
    if (wanted) {
        input->source = g_unix_fd_source_new(gvir_sandbox_endpoint_get_fd(input->endpoint),
                                             G_IO_IN | G_IO_HUP | G_IO_ERR);
        g_source_set_callback(input->source, G_SOURCE_FUNC(call_ready), input, NULL);
        g_source_attach(input->source, input->context);
    } else {
        g_source_destroy(input->source);
        g_clear_pointer(&input->source, g_source_unref);
    }
}

gssize
gvir_sandbox_input_read(GVirSandboxInput *input, gpointer buffer, gsize length)
{
    return gvir_sandbox_endpoint_read(input->endpoint, buffer, length);
}
