/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "tests/unit/test-directory.h"
#include "tests/unit/under-valgrind.h"

#include "libvirt-sandbox/builder/security/system-call-filter-private.h"
#include "libvirt-sandbox/error.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The filter, as the kernel applies it to a child of ours. */

static gchar *filter_bytes;
static gsize filter_length;

/* What a child found: 0, or the line of the first thing that was not as it should be. */
typedef int (*Probe)(void);

#define PROBE(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return __LINE__;                                                                                           \
    } while (0)
#define REFUSED(call, number) PROBE((call) == -1 && errno == (number))

/* Line numbers do not fit into an exit status. */
static int
run_filtered(Probe probe)
{
    struct sock_fprog program = { (unsigned short)(filter_length / sizeof(struct sock_filter)),
                                  (struct sock_filter *)(gpointer)filter_bytes };
    int line = -1;
    int status;
    int pipes[2];
    pid_t child;

    g_assert_cmpint(pipe2(pipes, O_CLOEXEC), ==, 0);
    child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        line = __LINE__;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
            line = probe();
        _exit(write(pipes[1], &line, sizeof line) != sizeof line);
    }
    close(pipes[1]);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    g_assert_cmpint(read(pipes[0], &line, sizeof line), ==, sizeof line);
    close(pipes[0]);
    return line;
}

static int
probe_denied(void)
{
    REFUSED(mount("none", "/", "tmpfs", 0, NULL), EPERM);
    REFUSED(umount2("/", 0), EPERM);
    REFUSED(unshare(CLONE_NEWUSER), EPERM);
    REFUSED(unshare(0), EPERM);
    REFUSED(setns(-1, 0), EPERM);
    REFUSED(syscall(SYS_pivot_root, "/", "/"), EPERM);
    REFUSED(syscall(SYS_bpf, 0, NULL, 0), EPERM);
    REFUSED(syscall(SYS_keyctl, 0, 0, 0, 0, 0), EPERM);
    REFUSED(syscall(SYS_add_key, "user", "x", "y", 1, -2), EPERM);
    REFUSED(syscall(SYS_perf_event_open, NULL, 0, 0, -1, 0), EPERM);
    REFUSED(syscall(SYS_userfaultfd, 0), EPERM);
    REFUSED(syscall(SYS_open_by_handle_at, -1, NULL, 0), EPERM);
    REFUSED(syscall(SYS_init_module, NULL, 0, ""), EPERM);
    REFUSED(syscall(SYS_finit_module, -1, "", 0), EPERM);
    REFUSED(syscall(SYS_kexec_load, 0, 0, NULL, 0), EPERM);
    REFUSED(syscall(SYS_reboot, 0, 0, 0, NULL), EPERM);
    REFUSED(syscall(SYS_syslog, 3, NULL, 0), EPERM);
    REFUSED(syscall(SYS_fsopen, "tmpfs", 0), EPERM);
    REFUSED(syscall(SYS_move_mount, -1, "", -1, "", 0), EPERM);
    REFUSED(sethostname("x", 1), EPERM);
    return 0;
}

static int
probe_unknown(void)
{
    REFUSED(syscall(SYS_clone3, NULL, 0), ENOSYS);
    return 0;
}

/* What one program takes of these no other of the host has, or it is the host's. */
static int
probe_host_wide(void)
{
    unsigned long context = 0;

    REFUSED(syscall(SYS_io_setup, 1, &context), ENOSYS);
    REFUSED(syscall(SYS_io_uring_setup, 1, NULL), ENOSYS);
    REFUSED(syscall(SYS_io_uring_enter, -1, 0, 0, 0, NULL), ENOSYS);
    REFUSED(syscall(SYS_io_uring_register, -1, 0, NULL, 0), ENOSYS);
    return 0;
}

static int
probe_flags(void)
{
    static const unsigned long flags[] = { CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,    CLONE_NEWNET,
                                           CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP, CLONE_NEWUSER | CLONE_NEWNS };

    for (unsigned i = 0; i < G_N_ELEMENTS(flags); i++)
        REFUSED(syscall(SYS_clone, flags[i] | SIGCHLD, NULL, NULL, NULL, NULL), EPERM);
    REFUSED(ioctl(-1, TIOCSTI, ""), EPERM);
    REFUSED(ioctl(-1, TIOCLINUX, ""), EPERM);
    /* The kernel would not see the upper half, so neither may it hide the request. */
    REFUSED(syscall(SYS_ioctl, -1, 0x100000000ul | TIOCSTI, ""), EPERM);
    REFUSED(ioctl(-1, TCGETS, NULL), EBADF);
    /* No other word for the same flags. */
    REFUSED(syscall(SYS_clone, 0x100000000ul | CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL), EPERM);
    return 0;
}

/* The kernel looks at the lower half of a family only. */
static int
probe_sockets(void)
{
    static const unsigned long other_halves[] = { 0, 0x100000000ul, 0xffffffff00000000ul };
    int fd;

    for (unsigned i = 0; i < G_N_ELEMENTS(other_halves); i++)
        REFUSED(syscall(SYS_socket, other_halves[i] | AF_VSOCK, SOCK_STREAM, 0), EAFNOSUPPORT);
    fd = (int)syscall(SYS_socket, 0x100000000ul | AF_UNIX, SOCK_STREAM, 0);
    PROBE(fd >= 0 && close(fd) == 0);
    fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    PROBE(fd >= 0 && close(fd) == 0);
    return 0;
}

static int
probe_devices(void)
{
    static const unsigned long requests[] = {
        LOOP_SET_FD,    LOOP_CLR_FD,        LOOP_SET_STATUS,     LOOP_SET_STATUS64, LOOP_CHANGE_FD,  LOOP_SET_CAPACITY,
        LOOP_CONFIGURE, LOOP_SET_DIRECT_IO, LOOP_SET_BLOCK_SIZE, LOOP_CTL_ADD,      LOOP_CTL_REMOVE, BLKPG,
        BLKRRPART,      BLKROSET,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(requests); i++) {
        REFUSED(syscall(SYS_ioctl, -1, requests[i], NULL), EPERM);
        REFUSED(syscall(SYS_ioctl, -1, 0x500000000ul | requests[i], NULL), EPERM);
    }
    REFUSED(ioctl(-1, BLKGETSIZE64, NULL), EBADF);
    REFUSED(ioctl(-1, BLKDISCARD, NULL), EBADF);
    return 0;
}

static int
probe_modes(void)
{
    static const mode_t modes[] = { 04755, 02755, 06711, 04000, 02000 };
    char path[] = "/tmp/test-filter-XXXXXX";
    int fd = mkstemp(path);

    PROBE(fd >= 0 && fchmod(fd, 01755) == 0 && fchmod(fd, 0600) == 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(modes); i++) {
        REFUSED(fchmod(fd, modes[i]), EPERM);
        REFUSED(chmod(path, modes[i]), EPERM);
        REFUSED(fchmodat(AT_FDCWD, path, modes[i], 0), EPERM);
        REFUSED(syscall(452 /* fchmodat2 */, AT_FDCWD, path, modes[i], 0), EPERM);
        REFUSED(open(path, O_RDWR | O_CREAT, modes[i]), EPERM);
        REFUSED(open("/tmp", O_RDWR | O_TMPFILE, modes[i]), EPERM);
        REFUSED(creat(path, modes[i]), EPERM);
        REFUSED(mknod("/tmp/test-filter-none", S_IFREG | modes[i], 0), EPERM);
        REFUSED(mknodat(AT_FDCWD, "/tmp/test-filter-none", S_IFIFO | modes[i], 0), EPERM);
        REFUSED(syscall(SYS_fchmod, fd, 0xff0000000000ul | modes[i]), EPERM);
    }
    /* Where nothing is made there is no mode, whatever there is in its place. */
    PROBE(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 04755) >= 0);
    PROBE(unlink(path) == 0 && open(path, O_RDWR | O_CREAT | O_EXCL, 0600) >= 0 && unlink(path) == 0);
    return 0;
}

/* A privileged program has what its namespaces keep inside. */
static int
probe_privileged(void)
{
    char path[] = "/tmp/test-filter-XXXXXX";
    int fd = mkstemp(path);

    PROBE(fd >= 0 && fchmod(fd, 04700) == 0 && unlink(path) == 0);
    REFUSED(syscall(SYS_openat2, -1, "x", NULL, 0), EINVAL);
    REFUSED(setns(-1, 0), EBADF);
    return 0;
}

#ifdef __x86_64__
/* The third way into the kernel, with other numbers for the same calls. */
static int
probe_x32(void)
{
    REFUSED(syscall(0x40000000 | SYS_mount, "none", "/", "tmpfs", 0, NULL), ENOSYS);
    REFUSED(syscall(0x40000000 | SYS_unshare, CLONE_NEWUSER), ENOSYS);
    return 0;
}

/* The second way, which any program can take. */
static long
call_x86(long number, long first, long second, long third)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(first), "c"(second), "d"(third)
                     : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}

#define X86_CHMOD 15
#define X86_IOCTL 54
#define X86_FCHMOD 94
#define X86_SOCKETCALL 102
#define X86_SOCKET 359
#define X86_FCHMODAT2 452
#define X86_ANSWERED(call, number) PROBE((call) == -(number))

static int
probe_x86(void)
{
    guint32 *arguments = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

    PROBE(arguments != MAP_FAILED);
    if (call_x86(20 /* getpid */, 0, 0, 0) != getpid())
        return 0;
    X86_ANSWERED(call_x86(X86_SOCKET, AF_VSOCK, SOCK_STREAM, 0), EAFNOSUPPORT);
    PROBE(call_x86(X86_SOCKET, AF_UNIX, SOCK_STREAM, 0) >= 0);
    X86_ANSWERED(call_x86(X86_IOCTL, -1, TIOCSTI, 0), EPERM);
    X86_ANSWERED(call_x86(X86_IOCTL, -1, LOOP_SET_STATUS64, 0), EPERM);
    X86_ANSWERED(call_x86(X86_IOCTL, -1, TCGETS, 0), EBADF);
    X86_ANSWERED(call_x86(X86_FCHMOD, -1, 04755, 0), EPERM);
    X86_ANSWERED(call_x86(X86_FCHMOD, -1, 0755, 0), EBADF);
    X86_ANSWERED(call_x86(X86_FCHMODAT2, -1, 0, 04755), EPERM);
    /* All but the making of sockets goes through the call for all of them. */
    arguments[0] = (guint32)-1;
    X86_ANSWERED(call_x86(X86_SOCKETCALL, SYS_LISTEN, (long)(gintptr)arguments, 0), EBADF);
    arguments[0] = AF_VSOCK;
    arguments[1] = SOCK_STREAM;
    PROBE(call_x86(X86_SOCKETCALL, SYS_SOCKET, (long)(gintptr)arguments, 0) < 0);
    return 0;
}
#endif

static int
probe_ordinary(void)
{
    char byte;
    int status;
    int pair[2];
    int fd = open("/dev/null", O_RDWR);
    struct stat info;
    pid_t child;

    PROBE(fd >= 0 && write(fd, "x", 1) == 1 && read(fd, &byte, 1) == 0 && close(fd) == 0);
    PROBE(stat("/", &info) == 0 && getpid() > 0);
    PROBE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    PROBE(write(pair[0], "y", 1) == 1 && read(pair[1], &byte, 1) == 1 && byte == 'y');
    child = fork();
    if (child == 0)
        _exit(7);
    PROBE(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    child = vfork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", "exit 9", NULL);
        _exit(1);
    }
    PROBE(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 9);
    return 0;
}

static void
run_probe(gconstpointer probe)
{
    if (runs_under_valgrind()) {
        g_test_skip("valgrind makes system calls of its own");
        return;
    }
    g_assert_cmpint(run_filtered((Probe)probe), ==, 0);
}

/* @privileged: the filter that the probes after it are run with. */
static void
test_written(gconstpointer privileged)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *path = g_build_filename(directory->path, "filter", NULL);
    GError *error = NULL;
    struct stat info;

    g_clear_pointer(&filter_bytes, g_free);
    g_assert_true(gvir_sandbox_system_call_filter_write(path, GPOINTER_TO_INT(privileged), &error));
    g_assert_no_error(error);
    g_assert_true(g_file_get_contents(path, &filter_bytes, &filter_length, NULL));
    g_assert_cmpuint(filter_length, >, 0);
    g_assert_cmpuint(filter_length % sizeof(struct sock_filter), ==, 0);
    g_assert_cmpuint(filter_length / sizeof(struct sock_filter), <=, BPF_MAXINSNS);
    g_assert_cmpint(stat(path, &info), ==, 0);
    g_assert_cmpint(info.st_mode & 0777, ==, 0600);
    /* It never goes into what is there already. */
    g_assert_false(gvir_sandbox_system_call_filter_write(path, FALSE, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_BUSY);
    g_clear_error(&error);
}

#ifdef __x86_64__
/* Some kernels, as a guest of some hypervisors, end who makes calls of 32 bits. */
static void
run_probe_x86(void)
{
    int status;
    pid_t child;

    if (runs_under_valgrind()) {
        g_test_skip("valgrind makes system calls of its own");
        return;
    }
    child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        /* A sanitizer would report the signal as an error of its own. */
        signal(SIGSEGV, SIG_DFL);
        signal(SIGILL, SIG_DFL);
        call_x86(20 /* getpid */, 0, 0, 0);
        _exit(0);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    if (WIFSIGNALED(status))
        g_test_skip("this kernel takes no system calls of 32 bits");
    else
        run_probe((gconstpointer)probe_x86);
}
#endif

int
main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/system-call-filter/written", GINT_TO_POINTER(FALSE), test_written);
    g_test_add_data_func("/system-call-filter/denied", (gconstpointer)probe_denied, run_probe);
    g_test_add_data_func("/system-call-filter/unknown", (gconstpointer)probe_unknown, run_probe);
    g_test_add_data_func("/system-call-filter/host-wide", (gconstpointer)probe_host_wide, run_probe);
    g_test_add_data_func("/system-call-filter/flags", (gconstpointer)probe_flags, run_probe);
    g_test_add_data_func("/system-call-filter/sockets", (gconstpointer)probe_sockets, run_probe);
    g_test_add_data_func("/system-call-filter/devices", (gconstpointer)probe_devices, run_probe);
    g_test_add_data_func("/system-call-filter/modes", (gconstpointer)probe_modes, run_probe);
#ifdef __x86_64__
    g_test_add_data_func("/system-call-filter/x32", (gconstpointer)probe_x32, run_probe);
    g_test_add_func("/system-call-filter/x86", run_probe_x86);
#endif
    g_test_add_data_func("/system-call-filter/ordinary", (gconstpointer)probe_ordinary, run_probe);
    g_test_add_data_func("/system-call-filter/privileged/written", GINT_TO_POINTER(TRUE), test_written);
    g_test_add_data_func("/system-call-filter/privileged/sockets", (gconstpointer)probe_sockets, run_probe);
    g_test_add_data_func("/system-call-filter/privileged/host-wide", (gconstpointer)probe_host_wide, run_probe);
    g_test_add_data_func("/system-call-filter/privileged/devices", (gconstpointer)probe_devices, run_probe);
    g_test_add_data_func("/system-call-filter/privileged/privileged", (gconstpointer)probe_privileged, run_probe);
    g_test_add_data_func("/system-call-filter/privileged/ordinary", (gconstpointer)probe_ordinary, run_probe);
    result = g_test_run();
    g_free(filter_bytes);
    return result;
}
