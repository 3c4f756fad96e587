/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/host-user-private.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#define ENTRY_SIZE_MAX 65536

gchar *
gvir_sandbox_host_user_find_name(uid_t uid)
{
    g_autofree gchar *buffer = g_malloc(ENTRY_SIZE_MAX);
    struct passwd entry, *found = NULL;

    if (getpwuid_r(uid, &entry, buffer, ENTRY_SIZE_MAX, &found) != 0 || !found)
        return NULL;
    return g_strdup(found->pw_name);
}

gchar *
gvir_sandbox_host_group_find_name(gid_t gid)
{
    g_autofree gchar *buffer = g_malloc(ENTRY_SIZE_MAX);
    struct group entry, *found = NULL;

    if (getgrgid_r(gid, &entry, buffer, ENTRY_SIZE_MAX, &found) != 0 || !found)
        return NULL;
    return g_strdup(found->gr_name);
}

static gboolean
is_name_of(const gchar *name, uid_t uid)
{
    g_autofree gchar *buffer = g_malloc(ENTRY_SIZE_MAX);
    struct passwd entry, *found = NULL;

    return getpwnam_r(name, &entry, buffer, ENTRY_SIZE_MAX, &found) == 0 && found && found->pw_uid == uid;
}

gchar *
gvir_sandbox_host_user_name(void)
{
    const gchar *login = g_getenv("LOGNAME");
    gchar *name;

    if (login && is_name_of(login, getuid()))
        return g_strdup(login);
    name = gvir_sandbox_host_user_find_name(getuid());
    return name ? name : g_strdup_printf("%u", (guint)getuid());
}

gchar *
gvir_sandbox_host_user_find_home(uid_t uid)
{
    g_autofree gchar *buffer = g_malloc(ENTRY_SIZE_MAX);
    struct passwd entry, *found = NULL;

    if (getpwuid_r(uid, &entry, buffer, ENTRY_SIZE_MAX, &found) != 0 || !found || !g_path_is_absolute(found->pw_dir))
        return NULL;
    return g_strdup(found->pw_dir);
}

gchar *
gvir_sandbox_host_user_home(void)
{
    const gchar *home = g_getenv("HOME");

    return home && g_path_is_absolute(home) ? g_strdup(home) : gvir_sandbox_host_user_find_home(getuid());
}
