/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/user-access-private.h"

#include <errno.h>
#include <fcntl.h>
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

typedef struct {
    guint uid;
    guint gid;
    const gchar *path;
    int mode;
} AccessQuestion;

/* The kernel keeps credentials per thread, so a thread can ask as somebody else and be gone. */
gboolean
gvir_sandbox_user_become(guint uid, guint gid)
{
    return syscall(SYS_setgroups, 0, NULL) == 0 && syscall(SYS_setresgid, gid, gid, gid) == 0 &&
           syscall(SYS_setresuid, uid, uid, uid) == 0;
}

static gpointer
ask(gpointer user_data)
{
    const AccessQuestion *question = user_data;

    if (!gvir_sandbox_user_become(question->uid, question->gid))
        return GINT_TO_POINTER(errno);
    return GINT_TO_POINTER(access(question->path, question->mode) < 0 ? errno : 0);
}

gboolean
gvir_sandbox_user_may_access(guint uid, guint gid, const gchar *path, int mode)
{
    AccessQuestion question = { uid, gid, path, mode };
    GThread *thread = g_thread_new("user-access", ask, &question);

    errno = GPOINTER_TO_INT(g_thread_join(thread));
    return errno == 0;
}
