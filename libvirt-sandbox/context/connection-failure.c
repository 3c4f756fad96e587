/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/connection-failure-private.h"
#include "libvirt-sandbox/libvirt/driver-private.h"
#include "libvirt-sandbox/util/text-private.h"
#include "libvirt-sandbox/util/host-user-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define DIRECTORY "/run/libvirt"

/* The daemon's as libvirt looks for it: that of the one daemon for all, else that of the driver. NULL if there is none.
 */
static gchar *
find_socket(const GVirSandboxDriver *driver)
{
    g_autofree gchar *common = g_strdup(DIRECTORY "/libvirt-sock");
    g_autofree gchar *own = g_strdup_printf(DIRECTORY "/virt%sd-sock", driver->driver);

    if (driver->socket)
        return g_strdup(driver->socket);
    if (g_str_equal(driver->path, "session"))
        return NULL;
    if (access(common, F_OK) == 0)
        return g_steal_pointer(&common);
    return access(own, F_OK) == 0 ? g_steal_pointer(&own) : NULL;
}

/* Why the caller may not write to @path, with what would help. */
static gchar *
describe_denial(const gchar *path, const struct stat *status)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(path);
    g_autofree gchar *group = gvir_sandbox_host_group_find_name(status->st_gid);
    g_autofree gchar *owner = gvir_sandbox_host_user_find_name(status->st_uid);
    g_autofree gchar *user = gvir_sandbox_host_user_name();

    if (!(status->st_mode & S_IWGRP))
        return g_strdup_printf(_("%s is for the user %s only"), shown, owner ? owner : "?");
    if (!group)
        return g_strdup_printf(_("%s is for the group of the number %u only"), shown, (guint)status->st_gid);
    /* Which nobody should become a member of. */
    if (status->st_gid == 0)
        return g_strdup_printf(_("%s is for members of the group %s"), shown, group);
    return g_strdup_printf(_("%s is for members of the group %s; to become one: usermod -aG %s %s, and log in anew"),
                           shown, group, group, user);
}

static gboolean
is_served(const gchar *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    gboolean served;
    int fd;

    if (g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) >= sizeof(address.sun_path))
        return FALSE;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    served = fd >= 0 && (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || errno == EAGAIN);
    if (fd >= 0)
        close(fd);
    return served;
}

/* Of what is there, and not as it should be. */
static gchar *
describe_with_socket(const gchar *uri, const gchar *path, const GError *failure)
{
    struct stat status;

    if (stat(path, &status) == 0 && S_ISSOCK(status.st_mode) && access(path, W_OK) < 0 && errno == EACCES) {
        g_autofree gchar *denial = describe_denial(path, &status);

        return g_strdup_printf(_("cannot connect to %s: %s"), uri, denial);
    }
    return is_served(path) ? g_strdup_printf(_("cannot connect to %s: %s"), uri, failure->message) : NULL;
}

gchar *
gvir_sandbox_connection_describe_failure(GVirConnection *connection, const GError *failure)
{
    const gchar *uri = gvir_connection_get_uri(connection);
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_parse(uri, NULL);
    g_autofree gchar *path = driver ? find_socket(driver) : NULL;
    gchar *text = path ? describe_with_socket(uri, path, failure) : NULL;

    if (text)
        return text;
    if (driver && gvir_sandbox_driver_is_embedded(driver))
        return g_strdup_printf(_("cannot connect to %s: %s"), uri, failure->message);
    return g_strdup_printf(_("cannot connect to %s: %s: is libvirtd running?"), uri, failure->message);
}
