/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/program/identity.h"

#include "libvirt-sandbox/init/settings.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOCKED_BITS                                                                                                    \
    (SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED |         \
     SECBIT_KEEP_CAPS_LOCKED)

/* Drops the capability bounding set: no program that is executed later can gain a capability, whatever its user. */
static bool
drop_bounding_set(void)
{
    for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++) {
        if (prctl(PR_CAPBSET_DROP, capability) < 0) {
            return false;
        }
    }
    return prctl(PR_SET_SECUREBITS, LOCKED_BITS) == 0;
}

static bool
drop_capabilities(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 && syscall(SYS_capset, &header, none) == 0;
}

const char *
identity_enter(const struct settings *settings)
{
    if (setgroups(1, &settings->gid) < 0) {
        return "groups";
    }
    if (!settings->privileged && !drop_bounding_set()) {
        return "capabilities";
    }
    if (setresgid(settings->gid, settings->gid, settings->gid) < 0) {
        return "group";
    }
    if (setresuid(settings->uid, settings->uid, settings->uid) < 0) {
        return "user";
    }
    if (!settings->privileged && (!drop_capabilities() || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)) {
        return "capabilities";
    }
    return NULL;
}
