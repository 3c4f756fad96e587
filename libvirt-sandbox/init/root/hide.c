/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/root/hide.h"

#include "libvirt-sandbox/guest/manifest.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/root/root.h"
#include "libvirt-sandbox/init/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* In the first root: an empty directory and an empty file that nobody may read. They cover what is hidden. */
#define COVERS "/hidden"
#define DIRECTORY_COVER COVERS "/directory"
#define FILE_COVER COVERS "/file"

static void
make_covers(void)
{
    static bool made;
    int mount, target, file;

    if (made) {
        return;
    }
    mount = filesystem_new("tmpfs", "hidden", "mode=0700,size=64k",
                           MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    if (mount < 0 || (mkdir(COVERS, 0700) < 0 && errno != EEXIST)) {
        fail(GUEST_STAGE_MOUNTS, errno, "hide");
    }
    target = open(COVERS, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (target < 0 || filesystem_attach(mount, target) < 0 || mkdir(DIRECTORY_COVER, 0555) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "hide");
    }
    file = open(FILE_COVER, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
    if (file < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "hide");
    }
    close(file);
    made = true;
}

static bool
is_covered(const struct stat *status)
{
    struct stat cover;

    return stat(COVERS, &cover) == 0 && status->st_dev == cover.st_dev;
}

bool
hide_descriptor(int target, const char *path)
{
    struct stat status;
    int mount;

    make_covers();
    if (fstat(target, &status) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "hide %s", path);
    }
    if (is_covered(&status)) {
        close(target);
        return false;
    }
    mount =
        filesystem_clone(AT_FDCWD, S_ISDIR(status.st_mode) ? DIRECTORY_COVER : FILE_COVER, false, MOUNT_ATTR_RDONLY);
    if (mount < 0 || filesystem_attach(mount, target) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "hide %s", path);
    }
    return true;
}

/* If the host does not let init look into a directory, the path below may become readable later. So the closed
 * directory itself is hidden. */
static int
open_nearest(const char *path)
{
    char *nearest = strdup(path);
    int target = nearest ? root_open(nearest) : -1;
    int error;

    while (target < 0 && errno == EACCES && strrchr(nearest, '/') > nearest) {
        *strrchr(nearest, '/') = '\0';
        target = root_open(nearest);
    }
    error = errno;
    free(nearest);
    errno = error;
    return target;
}

/* A path that does not exist need not be hidden. After other errors it may exist, so the sandbox fails. */
static bool
hide_if_there(const char *path)
{
    int target = open_nearest(path);

    if (target < 0 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP && errno != ENAMETOOLONG) {
        fail(GUEST_STAGE_MOUNTS, errno, "hide %s", path);
    }
    return target >= 0 && hide_descriptor(target, path);
}

/* To be called after each mount, so that a later bind mount of the place has the hidden paths covered too. */
void
hide_all(const struct settings *settings)
{
    const struct guest_directive *hidden = NULL;

    while ((hidden = guest_manifest_next(&settings->manifest, GUEST_WORD_HIDE, hidden))) {
        if (hide_if_there(hidden->fields[0])) {
            log_debug("hid %s", hidden->fields[0]);
        }
    }
}
