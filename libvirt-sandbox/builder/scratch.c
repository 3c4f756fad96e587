/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/scratch-private.h"
#include "libvirt-sandbox/error-private.h"

#include <errno.h>
#include <fcntl.h>
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
choose_name(const gchar *statedir)
{
    g_autofree gchar *name = g_path_get_basename(statedir);

    return g_strdup_printf(GVIR_SANDBOX_SCRATCH_PREFIX "%.*s-%08x%08x", NAME_LENGTH_MAX, name, g_random_int(),
                           g_random_int());
}

/* Whoever may write in the base could have put something else there since it was made. */
static gboolean
let_in(int directory, guint gid)
{
    struct stat status;

    if (fstat(directory, &status) < 0)
        return FALSE;
    if (status.st_uid != geteuid()) {
        errno = EPERM;
        return FALSE;
    }
    return gid == 0 || (fchown(directory, (uid_t)-1, gid) == 0 && fchmod(directory, 0710) == 0);
}

static gboolean
make_below(int base, const gchar *name, guint gid)
{
    int directory, saved_errno;
    gboolean made;

    if (mkdirat(base, name, 0700) < 0)
        return FALSE;
    directory = openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    made = directory >= 0 && let_in(directory, gid);
    saved_errno = errno;
    if (directory >= 0)
        close(directory);
    errno = saved_errno;
    return made;
}

static gboolean
make_directory(const gchar *base_path, const gchar *name, guint gid)
{
    int base = open(base_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    gboolean made = base >= 0 && make_below(base, name, gid);
    int saved_errno = errno;

    if (base >= 0)
        close(base);
    errno = saved_errno;
    return made;
}

gchar *
gvir_sandbox_scratch_make(const gchar *statedir, const gchar *link_name, const gchar *base, guint gid,
                          GError **error)
{
    g_autofree gchar *link_path = g_build_filename(statedir, link_name, NULL);
    g_autofree gchar *name = choose_name(statedir);
    g_autofree gchar *path = NULL;

    base = base ? base : find_base();
    path = g_build_filename(base, name, NULL);
    /* The link first: a directory without one would be left if we were killed in between. */
    if (symlink(path, link_path) < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", link_path);
        return NULL;
    }
    if (!make_directory(base, name, gid)) {
        gvir_sandbox_error_set_errno(error, errno, "%s", path);
        return NULL;
    }
    return g_steal_pointer(&path);
}
