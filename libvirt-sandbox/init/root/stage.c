/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Where a mount is made ready that needs others in it: a directory of the first root, to which no path
 * of the program leads. What is not attached anywhere can't have mounts in it, and what is attached in
 * the program's root is within reach of whoever may change that, and of what is bound from there.
 */

static void
place_of(char *path, size_t size, const char *name)
{
    snprintf(path, size, "/stage-%s", name);
}

/* @mount stays open; root_attach() moves it from there with all that is in it. */
int
stage_attach(int mount, const char *name)
{
    char path[32];
    int copy, place;

    place_of(path, sizeof(path), name);
    if (mkdir(path, 0700) < 0 && errno != EEXIST) {
        return -1;
    }
    copy = fcntl(mount, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        return -1;
    }
    place = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (place < 0) {
        close(copy);
        return -1;
    }
    return filesystem_attach(copy, place);
}

/* What was only a source for others. */
int
stage_detach(const char *name)
{
    char path[32];

    place_of(path, sizeof(path), name);
    return umount2(path, MNT_DETACH);
}
