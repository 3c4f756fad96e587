/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/raw-link-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/libvirt/handle-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct _GVirSandboxRawLink {
    virStreamPtr stream; /* or NULL, and then there is: */
    int socket;
    GSource *source;

    gchar *devname;
    GVirSandboxRawLinkHandler handler;
    gpointer user_data;
    int events;
};

static const struct {
    int event;
    GIOCondition condition;
} conditions[] = {
    { VIR_STREAM_EVENT_READABLE, G_IO_IN },
    { VIR_STREAM_EVENT_WRITABLE, G_IO_OUT },
    { VIR_STREAM_EVENT_HANGUP, G_IO_HUP },
    { VIR_STREAM_EVENT_ERROR, G_IO_ERR },
};

static GVirSandboxRawLink *
new_link(const gchar *devname, GVirSandboxRawLinkHandler handler, gpointer user_data)
{
    GVirSandboxRawLink *link = g_new0(GVirSandboxRawLink, 1);

    link->socket = -1;
    link->devname = g_strdup(devname ? devname : "");
    link->handler = handler;
    link->user_data = user_data;
    return link;
}

/* The error is set before the handles are let go of, which clears libvirt's own. */
static virStreamPtr
open_stream(GVirConnection *gobject, GVirDomain *domain_gobject, const gchar *devname, GError **error)
{
    g_autoptr(virConnect) connection = gvir_sandbox_connection_handle(gobject);
    g_autoptr(virDomain) domain = gvir_sandbox_domain_handle(domain_gobject);
    g_autoptr(virStream) stream = virStreamNew(connection, VIR_STREAM_NONBLOCK);

    if (!stream || virDomainOpenConsole(domain, devname, stream, 0) < 0) {
        gvir_sandbox_handle_set_error(error, _("console %s"), devname ? devname : "");
        return NULL;
    }
    return g_steal_pointer(&stream);
}

GVirSandboxRawLink *
gvir_sandbox_raw_link_new_for_stream(GVirConnection *connection, GVirDomain *domain, const gchar *devname,
                                     GVirSandboxRawLinkHandler handler, gpointer user_data, GError **error)
{
    virStreamPtr stream = open_stream(connection, domain, devname, error);
    GVirSandboxRawLink *link;

    if (!stream)
        return NULL;
    link = new_link(devname, handler, user_data);
    link->stream = stream;
    return link;
}

/* -1 with errno. */
static int
connect_to(const gchar *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd, saved_errno;

    if (g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    saved_errno = errno;
    close(fd);
    errno = saved_errno;
    return -1;
}

GVirSandboxRawLink *
gvir_sandbox_raw_link_new_for_socket(const gchar *path, const gchar *devname, GVirSandboxRawLinkHandler handler,
                                     gpointer user_data, GError **error)
{
    GVirSandboxRawLink *link = new_link(devname, handler, user_data);

    link->socket = connect_to(path);
    if (link->socket >= 0)
        return link;
    gvir_sandbox_raw_link_set_error(link, error);
    gvir_sandbox_raw_link_free(link);
    return NULL;
}

static void
drop_source(GVirSandboxRawLink *link)
{
    if (link->source)
        g_source_destroy(link->source);
    g_clear_pointer(&link->source, g_source_unref);
}

void
gvir_sandbox_raw_link_free(GVirSandboxRawLink *link)
{
    drop_source(link);
    if (link->stream) {
        virStreamEventRemoveCallback(link->stream);
        virStreamAbort(link->stream);
        virStreamFree(link->stream);
    }
    if (link->socket >= 0)
        close(link->socket);
    g_free(link->devname);
    g_free(link);
}

static gboolean
socket_ready(gint fd G_GNUC_UNUSED, GIOCondition condition, gpointer user_data)
{
    GVirSandboxRawLink *link = user_data;
    int events = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(conditions); i++) {
        if (condition & conditions[i].condition)
            events |= conditions[i].event;
    }
    link->handler(events, link->user_data);
    return G_SOURCE_CONTINUE;
}

/* The conditions of such a source cannot be changed. */
static void
watch_socket(GVirSandboxRawLink *link)
{
    GIOCondition condition = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(conditions); i++) {
        if (link->events & conditions[i].event)
            condition |= conditions[i].condition;
    }
    drop_source(link);
    link->source = g_unix_fd_source_new(link->socket, condition);
    g_source_set_callback(link->source, G_SOURCE_FUNC(socket_ready), link, NULL);
    g_source_attach(link->source, NULL);
}

static void
stream_ready(virStreamPtr stream G_GNUC_UNUSED, int events, void *user_data)
{
    GVirSandboxRawLink *link = user_data;

    link->handler(events, link->user_data);
}

gboolean
gvir_sandbox_raw_link_set_events(GVirSandboxRawLink *link, int events)
{
    int result = 0;

    if (events == link->events)
        return TRUE;
    if (link->stream && link->events == 0)
        result = virStreamEventAddCallback(link->stream, events, stream_ready, link, NULL);
    else if (link->stream)
        result = virStreamEventUpdateCallback(link->stream, events);
    if (result < 0)
        return FALSE;
    link->events = events;
    if (!link->stream)
        watch_socket(link);
    return TRUE;
}

void
gvir_sandbox_raw_link_mute(GVirSandboxRawLink *link)
{
    drop_source(link);
}

static int
result_of(gssize count)
{
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? -2 : (int)count;
}

int
gvir_sandbox_raw_link_receive(GVirSandboxRawLink *link, gpointer data, gsize size)
{
    return link->stream ? virStreamRecv(link->stream, data, size) : result_of(read(link->socket, data, size));
}

int
gvir_sandbox_raw_link_send(GVirSandboxRawLink *link, gconstpointer data, gsize length)
{
    return link->stream ? virStreamSend(link->stream, data, length)
                        : result_of(send(link->socket, data, length, MSG_NOSIGNAL));
}

void
gvir_sandbox_raw_link_set_error(const GVirSandboxRawLink *link, GError **error)
{
    if (link->stream)
        gvir_sandbox_handle_set_error(error, _("console %s"), link->devname);
    else
        gvir_sandbox_error_set_errno(error, errno, _("console %s"), link->devname);
}
