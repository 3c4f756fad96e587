/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/scratch-private.h"
#include "libvirt-sandbox/error-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define DISK_DIRECTORY "/var/tmp"
#define NAME_LENGTH_MAX 128

static const gchar *
find_base(void)
{
    return access(DISK_DIRECTORY, W_OK | X_OK) == 0 ? DISK_DIRECTORY : g_get_tmp_dir();
}

/* Named after the sandbox for who looks, but for nobody to guess. */
static gchar *
choose_path(const gchar *statedir, const gchar *base)
{
    g_autofree gchar *name = g_path_get_basename(statedir);

    return g_strdup_printf("%s/" GVIR_SANDBOX_SCRATCH_PREFIX "%.*s-%08x%08x", base, NAME_LENGTH_MAX, name,
                           g_random_int(), g_random_int());
}

gchar *
gvir_sandbox_scratch_make(const gchar *statedir, const gchar *link_name, const gchar *base, guint gid,
                          GError **error)
{
    g_autofree gchar *link_path = g_build_filename(statedir, link_name, NULL);
    g_autofree gchar *path = choose_path(statedir, base ? base : find_base());

    /* The link first: a directory without one would be left if we were killed in between. */
    if (symlink(path, link_path) < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", link_path);
        return NULL;
    }
    if (g_mkdir(path, 0700) < 0 ||
        (gid != 0 && (chown(path, (uid_t)-1, gid) < 0 || g_chmod(path, 0710) < 0))) {
        gvir_sandbox_error_set_errno(error, errno, "%s", path);
        return NULL;
    }
    return g_steal_pointer(&path);
}
