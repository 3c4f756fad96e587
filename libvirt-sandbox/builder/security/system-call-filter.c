/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/security/system-call-filter-private.h"
#include "libvirt-sandbox/util/file-write-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A container shares the host's kernel, so its program gets as little of that kernel as an ordinary program
 * needs. What is refused here needs a privilege that it does not have anyway, or has been the way out of a
 * container more than once: a mistake in the kernel's own check is then no way out. A privileged program
 * has all of it but what no namespace keeps inside.
 */

/* A program that asks for them is told that it may not. */
static const gchar *const denied[] = {
    "acct",
    "add_key",
    "bpf",
    "clock_adjtime",
    "clock_settime",
    "clock_settime64",
    "create_module",
    "delete_module",
    "finit_module",
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "init_module",
    "ioperm",
    "iopl",
    "kexec_file_load",
    "kexec_load",
    "keyctl",
    "lookup_dcookie",
    "mount",
    "mount_setattr",
    "move_mount",
    "nfsservctl",
    "open_by_handle_at",
    "open_tree",
    "perf_event_open",
    "pivot_root",
    "quotactl",
    "quotactl_fd",
    "reboot",
    "request_key",
    "setdomainname",
    "sethostname",
    "setns",
    "settimeofday",
    "stime",
    "swapoff",
    "swapon",
    "syslog",
    "umount",
    "umount2",
    "unshare",
    "uselib",
    "userfaultfd",
    "vhangup",
    "vm86",
    "vm86old",
    "vserver",
    "_sysctl",
};

/* A program that asks for them does without where the kernel has them not. The flags of clone3 and the mode of
 * openat2 are in memory, where no filter sees them. */
static const gchar *const unknown[] = { "clone3", "openat2" };

/* A privileged program does without them, too. The kernel has one number of asynchronous requests for the whole host,
 * all of which a program could take; and by a ring it makes sockets that no filter sees. */
static const gchar *const host_wide[] = { "io_setup", "io_uring_enter", "io_uring_register", "io_uring_setup" };

static const unsigned int namespace_flags[] = {
    CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP,
};

/* Of arguments that the kernel takes as 32 bits all others are left out of account, or they would hide them. */
#define ALL_BITS 0xffffffffu

/* Both put bytes into a terminal as if they were typed. */
static const unsigned int typing_requests[] = { TIOCSTI, TIOCLINUX };

/* A program owns the block devices that it was given, but not what makes them: with these it would keep a loop
 * device beyond its end, give it another file, or have the host scan it for partitions. */
static const unsigned int device_requests[] = { BLKPG, BLKRRPART, BLKROSET };
#define LOOP_BITS 0xffffff00u
#define LOOP_REQUESTS LOOP_SET_FD

/* A file with one of these bits gives its owner's power to who executes it, on the host, too. */
static const unsigned int mode_bits[] = { S_ISUID, S_ISGID };

/* Those that take a mode, the number of that argument, and of the one whose flags say whether it counts. */
static const struct {
    const gchar *name;
    unsigned int mode;
    int flags;
} mode_calls[] = {
    { "chmod", 1, -1 }, { "fchmod", 1, -1 },  { "fchmodat", 2, -1 }, { "creat", 1, -1 },
    { "mknod", 1, -1 }, { "mknodat", 2, -1 }, { "open", 2, 1 },      { "openat", 3, 2 },
};

static const unsigned int creation_flags[] = { O_CREAT, O_TMPFILE & ~O_DIRECTORY };

/*
 * The library knows no rule that lets only the second way to a call through, and of new calls not all. These come
 * before its own.
 */

#define ARGUMENT_MODE_OF_FCHMODAT2 2
/* The same on all architectures that have it. */
#define CALL_FCHMODAT2 452

/* Where all socket calls can be made by one, too, whose arguments are in memory. */
#ifdef __NR_socketcall
#define NATIVE_MULTIPLEXER __NR_socketcall
#else
#define NATIVE_MULTIPLEXER -1
#endif

typedef struct {
    uint32_t token;
    int socket;
    int multiplexer;
} Architecture;

static const Architecture x86 = { SCMP_ARCH_X86, 359, 102 };
static const Architecture arm = { SCMP_ARCH_ARM, 281, -1 };

#if defined(__s390__)
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

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
refuse_with(scmp_filter_ctx filter, const gchar *name, guint count, const struct scmp_arg_cmp *arguments)
{
    int call = seccomp_syscall_resolve_name(name);
    int result = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), call, count, arguments);

    /* Not even one of the architectures has it. */
    return result == -EDOM ? 0 : result;
}

static int
refuse_argument(scmp_filter_ctx filter, const gchar *name, unsigned int number, unsigned int mask, unsigned int value)
{
    const struct scmp_arg_cmp argument = SCMP_CMP64(number, SCMP_CMP_MASKED_EQ, mask, value);

    return refuse_with(filter, name, 1, &argument);
}

static int
add_flagged(scmp_filter_ctx filter)
{
    int result = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(namespace_flags) && result == 0; i++)
        result = refuse_argument(filter, "clone", CLONE_FLAGS, namespace_flags[i], namespace_flags[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(typing_requests) && result == 0; i++)
        result = refuse_argument(filter, "ioctl", 1, ALL_BITS, typing_requests[i]);
    return result;
}

static int
add_creating(scmp_filter_ctx filter, const gchar *name, unsigned int flags, unsigned int mode, unsigned int bit)
{
    int result = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(creation_flags) && result == 0; i++) {
        const struct scmp_arg_cmp arguments[] = {
            SCMP_CMP64(flags, SCMP_CMP_MASKED_EQ, creation_flags[i], creation_flags[i]),
            SCMP_CMP64(mode, SCMP_CMP_MASKED_EQ, bit, bit),
        };

        result = refuse_with(filter, name, G_N_ELEMENTS(arguments), arguments);
    }
    return result;
}

static int
add_modes(scmp_filter_ctx filter)
{
    int result = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(mode_calls) * G_N_ELEMENTS(mode_bits) && result == 0; i++) {
        gsize call = i / G_N_ELEMENTS(mode_bits);
        unsigned int bit = mode_bits[i % G_N_ELEMENTS(mode_bits)];

        if (mode_calls[call].flags < 0)
            result = refuse_argument(filter, mode_calls[call].name, mode_calls[call].mode, bit, bit);
        else
            result = add_creating(filter, mode_calls[call].name, (unsigned int)mode_calls[call].flags,
                                  mode_calls[call].mode, bit);
    }
    return result;
}

static int
add_devices(scmp_filter_ctx filter)
{
    int result = refuse_argument(filter, "ioctl", 1, LOOP_BITS, LOOP_REQUESTS);

    for (gsize i = 0; i < G_N_ELEMENTS(device_requests) && result == 0; i++)
        result = refuse_argument(filter, "ioctl", 1, ALL_BITS, device_requests[i]);
    return result;
}

/* Programs of the other word length run on the same kernel. */
static const Architecture *
find_other_architecture(void)
{
    switch (seccomp_arch_native()) {
    case SCMP_ARCH_X86_64:
        return &x86;
    case SCMP_ARCH_AARCH64:
        return &arm;
    default:
        return NULL;
    }
}

static int
add_architectures(scmp_filter_ctx filter)
{
    const Architecture *other = find_other_architecture();
    int result = other ? seccomp_arch_add(filter, other->token) : 0;

    return result == -EEXIST ? 0 : result;
}

/* Where the lower half of an argument is, in which the kernel looks for what it takes as 32 bits. */
static uint32_t
offset_of_argument(unsigned int number)
{
    return (uint32_t)(offsetof(struct seccomp_data, args) + number * sizeof(__u64)) +
           (G_BYTE_ORDER == G_BIG_ENDIAN ? 4 : 0);
}

/* Appends to @rules what is done where @call has such an argument. */
static void
append_rule(GArray *rules, uint32_t token, int call, unsigned int number, uint32_t bits, uint32_t value,
            uint32_t action)
{
    const struct sock_filter rule[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, token, 0, 6),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset_of_argument(number)),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
    };

    g_array_append_vals(rules, rule, G_N_ELEMENTS(rule));
}

/*
 * Sockets of AF_VSOCK lead to the host's hypervisor and machines, from every network namespace alike. Programs of 32
 * bits have a second call that makes sockets, whose family is in memory, where no filter sees it: init makes them.
 * Where programs of 64 bits have it, their libraries do without.
 */
static void
append_architecture(GArray *rules, const Architecture *architecture, gboolean privileged)
{
    append_rule(rules, architecture->token, architecture->socket, 0, ALL_BITS, AF_VSOCK,
                SECCOMP_RET_ERRNO | EAFNOSUPPORT);
    if (architecture->multiplexer >= 0)
        append_rule(rules, architecture->token, architecture->multiplexer, 0, ALL_BITS, SYS_SOCKET,
                    architecture->token == SCMP_ARCH_X86 ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ERRNO | ENOSYS);
    for (gsize i = 0; i < G_N_ELEMENTS(mode_bits) && !privileged; i++)
        append_rule(rules, architecture->token, CALL_FCHMODAT2, ARGUMENT_MODE_OF_FCHMODAT2, mode_bits[i], mode_bits[i],
                    SECCOMP_RET_ERRNO | EPERM);
}

static gboolean
write_rules(int fd, gboolean privileged)
{
    const Architecture native = { seccomp_arch_native(), __NR_socket, NATIVE_MULTIPLEXER };
    const Architecture *other = find_other_architecture();
    g_autoptr(GArray) rules = g_array_new(FALSE, FALSE, sizeof(struct sock_filter));
    gsize size;

    append_architecture(rules, &native, privileged);
    if (other)
        append_architecture(rules, other, privileged);
    size = rules->len * sizeof(struct sock_filter);
    return write(fd, rules->data, size) == (gssize)size;
}

static int
fill_filter(scmp_filter_ctx filter, gboolean privileged)
{
    int result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));

    if (result == 0)
        result = add_architectures(filter);
    if (result == 0)
        result = add_devices(filter);
    if (result == 0)
        result = add_names(filter, host_wide, G_N_ELEMENTS(host_wide), ENOSYS);
    if (result != 0 || privileged)
        return result;
    result = add_names(filter, denied, G_N_ELEMENTS(denied), EPERM);
    if (result == 0)
        result = add_names(filter, unknown, G_N_ELEMENTS(unknown), ENOSYS);
    if (result == 0)
        result = add_modes(filter);
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
    if (result == 0 && !write_rules(fd, privileged))
        result = -errno;
    if (result == 0)
        result = seccomp_export_bpf(filter, fd);
    seccomp_release(filter);
    if (close(fd) < 0 && result == 0)
        result = -errno;
    if (result < 0)
        gvir_sandbox_error_set_errno(error, -result, _("system call filter %s"), path);
    return result == 0;
}
