/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What QEMU shows a machine, seen as its kernel sees it: each 9p tag is mounted once more, bare, so that
 * nothing which init covers, mounts or leaves out is in the way.
 *
 *   see      whether it is there
 *   list     how many entries a directory has
 *   read     the beginning of a file
 *   change   what of all that changes a directory and the file "file" in it is done
 *   walk     whether QEMU itself leads there, by a message of our own; name: with the path as one name
 *   rights   makes a file of root's with capabilities, and a device
 */

#include "raw-export.h"
#include "raw-walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PLACE "/raw"
#define OPTIONS "trans=virtio,version=9p2000.L,msize=65536,cache=none"

/* Ends in zeros, whatever is written. */
static char line[PATH_MAX + 512];

static void
append(const char *text)
{
    snprintf(line + strlen(line), sizeof(line) - 1 - strlen(line), " %s", text);
}

static void
append_result(const char *what, int result)
{
    if (result >= 0) {
        append(what);
    }
}

static void
see(const char *path)
{
    struct stat status;

    append(lstat(path, &status) == 0 ? "there" : strerror(errno));
}

static void
list(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    char number[16];
    int count = 0;

    if (!directory) {
        append(strerror(errno));
        return;
    }
    while ((entry = readdir(directory))) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(directory);
    snprintf(number, sizeof(number), "%d", count);
    append(number);
}

static void
read_beginning(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[64];
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    if (length < 0) {
        append(strerror(errno));
    } else {
        text[length] = '\0';
        text[strcspn(text, "\n")] = '\0';
        append(text);
    }
    if (fd >= 0) {
        close(fd);
    }
}

static void
change(const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
    int fd;

    if (directory < 0 || fchdir(directory) < 0) {
        append(strerror(errno));
        return;
    }
    fd = open("new", O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    append_result("create", fd);
    fd = open("file", O_WRONLY | O_TRUNC | O_CLOEXEC);
    append_result("truncate", fd);
    append_result("mkdir", mkdir("directory", 0777));
    append_result("symlink", symlink("/etc/passwd", "symlink"));
    append_result("link", link("file", "link"));
    append_result("mknod", mknod("device", S_IFCHR | 0666, makedev(1, 3)));
    append_result("chmod", chmod("file", 04777));
    append_result("chown", chown("file", 12345, 12345));
    append_result("utimes", utimensat(AT_FDCWD, "file", times, 0));
    append_result("setxattr", setxattr("file", "user.intruder", "x", 1, 0));
    append_result("trusted", setxattr("file", "trusted.overlay.opaque", "y", 1, 0));
    append_result("rename", rename("file", "renamed"));
    append_result("unlink", unlink("file"));
    close(directory);
}

static void
give_rights(const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    static const char capability[20] = { 1, 0, 0, 2, -1, -1, -1, -1 };
    int fd = directory < 0 ? -1 : openat(directory, "rights", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

    if (fd < 0 || fchdir(directory) < 0) {
        append(strerror(errno));
        return;
    }
    append_result("owner", fchown(fd, 0, 0));
    append_result("capability", fsetxattr(fd, "security.capability", capability, sizeof(capability), 0));
    append_result("device", mknod("device", S_IFBLK | 0666, makedev(254, 0)));
    close(fd);
    close(directory);
}

static const struct {
    const char *verb;
    void (*probe)(const char *path);
} probes[] = {
    { "see", see }, { "list", list }, { "read", read_beginning }, { "change", change }, { "rights", give_rights },
};

static bool
mount_tag(const char *tag)
{
    char place[PATH_MAX];

    snprintf(place, sizeof(place), PLACE "/%s", tag);
    mkdir(PLACE, 0700);
    return mkdir(place, 0700) < 0 || mount(tag, place, "9p", 0, OPTIONS) == 0;
}

void
raw_export_probe(const char *const *words, void (*say)(const char *line))
{
    for (; words[0] && words[1] && words[2]; words += 3) {
        char path[PATH_MAX];

        snprintf(path, sizeof(path), PLACE "/%s/%s", words[1], words[2]);
        memset(line, 0, sizeof(line));
        snprintf(line, sizeof(line) - 1, "%s %s %s:", words[0], words[1], words[2]);
        if (strcmp(words[0], "walk") == 0 || strcmp(words[0], "name") == 0) {
            append(raw_walk(words[1], words[2], words[0][0] == 'n'));
        } else if (!mount_tag(words[1])) {
            append(strerror(errno));
        }
        for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
            if (strcmp(words[0], probes[i].verb) == 0) {
                probes[i].probe(path);
            }
        }
        line[strlen(line)] = '\n';
        say(line);
    }
}
