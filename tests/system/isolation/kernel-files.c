/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * kernel-files MOUNTS DIRECTORY…
 *
 * Walks the kernel's files below each DIRECTORY, as a program in a sandbox, and prints
 *
 *   shows NAME   what is right in a DIRECTORY and not empty or closed, but for processes and links
 *   write PATH   a file that can be opened for writing
 *   mode PATH    a file or directory whose mode can be set
 *   tells PATH   a file that can be read here, and by its mode by no ordinary user
 *
 * and "done" at the end. No file is written or read, for both can do something; a mode is set to what
 * it is. Where MOUNTS is the mount namespace that it runs in, it is on the host and tries nothing.
 * Linked statically, so that it runs in any root.
 */

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PATH_SIZE 4096

/* What hides such a file is one in memory, which some may open. */
static bool
opens(int directory, const char *name, int flags)
{
    int fd = openat(directory, name, flags | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
    struct statfs filesystem;
    bool is_kernel_file = fd >= 0 && fstatfs(fd, &filesystem) == 0 && filesystem.f_type != TMPFS_MAGIC;

    if (fd >= 0) {
        close(fd);
    }
    return is_kernel_file;
}

static void
try_file(int directory, const char *name, const char *path, const struct stat *status)
{
    if (opens(directory, name, O_WRONLY)) {
        printf("write %s\n", path);
    }
    if (!(status->st_mode & S_IROTH) && opens(directory, name, O_RDONLY)) {
        printf("tells %s\n", path);
    }
}

static bool walk(int parent, const char *name, const char *path, bool first);

static bool
try_entry(int directory, const char *name, const char *parent_path)
{
    char path[PATH_SIZE];
    struct stat status;

    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0 || S_ISLNK(status.st_mode)) {
        return false;
    }
    snprintf(path, sizeof(path), "%s/%s", parent_path, name);
    if (fchmodat(directory, name, status.st_mode & 07777, 0) == 0) {
        printf("mode %s\n", path);
    }
    if (S_ISDIR(status.st_mode)) {
        return walk(directory, name, path, false);
    }
    try_file(directory, name, path, &status);
    return opens(directory, name, O_RDONLY);
}

static bool
is_process(const char *name)
{
    return isdigit((unsigned char)name[0]);
}

/* False if nothing is there. */
static bool
walk(int parent, const char *name, const char *path, bool first)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    bool any = false;

    while (directory && (entry = readdir(directory))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            (first && is_process(entry->d_name))) {
            continue;
        }
        if (try_entry(fd, entry->d_name, path)) {
            any = true;
            if (first) {
                printf("shows %s\n", entry->d_name);
            }
        }
    }
    if (directory) {
        closedir(directory);
    }
    return any;
}

int
main(int count, char **arguments)
{
    char mounts[64] = { 0 };

    if (count < 3) {
        return 98;
    }
    /* Where /proc is not what it should be, nobody can say; and the host's always is. */
    if (readlink("/proc/self/ns/mnt", mounts, sizeof(mounts) - 1) > 0 && strcmp(mounts, arguments[1]) == 0) {
        fprintf(stderr, "kernel-files: not in a sandbox: nothing is tried\n");
        return 99;
    }
    for (int i = 2; i < count; i++) {
        walk(AT_FDCWD, arguments[i], arguments[i], true);
    }
    puts("done");
    return 0;
}
