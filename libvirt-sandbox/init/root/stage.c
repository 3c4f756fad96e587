/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/root/stage.h"

#include "libvirt-sandbox/init/kernel/filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Prepares a mount that has other mounts in it, in a directory of the first root, to which no path of the program
 * leads. A mount that is attached nowhere cannot contain mounts, and one in the program's root could be changed,
 * or bound elsewhere, before it is ready.
 */

static void
format_place(char *path, size_t size, const char *name)
{
    snprintf(path, size, "/stage-%s", name);
}

/* @mount stays open; root_attach() moves it from the stage, with all that is in it. */
int
stage_attach(int mount, const char *name)
{
    char path[32];
    int copy, place;

    format_place(path, sizeof(path), name);
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

/* Detaches a mount that was only a source for others. */
int
stage_detach(const char *name)
{
    char path[32];

    format_place(path, sizeof(path), name);
    return umount2(path, MNT_DETACH);
}
