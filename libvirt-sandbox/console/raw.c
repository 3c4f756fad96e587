/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/raw.h"
#include "libvirt-sandbox/console/console-private.h"
#include "libvirt-sandbox/console/local/input-private.h"
#include "libvirt-sandbox/console/local/output-private.h"
#include "libvirt-sandbox/console/raw-link-private.h"
#include "libvirt-sandbox/console/raw-private.h"
#include "libvirt-sandbox/util/visible-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/libvirt/handle-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>

/* What is under way in one direction at the most. */
#define CHUNK_SIZE 16384
/* What a hang-up leaves to be read at the most, in chunks. */
#define LAST_CHUNKS 64
/* A stream may break because its sandbox ends, which the driver notes a moment later. */
#define REASON_USEC G_USEC_PER_SEC
#define REASON_LOOK_MSEC 20
/* libvirt says nothing to a stream whose connection is lost. */
#define LOOK_MSEC 500

/**
 * GVirSandboxConsoleRaw:
 *
 * A console of the domain as libvirt offers it: the log of kernel and init, or a shell. Its bytes flow in
 * the default main context, where libvirt's events are.
 */
struct _GVirSandboxConsoleRaw {
    GVirSandboxConsole parent_instance;

    gchar *socket_path; /* NULL: libvirt is asked for a stream */
    GVirSandboxRawLink *link;
    GVirSandboxOutput *output;
    GVirSandboxInput *input;
    GByteArray *waiting;
    GSource *ending;
    GSource *looking;
    GError *failure;     /* of the stream, or of the local output */
    gint64 broken_since; /* monotonic; 0: the stream has ended as it should, or not at all */
    gboolean over;       /* what came is still to be delivered */
};

G_DEFINE_FINAL_TYPE(GVirSandboxConsoleRaw, gvir_sandbox_console_raw, GVIR_SANDBOX_TYPE_CONSOLE)

static void
watch(GVirSandboxConsoleRaw *raw)
{
    int events = VIR_STREAM_EVENT_HANGUP | VIR_STREAM_EVENT_ERROR;

    if (!raw->link || raw->ending)
        return;
    /* Nothing is taken from the guest that could not be passed on at once. */
    if (!raw->output || gvir_sandbox_output_is_empty(raw->output))
        events |= VIR_STREAM_EVENT_READABLE;
    if (raw->waiting->len > 0)
        events |= VIR_STREAM_EVENT_WRITABLE;
    gvir_sandbox_raw_link_set_events(raw->link, events);
    if (raw->input)
        gvir_sandbox_input_set_wanted(raw->input, raw->waiting->len == 0);
}

static void
drop_link(GVirSandboxConsoleRaw *raw)
{
    g_clear_pointer(&raw->link, gvir_sandbox_raw_link_free);
    /* Nobody takes it any more. */
    g_clear_pointer(&raw->input, gvir_sandbox_input_free);
}

/* Whether the sandbox is gone, which is no failure of its console. */
static gboolean
has_sandbox_ended(GVirSandboxConsoleRaw *raw)
{
    g_autoptr(virDomain) domain =
        gvir_sandbox_domain_handle(gvir_sandbox_console_get_domain(GVIR_SANDBOX_CONSOLE(raw)));
    int active = virDomainIsActive(domain);

    return active == 0 || (active < 0 && virGetLastErrorCode() == VIR_ERR_NO_DOMAIN);
}

/* FALSE while that may become known. */
static gboolean
know_reason(GVirSandboxConsoleRaw *raw)
{
    if (raw->broken_since == 0)
        return TRUE;
    if (has_sandbox_ended(raw))
        g_clear_error(&raw->failure);
    else if (!g_error_matches(raw->failure, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_CONNECTION) &&
             g_get_monotonic_time() - raw->broken_since < REASON_USEC)
        return FALSE;
    raw->broken_since = 0;
    return TRUE;
}

static void finish_in(GVirSandboxConsoleRaw *raw, guint milliseconds);

static void
stop_looking(GVirSandboxConsoleRaw *raw)
{
    if (raw->looking)
        g_source_destroy(raw->looking);
    g_clear_pointer(&raw->looking, g_source_unref);
}

static gboolean
finish(gpointer user_data)
{
    GVirSandboxConsoleRaw *raw = user_data;
    g_autoptr(GError) failure = NULL;

    g_clear_pointer(&raw->ending, g_source_unref);
    drop_link(raw);
    stop_looking(raw);
    raw->over = TRUE;
    if (!know_reason(raw)) {
        finish_in(raw, REASON_LOOK_MSEC);
    } else if (!raw->output || gvir_sandbox_output_is_empty(raw->output)) {
        failure = g_steal_pointer(&raw->failure);
        gvir_sandbox_console_finish(GVIR_SANDBOX_CONSOLE(raw), failure);
    }
    return G_SOURCE_REMOVE;
}

static void
finish_in(GVirSandboxConsoleRaw *raw, guint milliseconds)
{
    if (raw->ending)
        return;
    raw->ending = milliseconds > 0 ? g_timeout_source_new(milliseconds) : g_idle_source_new();
    g_source_set_callback(raw->ending, finish, raw, NULL);
    g_source_attach(raw->ending, NULL);
    if (raw->link)
        gvir_sandbox_raw_link_mute(raw->link);
}

/* Not from within a callback of the link, which finishing frees. */
static void
finish_soon(GVirSandboxConsoleRaw *raw)
{
    finish_in(raw, 0);
}

static gboolean
look(gpointer user_data)
{
    GVirSandboxConsoleRaw *raw = user_data;
    GVirConnection *connection = gvir_sandbox_console_get_connection(GVIR_SANDBOX_CONSOLE(raw));
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);

    if (virConnectIsAlive(handle) == 1)
        return G_SOURCE_CONTINUE;
    if (!raw->failure)
        raw->failure = g_error_new(GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_CONNECTION,
                                   _("the connection to libvirt was lost: %s ended or was restarted"),
                                   gvir_connection_get_uri(connection));
    finish_soon(raw);
    return G_SOURCE_CONTINUE;
}

static void
start_looking(GVirSandboxConsoleRaw *raw)
{
    raw->looking = g_timeout_source_new(LOOK_MSEC);
    g_source_set_callback(raw->looking, look, raw, NULL);
    g_source_attach(raw->looking, NULL);
}

/* As libvirt or the system has just said. */
static void
break_off(GVirSandboxConsoleRaw *raw)
{
    if (!raw->failure)
        gvir_sandbox_raw_link_set_error(raw->link, &raw->failure);
    raw->broken_since = g_get_monotonic_time();
    finish_soon(raw);
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

/* FALSE if there is nothing more, now or ever. */
static gboolean
receive(GVirSandboxConsoleRaw *raw)
{
    gchar data[CHUNK_SIZE];
    int got = gvir_sandbox_raw_link_receive(raw->link, data, sizeof(data));

    if (got > 0)
        pass_on(raw, (const guint8 *)data, got);
    else if (got == 0)
        finish_soon(raw);
    else if (got != -2)
        break_off(raw);
    return got > 0;
}

/* While the output is slow we have not asked for more, so that there may be some. */
static void
receive_last(GVirSandboxConsoleRaw *raw)
{
    for (guint i = 0; i < LAST_CHUNKS && receive(raw); i++)
        ;
    finish_soon(raw);
}

static void
transmit(GVirSandboxConsoleRaw *raw)
{
    int sent = gvir_sandbox_raw_link_send(raw->link, raw->waiting->data, raw->waiting->len);

    if (sent > 0)
        g_byte_array_remove_range(raw->waiting, 0, sent);
    else if (sent == -1)
        break_off(raw);
}

static void
link_event(int events, gpointer user_data)
{
    GVirSandboxConsoleRaw *raw = user_data;

    if (raw->ending)
        return;
    if (events & VIR_STREAM_EVENT_WRITABLE && raw->waiting->len > 0)
        transmit(raw);
    if (events & VIR_STREAM_EVENT_READABLE)
        receive(raw);
    else if (events & (VIR_STREAM_EVENT_HANGUP | VIR_STREAM_EVENT_ERROR))
        receive_last(raw);
    watch(raw);
}

static void
output_written(GVirSandboxOutput *output G_GNUC_UNUSED, gsize length G_GNUC_UNUSED, gpointer user_data)
{
    GVirSandboxConsoleRaw *raw = user_data;

    if (raw->over)
        finish_soon(raw);
    else
        watch(raw);
}

/* A reader that went away has seen what it wanted. */
static void
output_failed(GVirSandboxOutput *output G_GNUC_UNUSED, int saved_errno, gpointer user_data)
{
    GVirSandboxConsoleRaw *raw = user_data;

    if (saved_errno != EPIPE && saved_errno != ECONNRESET && !raw->failure)
        gvir_sandbox_error_set_errno(&raw->failure, saved_errno, _("writing what the console says"));
    finish_soon(raw);
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

GVirSandboxRawLink *
gvir_sandbox_console_raw_open_link(GVirSandboxConsoleRaw *raw, GVirSandboxRawLinkHandler handler, gpointer user_data,
                                   GError **error)
{
    GVirSandboxConsole *console = GVIR_SANDBOX_CONSOLE(raw);
    const gchar *devname = gvir_sandbox_console_get_devname(console);

    if (raw->socket_path)
        return gvir_sandbox_raw_link_new_for_socket(raw->socket_path, devname, handler, user_data, error);
    return gvir_sandbox_raw_link_new_for_stream(gvir_sandbox_console_get_connection(console),
                                                gvir_sandbox_console_get_domain(console), devname, handler, user_data,
                                                error);
}

static gboolean
gvir_sandbox_console_raw_attach(GVirSandboxConsole *console, GUnixInputStream *local_stdin,
                                GUnixOutputStream *local_stdout, GUnixOutputStream *local_stderr G_GNUC_UNUSED,
                                GError **error)
{
    static const GVirSandboxOutputHandlers handlers = {
        .written = output_written,
        .failed = output_failed,
    };
    GVirSandboxConsoleRaw *raw = GVIR_SANDBOX_CONSOLE_RAW(console);

    raw->link = gvir_sandbox_console_raw_open_link(raw, link_event, raw, error);
    if (!raw->link)
        return FALSE;
    if (!gvir_sandbox_raw_link_set_events(raw->link, VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_HANGUP |
                                                         VIR_STREAM_EVENT_ERROR)) {
        gvir_sandbox_raw_link_set_error(raw->link, error);
        drop_link(raw);
        return FALSE;
    }

    if (local_stdout)
        raw->output = gvir_sandbox_output_new(g_unix_output_stream_get_fd(local_stdout), &handlers, raw);
    if (local_stdin)
        raw->input = gvir_sandbox_input_new(g_unix_input_stream_get_fd(local_stdin), input_ready, raw);
    watch(raw);
    start_looking(raw);
    return TRUE;
}

static gboolean
gvir_sandbox_console_raw_detach(GVirSandboxConsole *console, GError **error G_GNUC_UNUSED)
{
    GVirSandboxConsoleRaw *raw = GVIR_SANDBOX_CONSOLE_RAW(console);

    if (raw->ending)
        g_source_destroy(raw->ending);
    g_clear_pointer(&raw->ending, g_source_unref);
    drop_link(raw);
    stop_looking(raw);
    g_clear_error(&raw->failure);
    raw->broken_since = 0;
    raw->over = FALSE;
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
    g_free(raw->socket_path);
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
    return g_object_new(GVIR_SANDBOX_TYPE_CONSOLE_RAW, "connection", connection, "domain", domain, "devname", devname,
                        NULL);
}

void
gvir_sandbox_console_raw_set_socket(GVirSandboxConsoleRaw *raw, const gchar *path)
{
    g_free(raw->socket_path);
    raw->socket_path = g_strdup(path);
}
