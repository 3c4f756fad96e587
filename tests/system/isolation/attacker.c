/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * attacker NAME=VALUE…
 *
 * Tries what a program in a sandbox must not be able to do, one thing after the other, and prints
 * "NAME=yes" or "NAME=no" for whether it could. Linked statically, so that it runs in any root.
 *
 *   host.…     would reach out of the sandbox: never, in no driver and with no options
 *   kernel.…   power over the kernel or the init of its sandbox: never in a container, whose kernel
 *              is the host's, and in a machine only for a privileged program
 *   inside.…   parts of a kernel that no ordinary program needs: not in a container, where a filter
 *              keeps an unprivileged program from them
 *
 * The test says what there is to attack: boot= and mounts= of the host (where it finds itself on
 * the host itself it tries nothing), prize= a file of the host, socket= a named and abstract= an
 * abstract socket, pid= a process, key= a key in root's keyring, setuid= a set-user-ID copy of this
 * program, bound= a directory that it may write.
 */

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/vm_sockets.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static char **given;

static const char *
target(const char *name)
{
    size_t length = strlen(name);

    for (char **argument = given; *argument; argument++) {
        if (strncmp(*argument, name, length) == 0 && (*argument)[length] == '=') {
            return *argument + length + 1;
        }
    }
    fprintf(stderr, "attacker: %s= is missing\n", name);
    exit(98);
}

/* Opened for writing is enough: what would hurt if it worked is not written. */
static bool
opens(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static bool
overwrites(const char *path)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, "intruder\n", 9) == 9;

    if (fd >= 0) {
        close(fd);
    }
    return done;
}

static const char *
joined(const char *first, const char *second)
{
    static char path[8192];

    snprintf(path, sizeof(path), "%s%s", first, second);
    return path;
}

/* The host's files */

static bool
write_prize(void)
{
    return overwrites(target("prize"));
}

static bool
write_remounted(void)
{
    mount(NULL, "/", NULL, MS_REMOUNT, NULL);
    mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL);
    return overwrites(target("prize"));
}

static bool
write_bound(void)
{
    mkdir("/tmp/bound", 0700);
    if (mount("/", "/tmp/bound", NULL, MS_BIND, NULL) < 0) {
        return false;
    }
    mount(NULL, "/tmp/bound", NULL, MS_REMOUNT | MS_BIND, NULL);
    return overwrites(joined("/tmp/bound", target("prize")));
}

/* Every process's root, those of the host with them if they can be seen. */
static bool
write_process_roots(void)
{
    DIR *processes = opendir("/proc");
    bool done = false;

    for (struct dirent *entry; processes && (entry = readdir(processes));) {
        char root[300];

        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9') {
            snprintf(root, sizeof(root), "/proc/%s/root", entry->d_name);
            done = overwrites(joined(root, target("prize"))) || done;
            snprintf(root, sizeof(root), "/proc/%s/cwd/../../../../../..", entry->d_name);
            done = overwrites(joined(root, target("prize"))) || done;
        }
    }
    if (processes) {
        closedir(processes);
    }
    return done;
}

static bool
write_by_new_mount_calls(void)
{
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, "/", 1 /* OPEN_TREE_CLONE */ | O_CLOEXEC);
    struct {
        uint64_t set, clear, propagation, user;
    } attributes = { .clear = 1 /* MOUNT_ATTR_RDONLY */ };
    const char *prize = target("prize");
    int fd = -1;

    if (tree < 0) {
        return false;
    }
    syscall(442 /* mount_setattr */, tree, "", AT_EMPTY_PATH, &attributes, sizeof(attributes));
    fd = openat(tree, prize + 1, O_WRONLY | O_CLOEXEC);
    close(tree);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static bool
open_by_handle(void)
{
    union {
        struct file_handle handle;
        char space[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } file = { .handle.handle_bytes = MAX_HANDLE_SZ };
    int mount_id, root, fd;

    if (name_to_handle_at(AT_FDCWD, target("prize"), &file.handle, &mount_id, 0) < 0) {
        return false;
    }
    root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    fd = open_by_handle_at(root, &file.handle, O_WRONLY);
    if (fd >= 0) {
        close(fd);
    }
    close(root);
    return fd >= 0;
}

/* The file that the prize is in the host's view is not below any root that we can get to. */
static bool
leave_root(void)
{
    struct stat before, after;
    int old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    mkdir("/tmp/jail", 0700);
    if (old < 0 || stat("/", &before) < 0 || chroot("/tmp/jail") < 0) {
        return false;
    }
    if (fchdir(old) < 0) {
        return false;
    }
    for (int i = 0; i < 64; i++) {
        (void)!chdir("..");
    }
    return chroot(".") == 0 && stat("/", &after) == 0 &&
           (before.st_ino != after.st_ino || before.st_dev != after.st_dev);
}

static bool
pivot_away(void)
{
    /* Where it can, in a place of its own: else init's root would be another, too. */
    (void)unshare(CLONE_NEWNS);
    mkdir("/tmp/new", 0700);
    if (mount("none", "/tmp/new", "tmpfs", 0, NULL) < 0 || mkdir("/tmp/new/old", 0700) < 0 ||
        syscall(SYS_pivot_root, "/tmp/new", "/tmp/new/old") < 0) {
        return false;
    }
    mount(NULL, "/old", NULL, MS_REMOUNT | MS_BIND, NULL);
    return overwrites(joined("/old", target("prize")));
}

static bool
mount_disks(void)
{
    FILE *partitions = fopen("/proc/partitions", "re");
    unsigned number_major, number_minor;
    bool done = false;
    char line[256];

    while (partitions && fgets(line, sizeof(line), partitions)) {
        if (sscanf(line, " %u %u", &number_major, &number_minor) != 2) {
            continue;
        }
        unlink("/tmp/disk");
        done = (mknod("/tmp/disk", S_IFBLK | 0600, makedev(number_major, number_minor)) == 0 &&
                opens("/tmp/disk", O_RDONLY)) ||
               done;
        unlink("/dev/disk-of-host");
        done = (mknod("/dev/disk-of-host", S_IFBLK | 0600, makedev(number_major, number_minor)) == 0 &&
                opens("/dev/disk-of-host", O_RDONLY)) ||
               done;
    }
    if (partitions) {
        fclose(partitions);
    }
    return done;
}

/* Its daemons */

static bool
connects(const char *path, size_t length)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool done;

    if (length > sizeof(address.sun_path)) {
        fprintf(stderr, "attacker: too long for a socket: %s\n", path);
        exit(98);
    }
    memcpy(address.sun_path, path, length);
    done = fd >= 0 &&
           connect(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return done;
}

static bool
connect_named(void)
{
    return connects(target("socket"), strlen(target("socket")));
}

/* What covers the host's own directory of sockets comes off. */
static bool
uncover_run(void)
{
    while (umount2("/run", MNT_DETACH) == 0) {
    }
    return connect_named();
}

/* Such a name begins with a zero byte. */
static bool
connect_abstract(void)
{
    char name[108] = { 0 };

    snprintf(name + 1, sizeof(name) - 1, "%s", target("abstract"));
    return connects(name, 1 + strlen(name + 1));
}

static bool
connect_daemons(void)
{
    static const char *const sockets[] = {
        "/run/libvirt/libvirt-sock",
        "/var/run/libvirt/libvirt-sock",
        "/run/libvirt/virtqemud-sock",
        "/run/dbus/system_bus_socket",
        "/run/docker.sock",
        "/run/containerd/containerd.sock",
        "/run/podman/podman.sock",
        "/run/systemd/private",
        "/run/udev/control",
    };

    for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
        if (connects(sockets[i], strlen(sockets[i]))) {
            return true;
        }
    }
    return false;
}

static bool
connect_vsock(void)
{
    struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = 1 };
    int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool done = fd >= 0 && (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || errno == ECONNRESET ||
                            errno == ECONNREFUSED);

    if (fd >= 0) {
        close(fd);
    }
    return done;
}

/* The kernel looks at 32 bits of a family, whatever is in the others. */
static bool
make_hidden_vsock(void)
{
    int fd = (int)syscall(SYS_socket, 0x100000000ul | AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static bool
connect_network(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(22) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool done;

    inet_pton(AF_INET, "192.0.2.1", &address.sin_addr);
    done = fd >= 0 && (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 || errno != ENETUNREACH);
    if (fd >= 0) {
        close(fd);
    }
    return done;
}

/* Its processes */

/* The process outside is a sleep(1); another one with that number in here is not it. */
static bool
is_another(void)
{
    char path[64], name[64];
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%s/comm", target("pid"));
    file = fopen(path, "re");
    if (!file || !fgets(name, sizeof(name), file)) {
        name[0] = '\0';
    }
    if (file) {
        fclose(file);
    }
    return *name && strcmp(name, "sleep\n") != 0;
}

static bool
signal_process(void)
{
    return !is_another() && kill(atoi(target("pid")), SIGCONT) == 0;
}

static bool
trace_process(void)
{
    pid_t pid = atoi(target("pid"));

    if (is_another() || ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0) {
        return false;
    }
    ptrace(PTRACE_DETACH, pid, NULL, NULL);
    return true;
}

static bool
enter_namespace(void)
{
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "/proc/%s/ns/mnt", target("pid"));
    fd = is_another() ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    return fd >= 0 && setns(fd, 0) == 0;
}

static bool
find_key(void)
{
    long id = syscall(SYS_request_key, "user", target("key"), NULL, 0);

    if (id < 0) {
        id = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", target("key"), 0);
    }
    if (id < 0) {
        id = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", target("key"), 0);
    }
    return id >= 0;
}

/* A cgroup of version 1 has a program run on the host when it is empty. */
static bool
set_release_agent(void)
{
    static const char *const hierarchies[] = { "memory", "cpu", "pids", "rdma", "name=attack,none" };

    mkdir("/tmp/cgroup", 0700);
    for (size_t i = 0; i < sizeof(hierarchies) / sizeof(hierarchies[0]); i++) {
        if (mount("cgroup", "/tmp/cgroup", "cgroup", 0, hierarchies[i]) == 0) {
            bool done = opens("/tmp/cgroup/release_agent", O_WRONLY);

            umount2("/tmp/cgroup", MNT_DETACH);
            if (done) {
                return true;
            }
        }
    }
    return opens("/sys/fs/cgroup/release_agent", O_WRONLY) || opens("/sys/fs/cgroup/memory/release_agent", O_WRONLY);
}

/* The kernel */

static bool
set_core_pattern(void)
{
    return opens("/proc/sys/kernel/core_pattern", O_WRONLY);
}

static bool
set_modprobe(void)
{
    return opens("/proc/sys/kernel/modprobe", O_WRONLY);
}

/* One of its own, which newer kernels let a user namespace have, reaches nobody else. */
static bool
set_binfmt(void)
{
    return opens("/proc/sys/fs/binfmt_misc/register", O_WRONLY);
}

static bool
set_uevent_helper(void)
{
    return opens("/sys/kernel/uevent_helper", O_WRONLY);
}

static bool
trigger_sysrq(void)
{
    return opens("/proc/sysrq-trigger", O_WRONLY);
}

/* What hides such a file may let it be opened: only what it holds counts. */
static bool
reads(const char *path)
{
    char byte[64];
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    bool done = fd >= 0 && (read(fd, byte, sizeof(byte)) > 0 || errno == EAGAIN);

    if (fd >= 0) {
        close(fd);
    }
    return done;
}

static bool
read_kernel_log(void)
{
    char buffer[64];

    return reads("/dev/kmsg") || reads("/proc/kmsg") || syscall(SYS_syslog, 3, buffer, sizeof(buffer)) >= 0;
}

static bool
read_kernel_memory(void)
{
    return reads("/proc/kcore") || reads("/dev/mem") || reads("/dev/kmem") || reads("/dev/port");
}

static bool
make_devices(void)
{
    unlink("/tmp/mem");
    return mknod("/tmp/mem", S_IFCHR | 0600, makedev(1, 1)) == 0 && opens("/tmp/mem", O_RDONLY);
}

static bool
load_module(void)
{
    /* Whoever may load modules is told that this is none, not that it may not. */
    return syscall(SYS_init_module, "", 0, "") < 0 && errno != EPERM && errno != ENOSYS;
}

static bool
load_kernel(void)
{
    return syscall(SYS_kexec_load, 0, 0, NULL, ~0UL) < 0 && errno != EPERM && errno != ENOSYS;
}

static bool
load_bpf(void)
{
    union bpf_attr attributes = { 0 };

    attributes.map_type = BPF_MAP_TYPE_ARRAY;
    attributes.key_size = attributes.value_size = 4;
    attributes.max_entries = 1;
    return syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes)) >= 0;
}

static bool
open_perf(void)
{
    struct perf_event_attr attributes = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attributes) };

    attributes.config = PERF_COUNT_SW_CPU_CLOCK;
    return syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0) >= 0;
}

static bool
set_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return clock_settime(CLOCK_REALTIME, &now) == 0;
}

static bool
make_user_namespace(void)
{
    pid_t child = fork();
    int status = 1;

    if (child == 0) {
        _exit(unshare(CLONE_NEWUSER) == 0 ? 0 : 1);
    }
    waitpid(child, &status, 0);
    return status == 0;
}

static bool
use_io_uring(void)
{
    char parameters[256] = { 0 };

    return syscall(425 /* io_uring_setup */, 1, parameters) >= 0;
}

static bool
use_userfaultfd(void)
{
    return syscall(SYS_userfaultfd, O_CLOEXEC) >= 0;
}

/* What is inside */

static bool
type_into_terminal(void)
{
    /* A line discipline of its own, so that nothing is typed where it counts. */
    char byte = ' ';

    return ioctl(STDIN_FILENO, TIOCSTI, &byte) == 0;
}

static bool
paste_into_terminal(void)
{
    char request[2] = { 3, 0 };

    return ioctl(STDIN_FILENO, TIOCLINUX, request) >= 0;
}

static bool
trace_init(void)
{
    if (ptrace(PTRACE_SEIZE, 1, NULL, NULL) < 0) {
        return false;
    }
    ptrace(PTRACE_DETACH, 1, NULL, NULL);
    return true;
}

static bool
read_init(void)
{
    char byte;
    struct iovec here = { &byte, 1 }, there = { (void *)0x400000, 1 };

    return process_vm_readv(1, &here, 1, &there, 1, 0) == 1 || opens("/proc/1/mem", O_RDONLY) ||
           opens("/proc/1/environ", O_RDONLY);
}

/* The set-user-ID program is this one: it says who it is. */
static bool
gains_from(const char *path)
{
    pid_t child = fork();
    int status = 1;

    if (child == 0) {
        execl(path, path, "--who", NULL);
        _exit(1);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 42;
}

static bool
gain_by_setuid(void)
{
    return geteuid() != 0 && gains_from(target("setuid"));
}

/* A file of the directory given for writing, which gets the bit inside. */
static bool
leave_setuid(void)
{
    struct stat status;
    const char *path = joined(target("bound"), "/setuid");
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
    bool done = fd >= 0 && fchown(fd, 0, 0) == 0 && fchmod(fd, 04755) == 0 && fstat(fd, &status) == 0 &&
                status.st_uid == 0 && (status.st_mode & S_ISUID);

    if (fd >= 0) {
        close(fd);
    }
    unlink(path);
    return done && geteuid() != 0;
}

/* A file that gives its owner's power to who executes it: made so, or later. */
static bool
make_set_user_id(void)
{
    static const mode_t modes[] = { 04755, 02755 };
    bool done = false;

    for (int i = 0; i < 2; i++) {
        const char *path = joined(target("bound"), "/set-user-id");
        int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, modes[i]);
        struct stat status;

        if (fd < 0) {
            fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0755);
        }
        (void)fchmod(fd, modes[i]);
        (void)chmod(path, modes[i]);
        (void)syscall(452 /* fchmodat2 */, AT_FDCWD, path, modes[i], 0);
        done = done || (fstat(fd, &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)));
        close(fd);
        unlink(path);
    }
    return done;
}

/* 0 where the kernel does not tell. */
static uint64_t
network_of(int fd)
{
    uint64_t cookie = 0;
    socklen_t length = sizeof(cookie);

    getsockopt(fd, SOL_SOCKET, 71 /* SO_NETNS_COOKIE */, &cookie, &length);
    return cookie;
}

static void *
call_as_32_bits(void *data)
{
    char **arguments = data;
#ifdef __x86_64__
    uint32_t *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    struct stat status;
    socklen_t length = sizeof(int);
    int family = -1;
    long result;

    if (memory == MAP_FAILED) {
        return NULL;
    }
    memory[0] = (uint32_t)atoi(arguments[0]);
    memory[1] = (uint32_t)strtoul(arguments[1], NULL, 0);
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(102), "b"(1), "c"(memory) : "memory", "r8", "r9", "r10", "r11");
    if ((int)result < 0) {
        printf("%s\n", strerror(-(int)result));
        return NULL;
    }
    getsockopt((int)result, SOL_SOCKET, SO_DOMAIN, &family, &length);
    printf("family %d, %s%s, %s\n", family,
           network_of((int)result) == network_of(socket(AF_INET, SOCK_DGRAM, 0)) ? "" : "of another network, ",
           fstat((int)result, &status) == 0 && status.st_uid == geteuid() ? "mine" : "another's",
           fcntl((int)result, F_GETFD) & FD_CLOEXEC ? "closed by exec" : "kept by exec");
    return NULL;
#else
    printf("not here %s\n", arguments[0]);
    return NULL;
#endif
}

/* attacker --socketcall FAMILY TYPE: makes a socket as programs of 32 bits do, and says of what kind it is. */
static int
make_socket_in_thread(char **arguments)
{
    pthread_t thread;

    return pthread_create(&thread, NULL, call_as_32_bits, arguments) || pthread_join(thread, NULL);
}

static const struct {
    const char *name;
    bool (*attack)(void);
} attacks[] = {
    { "host.write_prize", write_prize },
    { "host.write_remounted", write_remounted },
    { "host.write_bound", write_bound },
    { "host.write_process_roots", write_process_roots },
    { "host.write_by_new_mount_calls", write_by_new_mount_calls },
    { "host.pivot_away", pivot_away },
    { "host.leave_root", leave_root },
    { "host.uncover_run", uncover_run },
    { "host.connect_named", connect_named },
    { "host.connect_abstract", connect_abstract },
    { "host.connect_daemons", connect_daemons },
    { "host.connect_network", connect_network },
    { "host.signal_process", signal_process },
    { "host.trace_process", trace_process },
    { "host.enter_namespace", enter_namespace },
    { "host.find_key", find_key },
    { "host.leave_setuid", leave_setuid },
    { "kernel.vsock", connect_vsock },
    { "kernel.vsock_hidden", make_hidden_vsock },
    { "kernel.mount_disks", mount_disks },
    { "kernel.open_by_handle", open_by_handle },
    { "kernel.release_agent", set_release_agent },
    { "kernel.core_pattern", set_core_pattern },
    { "kernel.modprobe", set_modprobe },
    { "kernel.binfmt", set_binfmt },
    { "kernel.uevent_helper", set_uevent_helper },
    { "kernel.sysrq", trigger_sysrq },
    { "kernel.memory", read_kernel_memory },
    { "kernel.log", read_kernel_log },
    { "kernel.devices", make_devices },
    { "kernel.module", load_module },
    { "kernel.kexec", load_kernel },
    { "kernel.clock", set_clock },
    { "inside.bpf", load_bpf },
    { "inside.perf", open_perf },
    { "inside.user_namespace", make_user_namespace },
    { "kernel.io_uring", use_io_uring },
    { "inside.userfaultfd", use_userfaultfd },
    { "inside.set_user_id", make_set_user_id },
    { "inside.type_into_terminal", type_into_terminal },
    { "inside.paste_into_terminal", paste_into_terminal },
    { "kernel.trace_init", trace_init },
    { "kernel.read_init", read_init },
    { "kernel.gain_by_setuid", gain_by_setuid },
};

static void
read_line(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "re");

    if (!file || !fgets(line, (int)size, file)) {
        line[0] = '\0';
    }
    line[strcspn(line, "\n")] = '\0';
    if (file) {
        fclose(file);
    }
}

/* Where a broken test lets it run on the host itself, it shall not even begin. */
static void
check_place(void)
{
    char boot[64], mounts[64] = { 0 };

    read_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
    if (readlink("/proc/self/ns/mnt", mounts, sizeof(mounts) - 1) < 0 || !*boot ||
        (strcmp(boot, target("boot")) == 0 && strcmp(mounts, target("mounts")) == 0)) {
        fprintf(stderr, "attacker: not in a sandbox: nothing is tried\n");
        exit(99);
    }
}

/* attacker --with-key NAME COMMAND…: runs COMMAND with a key for find_key() to find. */
static int
run_with_key(char **arguments)
{
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
        syscall(SYS_add_key, "user", arguments[0], "secret", 6, KEY_SPEC_SESSION_KEYRING) < 0 ||
        syscall(SYS_add_key, "user", arguments[0], "secret", 6, KEY_SPEC_USER_KEYRING) < 0) {
        perror("attacker: key");
        return 98;
    }
    execvp(arguments[1], arguments + 1);
    perror("attacker");
    return 98;
}

int
main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--who") == 0) {
        return geteuid() == 0 ? 42 : 0;
    }
    if (argc > 3 && strcmp(argv[1], "--with-key") == 0) {
        return run_with_key(argv + 2);
    }
    if (argc == 4 && strcmp(argv[1], "--socketcall") == 0) {
        return make_socket_in_thread(argv + 2);
    }
    given = argv + 1;
    check_place();
    for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
        /* In a process of its own, so that none changes the place of the next. */
        pid_t child = fork();
        int status = 0;

        if (child == 0) {
            _exit(attacks[i].attack() ? 1 : 0);
        }
        if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1) {
            printf("%s=broken\n", attacks[i].name);
        } else {
            printf("%s=%s\n", attacks[i].name, WEXITSTATUS(status) ? "yes" : "no");
        }
        fflush(stdout);
    }
    return 0;
}
