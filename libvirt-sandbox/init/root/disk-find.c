/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/root/disk-find.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SYS_BLOCK "/sys/block"
/* The kernel cuts a serial number of a virtio disk off at this length. */
#define SERIAL_MAX 20

static bool
has_serial(const char *name, const char *serial)
{
    char path[PATH_MAX], text[SERIAL_MAX + 2];
    ssize_t length;
    int fd;

    snprintf(path, sizeof(path), SYS_BLOCK "/%s/serial", name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    length = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (length <= 0) {
        return false;
    }
    text[length] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return strcmp(text, serial) == 0;
}

bool
disk_find(const char *source, char path[PATH_MAX])
{
    struct dirent *entry;
    bool found = false;
    DIR *directory;

    if (source[0] == '/') {
        return snprintf(path, PATH_MAX, "%s", source) < PATH_MAX && access(path, F_OK) == 0;
    }
    directory = opendir(SYS_BLOCK);
    while (directory && !found && (entry = readdir(directory))) {
        found = entry->d_name[0] != '.' && has_serial(entry->d_name, source);
        if (found) {
            snprintf(path, PATH_MAX, "/dev/%s", entry->d_name);
        }
    }
    if (directory) {
        closedir(directory);
    }
    if (!found) {
        errno = ENODEV;
    }
    return found;
}
