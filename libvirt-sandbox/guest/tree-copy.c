/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include "libvirt-sandbox/guest/tree-copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_SIZE (256 * 1024)
/* Blocks of zeros of this size, the usual one of file systems, become holes. */
#define BLOCK_SIZE 4096

/* Closes @fd if it is not -1, and keeps errno. */
static void
close_quietly(int fd)
{
    int error = errno;

    if (fd >= 0) {
        close(fd);
    }
    errno = error;
}

static bool
is_zero(const char *block, size_t length)
{
    return length == 0 || (block[0] == 0 && memcmp(block, block + 1, length - 1) == 0);
}

/* Writes the blocks that are not zero, at @offset of a file that is empty there. */
static bool
write_blocks(int fd, const char *data, size_t length, off_t offset)
{
    size_t start = 0;

    while (start < length) {
        size_t end = start;
        ssize_t count;

        while (start < length && is_zero(data + start, length - start < BLOCK_SIZE ? length - start : BLOCK_SIZE)) {
            start += BLOCK_SIZE;
        }
        for (end = start; end < length; end += BLOCK_SIZE) {
            if (is_zero(data + end, length - end < BLOCK_SIZE ? length - end : BLOCK_SIZE)) {
                break;
            }
        }
        if (end > length) {
            end = length;
        }
        while (start < end) {
            count = pwrite(fd, data + start, end - start, offset + (off_t)start);
            if (count < 0) {
                return false;
            }
            start += (size_t)count;
        }
    }
    return true;
}

static bool
copy_range(int from, int to, off_t offset, off_t end, char *buffer)
{
    while (offset < end) {
        size_t wanted = end - offset < CHUNK_SIZE ? (size_t)(end - offset) : CHUNK_SIZE;
        ssize_t count = pread(from, buffer, wanted, offset);

        if (count < 0) {
            return false;
        }
        /* The file became shorter meanwhile. */
        if (count == 0) {
            return true;
        }
        if (!write_blocks(to, buffer, (size_t)count, offset)) {
            return false;
        }
        offset += count;
    }
    return true;
}

/* If the file system does not report holes, the whole file is read. */
static bool
copy_data(int from, int to, off_t size)
{
    char *buffer = malloc(CHUNK_SIZE);
    off_t offset = 0;
    bool done = buffer != NULL;

    while (done && offset < size) {
        off_t data = lseek(from, offset, SEEK_DATA);
        off_t hole = size;

        if (data < 0 && errno == ENXIO) {
            break;
        }
        if (data >= 0) {
            offset = data;
            hole = lseek(from, data, SEEK_HOLE);
            hole = hole < 0 || hole > size ? size : hole;
        }
        done = copy_range(from, to, offset, hole, buffer);
        offset = hole;
    }
    free(buffer);
    return done && ftruncate(to, size) == 0;
}

static bool
set_owner(const struct tree_copy *copy, int directory, const char *name, int flags)
{
    return !copy->set_owner || fchownat(directory, name, copy->uid, copy->gid, flags) == 0 ||
           (copy->owner_may_fail && (errno == EPERM || errno == EOPNOTSUPP));
}

/* The owner is set first, because the kernel clears bits of the mode with it. */
static bool
set_attributes(const struct tree_copy *copy, int fd, const struct stat *status)
{
    const struct timespec times[2] = { status->st_atim, status->st_mtim };

    return set_owner(copy, fd, "", AT_EMPTY_PATH) && fchmod(fd, status->st_mode & 07777) == 0 &&
           futimens(fd, times) == 0;
}

static bool
copy_file(const struct tree_copy *copy, int from, const struct stat *status, int directory, const char *name)
{
    int to = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool done = to >= 0 && copy_data(from, to, status->st_size) && set_attributes(copy, to, status);

    close_quietly(to);
    return done;
}

static bool
copy_link(const struct tree_copy *copy, int from, const char *name, int to, const char *new_name)
{
    char target[PATH_MAX + 1];
    ssize_t length = readlinkat(from, name, target, sizeof(target) - 1);

    if (length < 0) {
        return false;
    }
    target[length] = '\0';
    return symlinkat(target, to, new_name) == 0 && set_owner(copy, to, new_name, AT_SYMLINK_NOFOLLOW);
}

static bool
make_pipe(const struct tree_copy *copy, const struct stat *status, int to, const char *name)
{
    return mkfifoat(to, name, 0600) == 0 && set_owner(copy, to, name, AT_SYMLINK_NOFOLLOW) &&
           fchmodat(to, name, status->st_mode & 07777, 0) == 0;
}

static bool
copy_directory(struct tree_copy *copy, int from, const struct stat *status, int to, const char *name)
{
    int directory;
    bool done;

    if (mkdirat(to, name, 0700) < 0 && errno != EEXIST) {
        return false;
    }
    directory = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    done = directory >= 0 && tree_copy_entries(copy, from, directory) && set_attributes(copy, directory, status);
    close_quietly(directory);
    return done;
}

static bool
make_place(int to, const char *name)
{
    struct stat status;

    if (fstatat(to, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
        return errno == ENOENT;
    }
    return S_ISDIR(status.st_mode) || unlinkat(to, name, 0) == 0;
}

static bool
copy_opened(struct tree_copy *copy, int fd, int to, const char *new_name)
{
    struct stat status;

    if (fstat(fd, &status) < 0) {
        return false;
    }
    if (S_ISDIR(status.st_mode)) {
        return copy_directory(copy, fd, &status, to, new_name);
    }
    if (S_ISREG(status.st_mode)) {
        return copy_file(copy, fd, &status, to, new_name);
    }
    errno = EOPNOTSUPP;
    return false;
}

bool
tree_copy(struct tree_copy *copy, int from, const char *name, bool follow, int to, const char *new_name)
{
    struct stat status;
    bool done;
    int fd;

    if (!make_place(to, new_name) || fstatat(from, name, &status, follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0) {
        return false;
    }
    if (S_ISLNK(status.st_mode)) {
        return copy_link(copy, from, name, to, new_name);
    }
    if (S_ISFIFO(status.st_mode)) {
        return make_pipe(copy, &status, to, new_name);
    }
    /* Opens without blocking, in case somebody has put a device or a pipe there since. */
    fd = openat(from, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
    done = fd >= 0 && copy_opened(copy, fd, to, new_name);
    close_quietly(fd);
    return done;
}

/* Adds @name to the front of @failed, because the innermost name comes first. */
static void
add_failed_name(struct tree_copy *copy, const char *name)
{
    size_t length = strlen(name) + 1;
    size_t kept = strlen(copy->failed) + 1;

    if (length + kept <= sizeof(copy->failed)) {
        memmove(copy->failed + length, copy->failed, kept);
        copy->failed[0] = '/';
        memcpy(copy->failed + 1, name, length - 1);
    }
}

static bool
copy_all(struct tree_copy *copy, DIR *directory, int to)
{
    struct dirent *entry;

    while ((errno = 0, entry = readdir(directory))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        if (!tree_copy(copy, dirfd(directory), entry->d_name, false, to, entry->d_name)) {
            int error = errno;

            add_failed_name(copy, entry->d_name);
            errno = error;
            return false;
        }
    }
    return errno == 0;
}

bool
tree_copy_entries(struct tree_copy *copy, int from, int to)
{
    int fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    bool done;
    int error;

    if (!directory) {
        close_quietly(fd);
        return false;
    }
    done = copy_all(copy, directory, to);
    error = errno;
    closedir(directory);
    errno = error;
    return done;
}
