/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/root/devices.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/program/terminal.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/root/root.h"
#include "libvirt-sandbox/init/root/stage.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdnoreturn.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const struct {
    const char *name;
    unsigned major, minor;
} nodes[] = {
    { "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
};

static const struct {
    const char *name, *target;
} links[] = {
    { "fd", "/proc/self/fd" },       { "stdin", "/proc/self/fd/0" }, { "stdout", "/proc/self/fd/1" },
    { "stderr", "/proc/self/fd/2" }, { "ptmx", "pts/ptmx" },
};

/* Open for init: the sandbox's own /dev, and not what is at that path later. */
static int directory = -1, null = -1, terminals = -1;

static noreturn void
fail_device(const char *name)
{
    fail(GUEST_STAGE_MOUNTS, errno, "/dev/%s", name);
}

/* A container may not create device nodes, so it binds those that libvirt created. */
static void
bind_node(int devices, const char *name)
{
    char source[32];
    int fd = openat(devices, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    int mount, target;

    if (fd < 0) {
        fail_device(name);
    }
    close(fd);
    snprintf(source, sizeof(source), "/dev/%s", name);
    if (chown(source, users_outside(0), users_outside(0)) < 0) {
        fail_device(name);
    }
    mount = filesystem_clone(AT_FDCWD, source, false, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    target = openat(devices, name, O_PATH | O_CLOEXEC);
    if (mount < 0 || target < 0 || filesystem_attach(mount, target) < 0) {
        fail_device(name);
    }
}

static void
make_node(int devices, const char *name, unsigned major, unsigned minor)
{
    if (mknodat(devices, name, S_IFCHR | 0666, makedev(major, minor)) < 0 && errno != EEXIST) {
        fail_device(name);
    }
}

/* The kernel may have a node of its own where the link should be. */
static void
make_link(int devices, const char *name, const char *target)
{
    if ((unlinkat(devices, name, 0) < 0 && errno != ENOENT) || symlinkat(target, devices, name) < 0) {
        fail_device(name);
    }
}

static void
make_directory(int devices, const char *name, mode_t mode)
{
    if (mkdirat(devices, name, mode) < 0 && errno != EEXIST) {
        fail_device(name);
    }
}

static void
mount_terminals(int devices)
{
    char options[128];
    int mount, target;

    make_directory(devices, "pts", 0755);
    snprintf(options, sizeof(options), "newinstance,ptmxmode=0666,mode=0620,gid=%u", users_outside(TERMINAL_GROUP));
    mount = filesystem_new("devpts", "devpts", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    if (mount >= 0 && (fchownat(mount, "", users_outside(0), users_outside(0), AT_EMPTY_PATH) < 0 ||
                       fchownat(mount, "ptmx", users_outside(0), users_outside(0), 0) < 0)) {
        fail_device("pts");
    }
    target = openat(devices, "pts", O_PATH | O_CLOEXEC);
    terminals = mount < 0 ? -1 : fcntl(mount, F_DUPFD_CLOEXEC, 0);
    if (terminals < 0 || target < 0 || filesystem_attach(mount, target) < 0) {
        fail_device("pts");
    }
}

static void
make_all(const struct settings *settings, int devices)
{
    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        if (settings->machine) {
            make_node(devices, nodes[i].name, nodes[i].major, nodes[i].minor);
        } else {
            bind_node(devices, nodes[i].name);
        }
    }
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        make_link(devices, links[i].name, links[i].target);
    }
    make_directory(devices, "shm", 01777);
    mount_terminals(devices);
    null = openat(devices, "null", O_RDONLY | O_CLOEXEC);
    if (null < 0) {
        fail_device("null");
    }
}

/*
 * Contains only what every program expects; the devices that init uses stay in the first /dev. A privileged
 * program in a machine can load modules, so it gets all devices of the kernel: only then the devices of a new
 * module appear.
 */
static int
new_devices(const struct settings *settings)
{
    if (settings->machine && settings->privileged) {
        return filesystem_new("devtmpfs", "dev", "mode=0755", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    }
    return filesystem_new("tmpfs", "dev", "mode=0755,size=1m", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
}

void
devices_mount(const struct settings *settings)
{
    int devices = new_devices(settings);

    if (devices < 0 || stage_attach(devices, "dev") < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount /dev");
    }
    make_all(settings, devices);
    directory = fcntl(devices, F_DUPFD_CLOEXEC, 0);
    if (directory < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount /dev");
    }
    root_attach(devices, "/dev");
}

int
devices_directory(void)
{
    return directory;
}

int
devices_open_null(void)
{
    return fcntl(null, F_DUPFD_CLOEXEC, 3);
}

int
devices_open_terminal(void)
{
    return openat(terminals, "ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}
