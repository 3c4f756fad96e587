/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/channel-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct {
    const gchar *wanted;
    gboolean in_channel;
    gchar *source;
    gchar *name;
    gchar *found;
} ChannelSearch;

static const gchar *
attribute(const gchar **names, const gchar **values, const gchar *wanted)
{
    for (; *names; names++, values++) {
        if (g_str_equal(*names, wanted))
            return *values;
    }
    return NULL;
}

static void
element_begins(GMarkupParseContext *context G_GNUC_UNUSED, const gchar *element, const gchar **names,
               const gchar **values, gpointer user_data, GError **error G_GNUC_UNUSED)
{
    ChannelSearch *search = user_data;

    if (g_str_equal(element, "channel")) {
        search->in_channel = TRUE;
    } else if (search->in_channel && g_str_equal(element, "source")) {
        g_free(search->source);
        search->source = g_strdup(attribute(names, values, "path"));
    } else if (search->in_channel && g_str_equal(element, "target")) {
        g_free(search->name);
        search->name = g_strdup(attribute(names, values, "name"));
    }
}

static void
element_ends(GMarkupParseContext *context G_GNUC_UNUSED, const gchar *element, gpointer user_data,
             GError **error G_GNUC_UNUSED)
{
    ChannelSearch *search = user_data;

    if (!g_str_equal(element, "channel"))
        return;
    search->in_channel = FALSE;
    if (!search->found && g_strcmp0(search->name, search->wanted) == 0)
        search->found = g_steal_pointer(&search->source);
    g_clear_pointer(&search->source, g_free);
    g_clear_pointer(&search->name, g_free);
}

gchar *
gvir_sandbox_channel_find_path(const gchar *domain_xml, const gchar *name, GError **error)
{
    const GMarkupParser parser = { .start_element = element_begins, .end_element = element_ends };
    ChannelSearch search = { .wanted = name };
    g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&parser, 0, &search, NULL);
    gboolean parsed = g_markup_parse_context_parse(context, domain_xml, -1, error) &&
                      g_markup_parse_context_end_parse(context, error);

    g_free(search.source);
    g_free(search.name);
    if (!parsed) {
        g_free(search.found);
        return NULL;
    }
    if (!search.found)
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND, _("the domain has no channel %s"), name);
    return search.found;
}

static int
connect_to_path(const gchar *path, GError **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd;

    if (strlen(path) >= sizeof(address.sun_path)) {
        gvir_sandbox_error_set_errno(error, ENAMETOOLONG, _("cannot connect to %s"), path);
        return -1;
    }
    strcpy(address.sun_path, path);

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;

    gvir_sandbox_error_set_errno(error, errno, _("cannot connect to %s"), path);
    if (fd >= 0)
        close(fd);
    return -1;
}

int
gvir_sandbox_channel_connect(GVirDomain *domain, const gchar *name, GError **error)
{
    g_autoptr(GVirConfigDomain) description = gvir_domain_get_config(domain, 0, error);
    g_autofree gchar *xml = NULL;
    g_autofree gchar *path = NULL;

    if (!description)
        return -1;
    xml = gvir_config_object_to_xml(GVIR_CONFIG_OBJECT(description));
    path = gvir_sandbox_channel_find_path(xml, name, error);
    return path ? connect_to_path(path, error) : -1;
}
