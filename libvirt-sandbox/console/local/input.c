/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/local/input-private.h"
#include "libvirt-sandbox/console/local/endpoint-private.h"
#include "libvirt-sandbox/console/local/terminal-private.h"

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

static void watch(GVirSandboxInput *input);

static void
stop_watching(GVirSandboxInput *input)
{
    if (input->source)
        g_source_destroy(input->source);
    g_clear_pointer(&input->source, g_source_unref);
}

static gboolean
look_again(gpointer user_data)
{
    GVirSandboxInput *input = user_data;

    if (!gvir_sandbox_endpoint_is_ours(input->endpoint))
        return G_SOURCE_CONTINUE;
    stop_watching(input);
    watch(input);
    return G_SOURCE_REMOVE;
}

static gboolean
call_ready(int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, gpointer user_data)
{
    GVirSandboxInput *input = user_data;

    if (gvir_sandbox_endpoint_is_ours(input->endpoint)) {
        input->ready(input, input->user_data);
        return G_SOURCE_CONTINUE;
    }
    stop_watching(input);
    watch(input);
    return G_SOURCE_REMOVE;
}

/* Nothing tells that a terminal is ours again, so it is looked at now and then. */
static void
watch(GVirSandboxInput *input)
{
    if (gvir_sandbox_endpoint_is_ours(input->endpoint)) {
        input->source =
            g_unix_fd_source_new(gvir_sandbox_endpoint_get_fd(input->endpoint), G_IO_IN | G_IO_HUP | G_IO_ERR);
        g_source_set_callback(input->source, G_SOURCE_FUNC(call_ready), input, NULL);
    } else {
        input->source = g_timeout_source_new(GVIR_SANDBOX_TERMINAL_LOOK_MSEC);
        g_source_set_callback(input->source, look_again, input, NULL);
    }
    g_source_attach(input->source, input->context);
}

void
gvir_sandbox_input_set_wanted(GVirSandboxInput *input, gboolean wanted)
{
    if (wanted == (input->source != NULL))
        return;
    if (wanted)
        watch(input);
    else
        stop_watching(input);
}

gboolean
gvir_sandbox_input_is_terminal(const GVirSandboxInput *input)
{
    return gvir_sandbox_endpoint_is_terminal(input->endpoint);
}

gssize
gvir_sandbox_input_read(GVirSandboxInput *input, gpointer buffer, gsize length)
{
    return gvir_sandbox_endpoint_read(input->endpoint, buffer, length);
}

GVirSandboxSight
gvir_sandbox_input_get_sight(const GVirSandboxInput *input)
{
    return gvir_sandbox_endpoint_get_sight(input->endpoint);
}

gssize
gvir_sandbox_input_peek(GVirSandboxInput *input, gsize skip, gpointer buffer, gsize length)
{
    return gvir_sandbox_endpoint_peek(input->endpoint, skip, buffer, length);
}

gssize
gvir_sandbox_input_tee(GVirSandboxInput *input, int pipe, gsize length)
{
    return gvir_sandbox_endpoint_tee(input->endpoint, pipe, length);
}

void
gvir_sandbox_input_expect_much(GVirSandboxInput *input)
{
    gvir_sandbox_endpoint_expect_much(input->endpoint);
}

void
gvir_sandbox_input_take(GVirSandboxInput *input, guint64 length)
{
    gvir_sandbox_endpoint_take(input->endpoint, length);
}
