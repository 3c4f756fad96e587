/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/export/namespace.h"

#include "libvirt-sandbox/export/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
write_setting(const gchar *path, const gchar *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        export_refuse("%s: %s", path, g_strerror(errno));
    close(fd);
}

/* Everybody stays who he is; all others are nobody, but only to us. */
static void
map_caller(uid_t uid, gid_t gid)
{
    g_autofree gchar *users = g_strdup_printf("%u %u 1", (guint)uid, (guint)uid);
    g_autofree gchar *groups = g_strdup_printf("%u %u 1", (guint)gid, (guint)gid);

    write_setting("/proc/self/setgroups", "deny");
    write_setting("/proc/self/uid_map", users);
    write_setting("/proc/self/gid_map", groups);
}

/* Nothing of what is mounted here is seen by the host, and nothing that it mounts later is seen here. */
void
namespace_enter(void)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();

    /* The last of the calls that the trees are made with. */
    if (mount_setattr(-1, "", 0, NULL, 0) < 0 && errno == ENOSYS)
        export_refuse("the kernel is older than 5.12");
    if (unshare(uid == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) < 0)
        export_refuse("%s: %s", uid == 0 ? "mount namespace" : "user namespace", g_strerror(errno));
    if (uid != 0)
        map_caller(uid, gid);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        export_refuse("mount namespace: %s", g_strerror(errno));
}

void
namespace_change_root(const gchar *base)
{
    if (chdir(base) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
        export_refuse("change of the root: %s", g_strerror(errno));
}

static void
become(uid_t uid, gid_t gid)
{
    if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
        export_fail("user %u: %s", (guint)uid, g_strerror(errno));
}

/*
 * In a user namespace of its own the mounts are a copy in which each is locked: whoever still has a
 * descriptor of it when this process and its namespaces are gone sees the covers in their places. It belongs
 * to QEMU's user, who may therefore come to it over /proc, as long as this process allows to be looked at.
 */
void
namespace_lock(const ExportRequest *request)
{
    if (request->has_user)
        become(request->uid, request->gid);
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
        export_refuse("user namespace: %s", g_strerror(errno));
    if (prctl(PR_SET_DUMPABLE, 1) < 0)
        export_fail("dumpable: %s", g_strerror(errno));
}
