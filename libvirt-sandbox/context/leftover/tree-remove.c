/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/leftover/tree-remove-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A guest may have made the tree: of any depth, of closed directories, and with links put where a directory
 * was a moment ago. So everything is named by the descriptor of its directory, and a directory is emptied
 * by moving its own directories up to the top, which needs no more descriptors the deeper the tree is.
 */
typedef struct {
    int fd;
    dev_t device;
    guint next_name;
    guint done; /* how often something was removed or moved */
} Top;

/* Its owner could have closed it to himself. */
static void
make_passable(int directory, const gchar *name)
{
    g_autofree gchar *path = NULL;
    struct stat status;
    int fd = openat(directory, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return;
    path = g_strdup_printf("/proc/self/fd/%d", fd);
    if (fstat(fd, &status) == 0 && (status.st_mode & 0700) != 0700)
        (void)!chmod(path, 0700);
    close(fd);
}

static DIR *
open_directory(int parent, const gchar *name)
{
    DIR *directory;
    int fd;

    make_passable(parent, name);
    fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    directory = fd >= 0 ? fdopendir(fd) : NULL;
    if (!directory && fd >= 0)
        close(fd);
    return directory;
}

static struct dirent *
next_entry(DIR *directory)
{
    struct dirent *entry;

    do
        entry = readdir(directory);
    while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    return entry;
}

static void
move_up(Top *top, int directory, const gchar *name)
{
    gchar new_name[32];
    int result;

    make_passable(directory, name);
    do {
        g_snprintf(new_name, sizeof new_name, ".%u", top->next_name++);
        result = renameat2(directory, name, top->fd, new_name, RENAME_NOREPLACE);
    } while (result < 0 && errno == EEXIST);
    if (result == 0)
        top->done++;
}

static void
remove_directory(Top *top, const gchar *name)
{
    DIR *directory = open_directory(top->fd, name);
    struct dirent *entry;
    struct stat status;

    if (directory && fstat(dirfd(directory), &status) == 0 && status.st_dev == top->device) {
        while ((entry = next_entry(directory))) {
            if (unlinkat(dirfd(directory), entry->d_name, 0) < 0)
                move_up(top, dirfd(directory), entry->d_name);
        }
    }
    if (directory)
        closedir(directory);
    if (unlinkat(top->fd, name, AT_REMOVEDIR) == 0)
        top->done++;
}

/* Whether it had any effect. */
static gboolean
remove_entries(Top *top, DIR *directory)
{
    guint before = top->done;
    struct dirent *entry;

    rewinddir(directory);
    while ((entry = next_entry(directory))) {
        if (unlinkat(top->fd, entry->d_name, 0) == 0)
            top->done++;
        else
            remove_directory(top, entry->d_name);
    }
    return top->done != before;
}

void
gvir_sandbox_tree_remove(const gchar *path)
{
    DIR *directory = open_directory(AT_FDCWD, path);
    struct stat status;
    Top top = { 0 };

    if (directory && fstat(dirfd(directory), &status) == 0) {
        top.fd = dirfd(directory);
        top.device = status.st_dev;
        while (remove_entries(&top, directory))
            ;
    }
    if (directory)
        closedir(directory);
    rmdir(path);
}
