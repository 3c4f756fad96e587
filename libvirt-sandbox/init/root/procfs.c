/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/root/procfs.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/root/hide.h"
#include "libvirt-sandbox/init/kernel/kernel-files.h"
#include "libvirt-sandbox/init/root/root.h"
#include "libvirt-sandbox/init/root/stage.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The program's /proc. User 0 owns its files. That is enough to write many of them, to read what others may not
 * read, and to change their mode, which in a container changes it for the whole host. So of the files that do not
 * belong to a process the program sees only those that are listed here, read-only, whatever the kernel has.
 * docs/kernel-files.md explains the choice for each.
 */

static const char *const shown[] = {
    "cgroups",     "cmdline", "config.gz", "cpuinfo", "crypto",  "devices",    "diskstats", "dynamic_debug",
    "filesystems", "loadavg", "meminfo",   "misc",    "modules", "partitions", "pressure",  "stat",
    "swaps",       "sys",     "sysvipc",   "tty",     "uptime",  "version",    "vmstat",
};

/* Hidden in a directory that is shown: files that have an effect when they are read, or that reveal something. */
static const char *const hidden[] = {
    "dynamic_debug/control",
    "sys/vm/stat_refresh",
    "sys/kernel/usermodehelper",
    "tty/driver",
};

static bool
is_shown(const char *name)
{
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
        if (strcmp(shown[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void
make_read_only(int target, const char *name)
{
    int mount = filesystem_clone(target, "", false, KERNEL_FILE_ATTRIBUTES | MOUNT_ATTR_RDONLY);

    if (mount < 0 || filesystem_attach(mount, target) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "protect /proc/%s", name);
    }
}

static void
protect(int proc, const char *name)
{
    int target = filesystem_open(proc, name);

    /* A file can vanish meanwhile, with its module. */
    if (target < 0 && errno == ENOENT) {
        return;
    }
    if (target < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "protect /proc/%s", name);
    }
    if (is_shown(name)) {
        make_read_only(target, name);
    } else {
        hide_descriptor(target, name);
    }
}

/* The directories of processes belong to their users. Links lead to those, or to files that are protected here. */
static bool
is_kernel_wide(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && !isdigit((unsigned char)entry->d_name[0]) && entry->d_type != DT_LNK;
}

static void
protect_all(int proc)
{
    int fd = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;

    if (!directory) {
        fail(GUEST_STAGE_MOUNTS, errno, "protect /proc");
    }
    while ((errno = 0, entry = readdir(directory))) {
        if (is_kernel_wide(entry)) {
            protect(proc, entry->d_name);
        }
    }
    if (errno != 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "protect /proc");
    }
    closedir(directory);
}

static void
hide_listed(int proc)
{
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        int target = filesystem_open(proc, hidden[i]);

        if (target < 0 && errno != ENOENT) {
            fail(GUEST_STAGE_MOUNTS, errno, "hide /proc/%s", hidden[i]);
        }
        if (target >= 0) {
            hide_descriptor(target, hidden[i]);
        }
    }
}

void
procfs_mount(const struct settings *settings)
{
    int proc = filesystem_new("proc", "proc", "", KERNEL_FILE_ATTRIBUTES);

    if (proc < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "mount /proc");
    }
    if (kernel_files_are_protected(settings)) {
        if (stage_attach(proc, "proc") < 0) {
            fail(GUEST_STAGE_MOUNTS, errno, "protect /proc");
        }
        protect_all(proc);
        hide_listed(proc);
    }
    root_attach(proc, "/proc");
}
