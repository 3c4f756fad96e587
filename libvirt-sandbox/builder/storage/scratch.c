/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/storage/scratch-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/trusted-directory-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
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

/* Made and given away by its descriptor, as @base may be one where others have files. */
static int
make_directory(int base, const gchar *name, guint gid)
{
    int fd = -1;
    int saved_errno;

    if (mkdirat(base, name, 0700) == 0)
        fd = openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || gid == 0 || (fchown(fd, (uid_t)-1, gid) == 0 && fchmod(fd, 0710) == 0))
        return fd;
    saved_errno = errno;
    close(fd);
    errno = saved_errno;
    return -1;
}

static gchar *
make_in(int base, const gchar *path, const gchar *link_path, guint gid, int *descriptor, GError **error)
{
    int fd;

    /* The link first: a directory without one would be left if we were killed in between. */
    if (symlink(path, link_path) < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", link_path);
        return NULL;
    }
    fd = make_directory(base, strrchr(path, '/') + 1, gid);
    if (fd < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", path);
        return NULL;
    }
    if (descriptor)
        *descriptor = fd;
    else
        close(fd);
    return g_strdup(path);
}

gchar *
gvir_sandbox_scratch_make(const gchar *statedir, const gchar *link_name, const gchar *base, guint gid, int *descriptor,
                          GError **error)
{
    g_autofree gchar *link_path = g_build_filename(statedir, link_name, NULL);
    g_autofree gchar *name = choose_name(statedir);
    g_autofree gchar *resolved = NULL;
    g_autofree gchar *path = NULL;
    gchar *made;
    int fd;

    if (!base)
        base = find_base();
    fd = gvir_sandbox_trusted_directory_open(base, GVIR_SANDBOX_TRUSTED_SHARED, 0, &resolved, error);
    if (fd < 0)
        return NULL;
    path = g_build_filename(resolved, name, NULL);
    made = make_in(fd, path, link_path, gid, descriptor, error);
    close(fd);
    return made;
}
