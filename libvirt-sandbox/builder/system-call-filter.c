/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/system-call-filter-private.h"
#include "libvirt-sandbox/builder/file-write-private.h"
#include "libvirt-sandbox/error-private.h"
#include "libvirt-sandbox/i18n-private.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * A container shares the host's kernel, so its program gets as little of that kernel as an ordinary program
 * needs. What is refused here needs a privilege that it does not have anyway, or has been the way out of a
 * container more than once: a mistake in the kernel's own check is then no way out. A privileged program
 * has all of it but what no namespace keeps inside.
 */

/* A program that asks for them is told that it may not. */
static const gchar *const denied[] = {
    "acct",           "add_key",        "bpf",           "clock_adjtime",  "clock_settime",
    "clock_settime64", "create_module", "delete_module", "finit_module",   "fsconfig",
    "fsmount",        "fsopen",         "fspick",        "init_module",    "ioperm",
    "iopl",           "kexec_file_load", "kexec_load",   "keyctl",         "lookup_dcookie",
    "mount",          "mount_setattr",  "move_mount",    "nfsservctl",     "open_by_handle_at",
    "open_tree",      "perf_event_open", "pivot_root",   "quotactl",       "quotactl_fd",
    "reboot",         "request_key",    "setdomainname", "sethostname",    "setns",
    "settimeofday",   "stime",          "swapoff",       "swapon",         "syslog",
    "umount",         "umount2",        "unshare",       "uselib",         "userfaultfd",
    "vhangup",        "vm86",           "vm86old",       "vserver",        "_sysctl",
};

/* A program that asks for them does without where the kernel has them not. clone3's flags are in memory,
 * where no filter sees them. */
static const gchar *const unknown[] = {
    "clone3", "io_uring_enter", "io_uring_register", "io_uring_setup",
};

static const unsigned int namespace_flags[] = {
    CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP,
};

/* Both put bytes into a terminal as if they were typed. */
static const unsigned long typing_requests[] = { TIOCSTI, TIOCLINUX };

static int
add_names(scmp_filter_ctx filter, const gchar *const *names, gsize count, int number)
{
    int result = 0;

    for (gsize i = 0; i < count && result == 0; i++) {
        int call = seccomp_syscall_resolve_name(names[i]);

        /* Below zero are those that this architecture hasn't; the library knows them all the same. */
        if (call != __NR_SCMP_ERROR)
            result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(number), call, 0);
        /* Not even one of the architectures has it. */
        if (result == -EDOM)
            result = 0;
    }
    return result;
}

static int
add_flagged(scmp_filter_ctx filter)
{
    int result = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(namespace_flags) && result == 0; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                  SCMP_A0(SCMP_CMP_MASKED_EQ, namespace_flags[i], namespace_flags[i]));
    /* The kernel looks at the lower half of a request only. */
    for (gsize i = 0; i < G_N_ELEMENTS(typing_requests) && result == 0; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                                  SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, typing_requests[i]));
    return result;
}

/* Programs of the other word length run on the same kernel. */
static int
add_architectures(scmp_filter_ctx filter)
{
    uint32_t other = 0;
    int result;

    switch (seccomp_arch_native()) {
    case SCMP_ARCH_X86_64:
        other = SCMP_ARCH_X86;
        break;
    case SCMP_ARCH_AARCH64:
        other = SCMP_ARCH_ARM;
        break;
    }
    result = other ? seccomp_arch_add(filter, other) : 0;
    return result == -EEXIST ? 0 : result;
}

/* These sockets lead to the host's hypervisor and machines, from every network namespace alike. Programs of
 * 32 bits have a second call for all sockets, whose arguments no filter sees and which they can't do without. */
static int
add_boundless(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                            SCMP_A0(SCMP_CMP_EQ, AF_VSOCK, 0));
}

static int
fill_filter(scmp_filter_ctx filter, gboolean privileged)
{
    int result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));

    if (result == 0)
        result = add_architectures(filter);
    if (result == 0)
        result = add_boundless(filter);
    if (result != 0 || privileged)
        return result;
    result = add_names(filter, denied, G_N_ELEMENTS(denied), EPERM);
    if (result == 0)
        result = add_names(filter, unknown, G_N_ELEMENTS(unknown), ENOSYS);
    return result == 0 ? add_flagged(filter) : result;
}

gboolean
gvir_sandbox_system_call_filter_write(const gchar *path, gboolean privileged, GError **error)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int fd = gvir_sandbox_file_create(path, 0600, error);
    int result;

    if (fd < 0) {
        seccomp_release(filter);
        return FALSE;
    }
    result = filter ? fill_filter(filter, privileged) : -ENOMEM;
    if (result == 0)
        result = seccomp_export_bpf(filter, fd);
    seccomp_release(filter);
    if (close(fd) < 0 && result == 0)
        result = -errno;
    if (result < 0)
        gvir_sandbox_error_set_errno(error, -result, _("system call filter %s"), path);
    return result == 0;
}
