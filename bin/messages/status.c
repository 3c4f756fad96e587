/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/messages/status.h"

#include "bin/messages/message.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <poll.h>
#include <unistd.h>

/* A reader that takes nothing for so long gets nothing more. */
#define WRITE_WAIT_MSEC 1000

static int status_fd = -1;

static gboolean
fail(GError **error, const gchar *text, const gchar *why)
{
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, "--json-status-fd %s: %s", text, why);
    return FALSE;
}

gboolean
status_open(const gchar *text, GError **error)
{
    guint64 number;
    int flags;

    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT, &number, NULL))
        return fail(error, text, _("not the number of a descriptor"));
    flags = fcntl((int)number, F_GETFL);
    if (flags < 0)
        return fail(error, text, _("not open; as in: virt-sandbox --json-status-fd 3 3>FILE"));
    if ((flags & O_ACCMODE) == O_RDONLY || (flags & O_PATH))
        return fail(error, text, _("not open for writing"));
    status_fd = (int)number;
    fcntl(status_fd, F_SETFD, FD_CLOEXEC);
    return TRUE;
}

static void
give_up(const gchar *why)
{
    message(_("--json-status-fd %d: %s"), status_fd, why);
    status_fd = -1;
}

static void
write_line(const gchar *line, gsize length)
{
    while (length > 0 && status_fd >= 0) {
        struct pollfd pollfd = { .fd = status_fd, .events = POLLOUT };
        gssize written;

        if (poll(&pollfd, 1, WRITE_WAIT_MSEC) == 0) {
            give_up(_("its reader does not read"));
            return;
        }
        written = write(status_fd, line, length);
        if (written >= 0) {
            line += written;
            length -= written;
        } else if (errno == EPIPE) {
            /* Nobody wants to know any more. */
            status_fd = -1;
        } else if (errno != EINTR && errno != EAGAIN) {
            give_up(g_strerror(errno));
        }
    }
}

static JsonBuilder *
begin(const gchar *event)
{
    JsonBuilder *builder = json_builder_new();

    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "event");
    json_builder_add_string_value(builder, event);
    return builder;
}

static void
add_text(JsonBuilder *builder, const gchar *name, const gchar *text)
{
    g_autofree gchar *valid = g_utf8_make_valid(text, -1);

    json_builder_set_member_name(builder, name);
    json_builder_add_string_value(builder, valid);
}

static void
add_number(JsonBuilder *builder, const gchar *name, gint64 number)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_int_value(builder, number);
}

static void
end(JsonBuilder *builder)
{
    g_autoptr(JsonNode) root = NULL;
    g_autofree gchar *text = NULL;
    g_autofree gchar *line = NULL;

    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    text = json_to_string(root, FALSE);
    line = g_strconcat(text, "\n", NULL);
    write_line(line, strlen(line));
}

/* A container's number in libvirt is that of its controller. */
static gint64
get_process(GVirSandboxContext *context, GVirDomain *domain)
{
    g_autoptr(GVirConnection) connection = gvir_sandbox_context_get_connection(context);

    if (g_str_has_prefix(gvir_connection_get_uri(connection), "lxc"))
        return gvir_domain_get_id(domain, NULL);
    return gvir_sandbox_context_get_process_id(context);
}

void
status_started(GVirSandboxContext *context)
{
    g_autoptr(GVirDomain) domain = NULL;
    g_autoptr(JsonBuilder) builder = NULL;
    gint64 process;

    if (status_fd < 0)
        return;
    domain = gvir_sandbox_context_get_domain(context, NULL);
    if (!domain)
        return;
    builder = begin("started");
    add_text(builder, "name", gvir_domain_get_name(domain));
    add_text(builder, "uuid", gvir_domain_get_uuid(domain));
    process = get_process(context, domain);
    if (process > 0)
        add_number(builder, "pid", process);
    end(builder);
}

void
status_ended(const Ending *ending)
{
    static const gchar *const hows[] = {
        [ENDING_EXITED] = "exited",
        [ENDING_SIGNAL] = "signal",
        [ENDING_TIMEOUT] = "timeout",
        [ENDING_KILLED] = "killed",
    };
    g_autoptr(JsonBuilder) builder = NULL;

    if (status_fd < 0)
        return;
    builder = begin(ending->failure ? "failed" : "exited");
    add_number(builder, "status", ending->status);
    if (ending->failure)
        add_text(builder, "message", ending->failure);
    else
        add_text(builder, "how", hows[ending->how]);
    end(builder);
}
