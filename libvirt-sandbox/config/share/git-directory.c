/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/share/git-directory-private.h"

#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/share/git-config-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"
#include "libvirt-sandbox/util/trusted-directory-private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As much of a file of git's as is read. */
#define FILE_SIZE_MAX 65536

/* A directory that is open, for looking up what is below. */
typedef struct {
    int fd;
    gchar *path; /* without symbolic links */
} Directory;

static void
directory_close(Directory *directory)
{
    if (directory->fd >= 0)
        close(directory->fd);
    directory->fd = -1;
    g_clear_pointer(&directory->path, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Directory, directory_close)

static gboolean
is_same(int a, int b)
{
    struct stat first, second;

    return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

static gboolean
is_ours(const struct stat *status)
{
    return status->st_uid == geteuid() || status->st_uid == 0;
}

/* All that is in @fd, which somebody may make longer meanwhile; NULL if that is too much. */
static gchar *
read_all(int fd, gsize *length)
{
    g_autofree gchar *data = g_malloc(FILE_SIZE_MAX + 1);
    gssize count = 1;

    *length = 0;
    while (count > 0 && *length <= FILE_SIZE_MAX) {
        count = TEMP_FAILURE_RETRY(read(fd, data + *length, FILE_SIZE_MAX + 1 - *length));
        *length += (gsize)MAX(count, 0);
    }
    return count == 0 ? g_steal_pointer(&data) : NULL;
}

/* Only what is a file of ours is opened: opening something else might do something to it. */
static gchar *
read_file(int directory, const gchar *name, gsize *length)
{
    g_autofree gchar *reopened = NULL;
    gchar *data = NULL;
    struct stat status;
    int path_fd = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    int fd = -1;

    if (path_fd < 0)
        return NULL;
    reopened = g_strdup_printf("/proc/self/fd/%d", path_fd);
    if (fstat(path_fd, &status) == 0 && S_ISREG(status.st_mode) && is_ours(&status))
        fd = open(reopened, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0) {
        data = read_all(fd, length);
        close(fd);
    }
    close(path_fd);
    return data;
}

/* The path that the file @name has behind @prefix. */
static gchar *
read_path(int directory, const gchar *name, const gchar *prefix)
{
    gsize length;
    g_autofree gchar *data = read_file(directory, name, &length);

    return data ? gvir_sandbox_git_parse_path(data, length, prefix) : NULL;
}

/* A path in a file of git's is meant from the directory of that file. */
static gchar *
path_from(const Directory *directory, const gchar *path)
{
    return *path == '/' ? g_strdup(path) : g_strdup_printf("%s/%s", directory->path, path);
}

static gboolean
open_from(const Directory *start, const gchar *path, Directory *directory, GError **error)
{
    g_autofree gchar *whole = path_from(start, path);

    directory->fd = gvir_sandbox_trusted_directory_open(whole, 0, 0, &directory->path, error);
    return directory->fd >= 0;
}

/* Whether @path, as @start has it, is the directory @tree. */
static gboolean
leads_to(const Directory *start, const gchar *path, int tree)
{
    g_autofree gchar *whole = path_from(start, path);
    int fd = open(whole, O_PATH | O_DIRECTORY | O_CLOEXEC);
    gboolean same = fd >= 0 && is_same(fd, tree);

    if (fd >= 0)
        close(fd);
    return same;
}

/* "worktrees/NAME" of the directory that @own claims to be in is @own itself. */
static gboolean
is_worktree_of(const Directory *own, const Directory *common)
{
    struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                            .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
    g_autofree gchar *name = g_path_get_basename(own->path);
    g_autofree gchar *path = g_build_filename("worktrees", name, NULL);
    int fd = (int)syscall(SYS_openat2, common->fd, path, &how, sizeof(how));
    gboolean same = fd >= 0 && is_same(fd, own->fd);

    if (fd >= 0)
        close(fd);
    return same;
}

/* Whether the file gitdir, which git writes beside commondir, names the file .git of @tree. */
static gboolean
names_tree(const Directory *own, int tree)
{
    g_autofree gchar *link = read_path(own->fd, "gitdir", "");
    g_autofree gchar *parent = NULL;

    if (!link || !g_str_has_suffix(link, "/.git"))
        return FALSE;
    parent = g_path_get_dirname(link);
    return leads_to(own, parent, tree);
}

/* The same of a submodule, where the configuration names the tree. */
static gboolean
configures_tree(const Directory *own, int tree)
{
    gsize length;
    g_autofree gchar *data = read_file(own->fd, "config", &length);
    g_autofree gchar *worktree = data ? gvir_sandbox_git_parse_worktree(data, length) : NULL;

    return worktree && leads_to(own, worktree, tree);
}

static gboolean
has_entry(int directory, const gchar *name, mode_t type)
{
    struct stat status;

    return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && (status.st_mode & S_IFMT) == type &&
           is_ours(&status);
}

static gboolean
is_repository(const Directory *directory)
{
    return has_entry(directory->fd, "HEAD", S_IFREG) && has_entry(directory->fd, "objects", S_IFDIR) &&
           has_entry(directory->fd, "refs", S_IFDIR);
}

/* From the directory that the tree names, @own, to that which has its objects; FALSE if it is of another
 * tree. */
static gboolean
find_repository(Directory *own, int tree, Directory *common, GError **error)
{
    g_autofree gchar *path = read_path(own->fd, "commondir", "");

    if (!path) {
        *common = *own;
        *own = (Directory){ .fd = -1 };
        return configures_tree(common, tree);
    }
    return open_from(own, path, common, error) && is_worktree_of(own, common) && names_tree(own, tree);
}

static gchar *
refuse(const gchar *path, const gchar *named, const GError *error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(path);
    g_autofree gchar *shown_named = gvir_sandbox_text_show(named);

    return g_strdup_printf(_("%s/.git names %s, which is not shared: %s"), shown, shown_named,
                           error ? error->message : _("it is not a git directory of this very tree"));
}

gchar *
gvir_sandbox_git_find_common(int directory, const gchar *path, gchar **notice)
{
    Directory tree = { .fd = directory, .path = (gchar *)path };
    g_autofree gchar *named = read_path(directory, ".git", "gitdir: ");
    g_auto(Directory) own = { .fd = -1 };
    g_auto(Directory) common = { .fd = -1 };
    g_autoptr(GError) error = NULL;

    if (!named)
        return NULL;
    if (open_from(&tree, named, &own, &error) && find_repository(&own, directory, &common, &error) &&
        is_repository(&common))
        return g_steal_pointer(&common.path);
    *notice = refuse(path, named, error);
    return NULL;
}
