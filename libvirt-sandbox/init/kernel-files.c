/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define SAFE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* What user 0 may write without any capability. */
static const char *const read_only[] = {
    "/proc/sys",  "/proc/sysrq-trigger", "/proc/irq", "/proc/bus",  "/proc/fs",
    "/proc/acpi", "/proc/scsi",          "/proc/tty", "/proc/mtrr",
};

/* What tells about the host or the kernel's memory. */
static const char *const hidden[] = {
    "/proc/kcore",         "/proc/keys",
    "/proc/timer_list",    "/proc/latency_stats",
    "/proc/sched_debug",   "/proc/kmsg",
    "/proc/asound",        "/proc/kpagecount",
    "/proc/kpageflags",    "/proc/kpagecgroup",
    "/proc/key-users",     "/proc/vmallocinfo",
    "/proc/slabinfo",      "/proc/pagetypeinfo",
    "/sys/firmware",       "/sys/kernel/debug",
    "/sys/kernel/tracing", "/sys/kernel/security",
    "/sys/fs/cgroup",      "/sys/fs/pstore",
    "/sys/fs/bpf",         "/sys/devices/virtual/powercap",
};

bool
kernel_file_write(int directory, const char *path, const char *text)
{
    int fd = openat(directory, path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    int error = errno;

    if (fd >= 0) {
        close(fd);
    }
    errno = error;
    return done;
}

static void
mount_kernel(const char *type, const char *path, uint64_t attributes)
{
    int mount, target;

    mount = filesystem_new(type, type, "", attributes);
    target = root_open_directory(path);
    if (mount < 0 || target < 0 || filesystem_attach(mount, target) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount %s", path);
    }
}

void
kernel_files_mount(void)
{
    mount_kernel("proc", "/proc", SAFE);
    mount_kernel("sysfs", "/sys", SAFE | MOUNT_ATTR_RDONLY);
}

static void
make_read_only(const char *path)
{
    int target = root_open(path);
    int mount;

    if (target < 0) {
        return;
    }
    mount = filesystem_clone(target, "", true, SAFE | MOUNT_ATTR_RDONLY);
    if (mount < 0 || filesystem_attach(mount, target) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "protect %s", path);
    }
}

/* In a machine, its root with all capabilities has nothing to be protected from. In a container,
 * user 0 is the host's user 0: to these files it is their owner, whatever namespace its
 * capabilities are in. */
void
kernel_files_protect(const struct settings *settings)
{
    if (settings->machine && settings->privileged) {
        return;
    }
    for (size_t i = 0; i < sizeof(read_only) / sizeof(read_only[0]); i++) {
        make_read_only(read_only[i]);
    }
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        hide_path(hidden[i]);
    }
}
