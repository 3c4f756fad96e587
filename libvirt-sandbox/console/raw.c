/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/raw.h"
#include "libvirt-sandbox/console/console-private.h"
#include "libvirt-sandbox/console/input-private.h"
#include "libvirt-sandbox/console/output-private.h"
#include "libvirt-sandbox/console/visible-private.h"
#include "libvirt-sandbox/error-private.h"
#include "libvirt-sandbox/handle-private.h"
#include "libvirt-sandbox/i18n-private.h"

#include <errno.h>

/* What is under way in one direction at the most. */
#define CHUNK_SIZE 16384

/**
 * GVirSandboxConsoleRaw:
 *
 * A console of the domain as libvirt offers it: the log of kernel and init, or a shell. Its bytes flow in
 * the default main context, where libvirt's events are.
 */
struct _GVirSandboxConsoleRaw {
    GVirSandboxConsole parent_instance;

    virStreamPtr stream;
    int watched;
    GVirSandboxOutput *output;
    GVirSandboxInput *input;
    GByteArray *waiting;
    GSource *ending;
};

G_DEFINE_FINAL_TYPE(GVirSandboxConsoleRaw, gvir_sandbox_console_raw, GVIR_SANDBOX_TYPE_CONSOLE)

static void
watch(GVirSandboxConsoleRaw *raw)
{
    int events = VIR_STREAM_EVENT_HANGUP | VIR_STREAM_EVENT_ERROR;

    if (!raw->stream)
        return;
    /* Nothing is taken from the guest that could not be passed on at once. */
    if (!raw->output || gvir_sandbox_output_is_empty(raw->output))
        events |= VIR_STREAM_EVENT_READABLE;
    if (raw->waiting->len > 0)
        events |= VIR_STREAM_EVENT_WRITABLE;
    if (events != raw->watched && virStreamEventUpdateCallback(raw->stream, events) == 0)
        raw->watched = events;
    if (raw->input)
        gvir_sandbox_input_set_wanted(raw->input, raw->waiting->len == 0);
}

static gboolean
finish(gpointer user_data)
{
    GVirSandboxConsoleRaw *raw = user_data;

    g_clear_pointer(&raw->ending, g_source_unref);
    gvir_sandbox_console_finish(GVIR_SANDBOX_CONSOLE(raw), NULL);
    return G_SOURCE_REMOVE;
}

/* Not from within a callback of the stream, which finishing frees. */
static void
finish_soon(GVirSandboxConsoleRaw *raw)
{
    if (raw->ending)
        return;
    raw->ending = g_idle_source_new();
    g_source_set_callback(raw->ending, finish, raw, NULL);
    g_source_attach(raw->ending, NULL);
}

static void
pass_on(GVirSandboxConsoleRaw *raw, const guint8 *data, gsize length)
{
    g_autoptr(GByteArray) visible = NULL;

    if (!raw->output)
        return;
    if (gvir_sandbox_console_get_direct(GVIR_SANDBOX_CONSOLE(raw))) {
        gvir_sandbox_output_push(raw->output, data, length);
        return;
    }
    visible = g_byte_array_new();
    gvir_sandbox_visible_append(visible, data, length);
    gvir_sandbox_output_push(raw->output, visible->data, visible->len);
}

static void
receive(GVirSandboxConsoleRaw *raw)
{
    gchar data[CHUNK_SIZE];
    int got = virStreamRecv(raw->stream, data, sizeof(data));

    if (got > 0)
        pass_on(raw, (const guint8 *)data, got);
    else if (got != -2)
        finish_soon(raw);
}

static void
transmit(GVirSandboxConsoleRaw *raw)
{
    int sent = virStreamSend(raw->stream, (const char *)raw->waiting->data, raw->waiting->len);

    if (sent > 0)
        g_byte_array_remove_range(raw->waiting, 0, sent);
    else if (sent == -1)
        finish_soon(raw);
}

static void
stream_event(virStreamPtr stream G_GNUC_UNUSED, int events, void *user_data)
{
    GVirSandboxConsoleRaw *raw = user_data;

    if (raw->ending)
        return;
    if (events & VIR_STREAM_EVENT_WRITABLE && raw->waiting->len > 0)
        transmit(raw);
    if (events & VIR_STREAM_EVENT_READABLE)
        receive(raw);
    else if (events & (VIR_STREAM_EVENT_HANGUP | VIR_STREAM_EVENT_ERROR))
        finish_soon(raw);
    watch(raw);
}

static void
output_written(GVirSandboxOutput *output G_GNUC_UNUSED, gsize length G_GNUC_UNUSED,
               gpointer user_data)
{
    watch(user_data);
}

static void
output_failed(GVirSandboxOutput *output G_GNUC_UNUSED, int saved_errno G_GNUC_UNUSED,
              gpointer user_data)
{
    finish_soon(user_data);
}

static void
input_ready(GVirSandboxInput *input, gpointer user_data)
{
    GVirSandboxConsoleRaw *raw = user_data;
    guint8 data[CHUNK_SIZE];
    gssize got = gvir_sandbox_input_read(input, data, sizeof(data));

    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        g_clear_pointer(&raw->input, gvir_sandbox_input_free);
        return;
    }
    if (gvir_sandbox_console_escaped(GVIR_SANDBOX_CONSOLE(raw), data, got)) {
        finish_soon(raw);
        return;
    }
    g_byte_array_append(raw->waiting, data, got);
    watch(raw);
}

static virStreamPtr
open_stream(GVirSandboxConsole *console, GError **error)
{
    g_autoptr(virConnect) connection =
        gvir_sandbox_connection_handle(gvir_sandbox_console_get_connection(console));
    g_autoptr(virDomain) domain =
        gvir_sandbox_domain_handle(gvir_sandbox_console_get_domain(console));
    const gchar *devname = gvir_sandbox_console_get_devname(console);
    g_autoptr(virStream) stream = virStreamNew(connection, VIR_STREAM_NONBLOCK);

    if (!stream || virDomainOpenConsole(domain, devname, stream, 0) < 0) {
        gvir_sandbox_handle_set_error(error, _("console %s"), devname ? devname : "");
        return NULL;
    }
    return g_steal_pointer(&stream);
}

static gboolean
gvir_sandbox_console_raw_attach(GVirSandboxConsole *console, GUnixInputStream *local_stdin,
                                GUnixOutputStream *local_stdout,
                                GUnixOutputStream *local_stderr G_GNUC_UNUSED, GError **error)
{
    static const GVirSandboxOutputHandlers handlers = {
        .written = output_written,
        .failed = output_failed,
    };
    GVirSandboxConsoleRaw *raw = GVIR_SANDBOX_CONSOLE_RAW(console);

    raw->stream = open_stream(console, error);
    if (!raw->stream)
        return FALSE;
    raw->watched = VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_HANGUP | VIR_STREAM_EVENT_ERROR;
    if (virStreamEventAddCallback(raw->stream, raw->watched, stream_event, raw, NULL) < 0) {
        gvir_sandbox_handle_set_error(error, _("console %s"),
                                      gvir_sandbox_console_get_devname(console));
        virStreamAbort(raw->stream);
        g_clear_pointer(&raw->stream, virStreamFree);
        return FALSE;
    }

    if (local_stdout)
        raw->output = gvir_sandbox_output_new(g_unix_output_stream_get_fd(local_stdout), &handlers,
                                              raw);
    if (local_stdin)
        raw->input = gvir_sandbox_input_new(g_unix_input_stream_get_fd(local_stdin), input_ready, raw);
    watch(raw);
    return TRUE;
}

static gboolean
gvir_sandbox_console_raw_detach(GVirSandboxConsole *console, GError **error G_GNUC_UNUSED)
{
    GVirSandboxConsoleRaw *raw = GVIR_SANDBOX_CONSOLE_RAW(console);

    if (raw->ending)
        g_source_destroy(raw->ending);
    g_clear_pointer(&raw->ending, g_source_unref);
    if (raw->stream) {
        virStreamEventRemoveCallback(raw->stream);
        virStreamAbort(raw->stream);
    }
    g_clear_pointer(&raw->stream, virStreamFree);
    g_clear_pointer(&raw->input, gvir_sandbox_input_free);
    g_clear_pointer(&raw->output, gvir_sandbox_output_free);
    g_byte_array_set_size(raw->waiting, 0);
    return TRUE;
}

static void
gvir_sandbox_console_raw_finalize(GObject *object)
{
    GVirSandboxConsoleRaw *raw = GVIR_SANDBOX_CONSOLE_RAW(object);

    gvir_sandbox_console_raw_detach(GVIR_SANDBOX_CONSOLE(raw), NULL);
    g_byte_array_unref(raw->waiting);
    G_OBJECT_CLASS(gvir_sandbox_console_raw_parent_class)->finalize(object);
}

static void
gvir_sandbox_console_raw_class_init(GVirSandboxConsoleRawClass *klass)
{
    GVirSandboxConsoleClass *console_class = GVIR_SANDBOX_CONSOLE_CLASS(klass);

    G_OBJECT_CLASS(klass)->finalize = gvir_sandbox_console_raw_finalize;
    console_class->attach = gvir_sandbox_console_raw_attach;
    console_class->detach = gvir_sandbox_console_raw_detach;
}

static void
gvir_sandbox_console_raw_init(GVirSandboxConsoleRaw *raw)
{
    raw->waiting = g_byte_array_new();
}

/**
 * gvir_sandbox_console_raw_new: (constructor)
 * @connection: the connection of the domain
 * @domain: a running domain
 * @devname: the console's name in the domain's description, as for `virsh console --devname`
 *
 * Makes a console of a domain.
 *
 * Returns: (transfer full): a new console
 */
GVirSandboxConsoleRaw *
gvir_sandbox_console_raw_new(GVirConnection *connection, GVirDomain *domain, const char *devname)
{
    return g_object_new(GVIR_SANDBOX_TYPE_CONSOLE_RAW, "connection", connection, "domain", domain,
                        "devname", devname, NULL);
}
