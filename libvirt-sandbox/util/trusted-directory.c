/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/host-user-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"
#include "libvirt-sandbox/util/trusted-directory-private.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* As many as the kernel follows. */
#define LINKS_MAX 40
#define ENTRY_SIZE_MAX 65536
#define OTHERS_WRITE (S_IWGRP | S_IWOTH)

/* A walk down a path. */
typedef struct {
    GVirSandboxTrustedFlags flags;
    mode_t mode;
    int fd;             /* of where it is */
    GString *resolved;  /* its path; empty for / */
    GString *rest;      /* what is still to be walked */
    gboolean in_sticky; /* everybody can write to it, but not exchange what is another's */
    guint links;
} Walk;

static gchar *
describe_user(uid_t uid)
{
    g_autofree gchar *name = gvir_sandbox_host_user_find_name(uid);
    g_autofree gchar *shown = name ? gvir_sandbox_text_show(name) : NULL;

    return shown ? g_strdup_printf(_("user %s (uid %u)"), shown, (guint)uid) : g_strdup_printf(_("uid %u"), (guint)uid);
}

/* Some distributions give every user a group of his own, and let it write what he makes. */
static gboolean
is_own_group(gid_t gid)
{
    g_autofree gchar *buffer = g_malloc(ENTRY_SIZE_MAX);
    g_autofree gchar *user = gvir_sandbox_host_user_find_name(geteuid());
    struct group entry, *found = NULL;

    return user && getgrgid_r(gid, &entry, buffer, ENTRY_SIZE_MAX, &found) == 0 && found &&
           g_str_equal(found->gr_name, user) &&
           (!found->gr_mem[0] || (g_str_equal(found->gr_mem[0], user) && !found->gr_mem[1]));
}

static gboolean
others_can_write(const struct stat *status)
{
    return (status->st_mode & S_IWOTH) || ((status->st_mode & S_IWGRP) && !is_own_group(status->st_gid));
}

static gboolean
is_owner_trusted(const struct stat *status)
{
    return status->st_uid == 0 || status->st_uid == geteuid();
}

static gboolean
refuse_owner(const struct stat *status, const gchar *path, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(path);
    g_autofree gchar *owner = describe_user(status->st_uid);

    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_DENIED,
                geteuid() == 0 ? _("%s belongs to %s, whom root does not trust; use a place that only root can change")
                               : _("%s belongs to %s; use a place that only you can change"),
                shown, owner);
    return FALSE;
}

static gboolean
refuse_mode(const struct stat *status, const gchar *path, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(path);

    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_DENIED,
                _("others can change %s (mode %04o); use another place, or chmod go-w"), shown,
                status->st_mode & 07777);
    return FALSE;
}

gboolean
gvir_sandbox_trusted_file_check(const struct stat *status, const gchar *path, GError **error)
{
    if (!is_owner_trusted(status))
        return refuse_owner(status, path, error);
    return !others_can_write(status) || refuse_mode(status, path, error);
}

/* Whether what a directory above the last holds can be taken for what it was a moment ago. */
static gboolean
check_passage(Walk *walk, const struct stat *status, GError **error)
{
    const gchar *path = walk->resolved->len > 0 ? walk->resolved->str : "/";
    gboolean needs_owner = geteuid() == 0 || walk->in_sticky || (walk->flags & GVIR_SANDBOX_TRUSTED_OWNER);

    if (needs_owner && !is_owner_trusted(status))
        return refuse_owner(status, path, error);
    walk->in_sticky = (status->st_mode & S_ISVTX) && (status->st_mode & OTHERS_WRITE);
    if (walk->in_sticky || !(geteuid() == 0 ? others_can_write(status) : (status->st_mode & S_IWOTH) != 0))
        return TRUE;
    return refuse_mode(status, path, error);
}

static gboolean
check_last(const Walk *walk, const struct stat *status, GError **error)
{
    const gchar *path = walk->resolved->len > 0 ? walk->resolved->str : "/";

    if ((walk->flags & GVIR_SANDBOX_TRUSTED_OWNER) ||
        ((walk->flags & GVIR_SANDBOX_TRUSTED_SHARED) && (status->st_mode & S_ISVTX)))
        return is_owner_trusted(status) || refuse_owner(status, path, error);
    return gvir_sandbox_trusted_file_check(status, path, error);
}

static gboolean
set_walk_error(const Walk *walk, const gchar *name, GError **error)
{
    int saved_errno = errno;
    g_autofree gchar *path = g_strdup_printf("%s/%s", walk->resolved->str, name);
    g_autofree gchar *shown = gvir_sandbox_text_show(path);

    gvir_sandbox_error_set_errno(error, saved_errno, "%s", shown);
    return FALSE;
}

/* Takes the next component off the rest; NULL at the end. */
static gchar *
take_name(Walk *walk)
{
    gsize start = strspn(walk->rest->str, "/");
    gsize length = strcspn(walk->rest->str + start, "/");
    gchar *name = length > 0 ? g_strndup(walk->rest->str + start, length) : NULL;

    g_string_erase(walk->rest, 0, start + length);
    return name;
}

/* Whether nothing is left but what leads nowhere. */
static gboolean
is_at_end(const Walk *walk)
{
    const gchar *rest = walk->rest->str;

    while (*rest == '/' || (rest[0] == '.' && (rest[1] == '/' || rest[1] == '\0')))
        rest++;
    return *rest == '\0';
}

static void
move_to(Walk *walk, int fd, const gchar *name)
{
    const gchar *last = strrchr(walk->resolved->str, '/');

    close(walk->fd);
    walk->fd = fd;
    if (!g_str_equal(name, ".."))
        g_string_append_printf(walk->resolved, "/%s", name);
    else if (last)
        g_string_truncate(walk->resolved, last - walk->resolved->str);
}

static gboolean
return_to_top(Walk *walk, GError **error)
{
    if (walk->fd >= 0)
        close(walk->fd);
    g_string_truncate(walk->resolved, 0);
    walk->in_sticky = FALSE;
    walk->fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return walk->fd >= 0 || set_walk_error(walk, "", error);
}

/* In a directory where everybody may make links, only those of whom we trust are followed. */
static gboolean
follow(Walk *walk, int link, const struct stat *status, const gchar *name, GError **error)
{
    gchar target[PATH_MAX];
    gssize length = readlinkat(link, "", target, sizeof(target));
    g_autofree gchar *path = g_strdup_printf("%s/%s", walk->resolved->str, name);

    if (walk->in_sticky && !is_owner_trusted(status))
        return refuse_owner(status, path, error);
    if (length >= (gssize)sizeof(target))
        errno = ENAMETOOLONG;
    else if (length >= 0 && ++walk->links > LINKS_MAX)
        errno = ELOOP;
    else if (length >= 0) {
        g_string_prepend_c(walk->rest, '/');
        g_string_prepend_len(walk->rest, target, length);
        return target[0] != '/' || return_to_top(walk, error);
    }
    return set_walk_error(walk, name, error);
}

/* Not narrowed for root, whose machines run as somebody else. */
static gboolean
make(const Walk *walk, const gchar *name)
{
    if (mkdirat(walk->fd, name, walk->mode) < 0)
        return errno == EEXIST;
    return geteuid() != 0 || fchmodat(walk->fd, name, walk->mode, 0) == 0;
}

/* As a directory first, which has what is mounted only when it is asked for mounted there. */
static int
open_entry(const Walk *walk, const gchar *name)
{
    int fd = openat(walk->fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd < 0 && errno == ENOTDIR ? openat(walk->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC) : fd;
}

static int
open_next(const Walk *walk, const gchar *name)
{
    int fd = open_entry(walk, name);

    if (fd < 0 && errno == ENOENT && (walk->flags & GVIR_SANDBOX_TRUSTED_MAKE) && make(walk, name))
        fd = open_entry(walk, name);
    return fd;
}

/* Down into what @fd is; takes it over. */
static gboolean
enter(Walk *walk, int fd, const gchar *name, GError **error)
{
    struct stat status = { 0 };
    gboolean entered;

    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        move_to(walk, fd, name);
        return is_at_end(walk) || check_passage(walk, &status, error);
    }
    errno = ENOTDIR;
    entered = S_ISLNK(status.st_mode) ? follow(walk, fd, &status, name, error) : set_walk_error(walk, name, error);
    close(fd);
    return entered;
}

static gboolean
step(Walk *walk, const gchar *name, GError **error)
{
    int fd;

    if (g_str_equal(name, "."))
        return TRUE;
    fd = open_next(walk, name);
    return fd >= 0 ? enter(walk, fd, name, error) : set_walk_error(walk, name, error);
}

static gboolean
walk_down(Walk *walk, GError **error)
{
    struct stat status;
    gchar *name;
    gboolean good = return_to_top(walk, error);

    if (good && !is_at_end(walk) && fstat(walk->fd, &status) == 0)
        good = check_passage(walk, &status, error);
    while (good && (name = take_name(walk))) {
        good = step(walk, name, error);
        g_free(name);
    }
    if (good && fstat(walk->fd, &status) < 0)
        good = set_walk_error(walk, "", error);
    return good && check_last(walk, &status, error);
}

static GString *
make_absolute(const gchar *path)
{
    g_autofree gchar *here = path[0] == '/' ? NULL : g_get_current_dir();
    GString *absolute = g_string_new(here);

    if (here)
        g_string_append_c(absolute, '/');
    return g_string_append(absolute, path);
}

int
gvir_sandbox_trusted_directory_open(const gchar *path, GVirSandboxTrustedFlags flags, mode_t mode, gchar **resolved,
                                    GError **error)
{
    Walk walk = { .flags = flags, .mode = mode, .fd = -1 };
    gboolean good;

    walk.resolved = g_string_new(NULL);
    walk.rest = make_absolute(path);
    good = walk_down(&walk, error);
    if (good && resolved)
        *resolved = g_strdup(walk.resolved->len > 0 ? walk.resolved->str : "/");
    if (!good && walk.fd >= 0)
        close(walk.fd);
    g_string_free(walk.resolved, TRUE);
    g_string_free(walk.rest, TRUE);
    return good ? walk.fd : -1;
}

gboolean
gvir_sandbox_trusted_directory_check(const gchar *path, gboolean missing_is_good, GError **error)
{
    g_autoptr(GError) failure = NULL;
    int fd = gvir_sandbox_trusted_directory_open(path, 0, 0, NULL, &failure);

    if (fd >= 0) {
        close(fd);
        return TRUE;
    }
    if (missing_is_good && g_error_matches(failure, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}
