/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/user-access-private.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRY_SIZE 16384
#define ENTRY_SIZE_MAX (1024 * 1024)

gboolean
gvir_sandbox_user_find(const gchar *name, guint *uid, guint *gid)
{
    struct passwd entry, *found = NULL;
    int result = ERANGE;

    for (gsize size = ENTRY_SIZE; result == ERANGE && size <= ENTRY_SIZE_MAX; size *= 4) {
        g_autofree gchar *buffer = g_malloc(size);

        result = getpwnam_r(name, &entry, buffer, size, &found);
        if (found) {
            *uid = entry.pw_uid;
            *gid = entry.pw_gid;
        }
    }
    errno = result == 0 ? ENOENT : result;
    return found != NULL;
}

/* Those that libvirt gives a QEMU of that user and group as well. */
static gid_t *
find_groups(guint uid, guint gid, int *count)
{
    g_autofree gchar *buffer = g_malloc(ENTRY_SIZE_MAX);
    g_autofree gid_t *groups = NULL;
    struct passwd entry, *found = NULL;

    *count = 0;
    if (getpwuid_r(uid, &entry, buffer, ENTRY_SIZE_MAX, &found) != 0 || !found)
        return NULL;
    getgrouplist(found->pw_name, gid, NULL, count);
    groups = g_new(gid_t, *count);
    if (getgrouplist(found->pw_name, gid, groups, count) < 0)
        *count = 0;
    return g_steal_pointer(&groups);
}

/* The kernel keeps credentials per thread, so a thread can ask as somebody else and be gone. */
gboolean
gvir_sandbox_user_become(guint uid, guint gid)
{
    g_autofree gid_t *groups = NULL;
    int count;

    groups = find_groups(uid, gid, &count);
    if (syscall(SYS_setgroups, count, groups) < 0)
        return FALSE;
    /* For files only: who has the other ids of a thread may signal it, and with that end the process. */
    syscall(SYS_setfsgid, gid);
    syscall(SYS_setfsuid, uid);
    errno = EPERM;
    return (guint)syscall(SYS_setfsgid, -1) == gid && (guint)syscall(SYS_setfsuid, -1) == uid;
}

typedef struct {
    guint uid;
    guint gid;
    const gchar *path;
    int mode;
    gboolean open;
} AccessQuestion;

static int
try_path(const AccessQuestion *question)
{
    int fd;

    if (!question->open)
        return faccessat(AT_FDCWD, question->path, question->mode, AT_EACCESS) < 0 ? errno : 0;
    fd = open(question->path, question->mode | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static gpointer
ask(gpointer user_data)
{
    const AccessQuestion *question = user_data;

    if (!gvir_sandbox_user_become(question->uid, question->gid))
        return GINT_TO_POINTER(errno);
    return GINT_TO_POINTER(try_path(question));
}

static gboolean
ask_in_thread(AccessQuestion *question)
{
    int failure = GPOINTER_TO_INT(g_thread_join(g_thread_new("user-access", ask, question)));

    errno = failure;
    return failure == 0;
}

gboolean
gvir_sandbox_user_may_access(guint uid, guint gid, const gchar *path, int mode)
{
    AccessQuestion question = { .uid = uid, .gid = gid, .path = path, .mode = mode };

    return ask_in_thread(&question);
}

gboolean
gvir_sandbox_user_may_open(guint uid, guint gid, const gchar *path, int flags)
{
    AccessQuestion question = { .uid = uid, .gid = gid, .path = path, .mode = flags, .open = TRUE };

    return ask_in_thread(&question);
}
