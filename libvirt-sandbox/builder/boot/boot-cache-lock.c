/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/boot-cache-lock-private.h"
#include "libvirt-sandbox/util/file-lock-private.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX "-locks"
#define BYTE 0

static gchar *
path_of(const gchar *cache, const gchar *key)
{
    return g_strdup_printf("%s" SUFFIX "/%s", cache, key);
}

/* Of no use where others can come in, be it that they made it. */
static int
open_directory(const gchar *cache)
{
    g_autofree gchar *path = g_strconcat(cache, SUFFIX, NULL);
    struct stat status;
    int fd;

    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -1;
    fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || (fstat(fd, &status) == 0 && status.st_uid == geteuid() && (status.st_mode & 077) == 0))
        return fd;
    close(fd);
    errno = EACCES;
    return -1;
}

int
gvir_sandbox_boot_cache_lock_open(const gchar *cache, const gchar *key)
{
    int directory = open_directory(cache);
    int fd = directory < 0 ? -1 : openat(directory, key, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    int saved_errno = errno;

    if (directory >= 0)
        close(directory);
    errno = saved_errno;
    return fd;
}

static GVirSandboxBootCacheLockState
state_after(int lock, gboolean locked)
{
    if (locked)
        return GVIR_SANDBOX_BOOT_CACHE_FREE;
    return gvir_sandbox_file_lock_of_others(lock, BYTE) == F_WRLCK ? GVIR_SANDBOX_BOOT_CACHE_TAKEN
                                                                   : GVIR_SANDBOX_BOOT_CACHE_USED;
}

GVirSandboxBootCacheLockState
gvir_sandbox_boot_cache_lock_share(int lock)
{
    return state_after(lock, gvir_sandbox_file_lock(lock, F_RDLCK, BYTE));
}

GVirSandboxBootCacheLockState
gvir_sandbox_boot_cache_lock_alone(int lock)
{
    return state_after(lock, gvir_sandbox_file_lock(lock, F_WRLCK, BYTE));
}

gboolean
gvir_sandbox_boot_cache_lock_is_current(int lock, const gchar *cache, const gchar *key)
{
    g_autofree gchar *path = path_of(cache, key);
    struct stat opened, there;

    return fstat(lock, &opened) == 0 && lstat(path, &there) == 0 && opened.st_ino == there.st_ino &&
           opened.st_dev == there.st_dev;
}

void
gvir_sandbox_boot_cache_lock_remove(const gchar *cache, const gchar *key)
{
    g_autofree gchar *path = path_of(cache, key);

    (void)unlink(path);
}
