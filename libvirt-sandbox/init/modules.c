/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
mount_early(const char *type, const char *path)
{
    if (mkdir(path, 0755) < 0 && errno != EEXIST) {
        fail(GUEST_STAGE_MODULES, errno, "%s", path);
    }
    /* A kernel can have mounted its devtmpfs by itself. */
    if (mount(type, path, type, MS_NOSUID | MS_NOEXEC, NULL) < 0 && errno != EBUSY) {
        fail(GUEST_STAGE_MODULES, errno, "mount %s", path);
    }
}

/* What a kernel does not have it goes without. */
static void
write_setting(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd >= 0) {
        (void)!write(fd, text, strlen(text));
        close(fd);
    }
}

/*
 * Who takes more memory than there is gets killed. Without this the kernel rather throws away the program itself,
 * which it reads again from the host, again and again: what was used in the last second is to stay.
 */
static void
end_thrashing(void)
{
    write_setting("/sys/kernel/mm/lru_gen/min_ttl_ms", "1000");
    write_setting("/sys/kernel/mm/lru_gen/enabled", "y");
}

void
first_root_mount(void)
{
    mount_early("devtmpfs", "/dev");
    mount_early("proc", "/proc");
    mount_early("sysfs", "/sys");
    end_thrashing();
    if (fcntl(STDERR_FILENO, F_GETFL) & O_PATH) {
        int console = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC);

        if (console >= 0) {
            dup2(console, STDERR_FILENO);
            close(console);
        }
    }
}

/* From then on a file that is missing is one that was loaded and removed. */
static bool some_are_loaded;

static void
load(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    /* It can be needed by several, and is loaded then. */
    if (fd < 0 && errno == ENOENT && some_are_loaded) {
        return;
    }
    if (fd < 0) {
        fail(GUEST_STAGE_MODULES, errno, "module %s", path);
    }
    /* A soft dependency may be for hardware that the machine doesn't have. */
    if (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST && errno != ENODEV) {
        fail(GUEST_STAGE_MODULES, errno, "module %s", path);
    }
    close(fd);
    /* Nobody needs its memory any more. */
    unlink(path);
}

void
modules_load(const struct settings *settings)
{
    const struct guest_directive *module = NULL;

    while ((module = guest_manifest_next(&settings->manifest, GUEST_WORD_MODULE, module))) {
        note("module %s", module->fields[0]);
        load(module->fields[0]);
    }
}

void
modules_load_for(const struct settings *settings, const char *type)
{
    const struct guest_directive *module = NULL;

    some_are_loaded = true;
    while ((module = guest_manifest_next(&settings->manifest, GUEST_WORD_FILESYSTEM, module))) {
        if (strcmp(module->fields[0], type) == 0) {
            note("module %s", module->fields[1]);
            load(module->fields[1]);
        }
    }
}

/* The kernel lets a user namespace mount a /proc or /sys if there is one that nothing covers, in reach or not. Who is
 * not the owner of its files can do no more there than read what everybody may, of a kernel of his own. */
static bool
may_mount_kernel_files(const struct settings *settings)
{
    /* A second shell is user 0's. */
    return settings->uid != 0 && settings->gid != 0 && !settings->shell;
}

void
first_root_clear(const struct settings *settings)
{
    unlink(GUEST_MANIFEST_PATH);
    unlink("/init");
    umount2("/dev", MNT_DETACH);
    if (!may_mount_kernel_files(settings)) {
        umount2("/sys", MNT_DETACH);
        umount2("/proc", MNT_DETACH);
    }
}
