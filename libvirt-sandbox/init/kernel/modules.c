/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/kernel/modules.h"

#include "libvirt-sandbox/guest/manifest.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
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
    /* The kernel may have mounted devtmpfs itself. */
    if (mount(type, path, type, MS_NOSUID | MS_NOEXEC, NULL) < 0 && errno != EBUSY) {
        fail(GUEST_STAGE_MODULES, errno, "mount %s", path);
    }
}

/* A kernel may lack the setting; then it is left out. */
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
 * Makes the kernel kill a program that takes more memory than there is. Otherwise the kernel drops the pages of
 * the program itself and reads them from the host again and again. With this, pages that were used in the last
 * second stay.
 */
static void
limit_thrashing(void)
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
    limit_thrashing();
    if (fcntl(STDERR_FILENO, F_GETFL) & O_PATH) {
        int console = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC);

        if (console >= 0) {
            dup2(console, STDERR_FILENO);
            close(console);
        }
    }
}

/* Set once the first modules are loaded: from then on, a missing file is one that was loaded and removed. */
static bool some_are_loaded;

static void
load(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    /* Several others may need the module; the first has loaded it. */
    if (fd < 0 && errno == ENOENT && some_are_loaded) {
        return;
    }
    if (fd < 0) {
        fail(GUEST_STAGE_MODULES, errno, "module %s", path);
    }
    /* ENODEV: a soft dependency may be for hardware that the machine does not have. */
    if (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST && errno != ENODEV) {
        fail(GUEST_STAGE_MODULES, errno, "module %s", path);
    }
    close(fd);
    /* Frees the memory of the file. */
    unlink(path);
}

void
modules_load(const struct settings *settings)
{
    const struct guest_directive *module = NULL;

    while ((module = guest_manifest_next(&settings->manifest, GUEST_WORD_MODULE, module))) {
        log_debug("module %s", module->fields[0]);
        load(module->fields[0]);
    }
}

void
modules_load_for_filesystem(const struct settings *settings, const char *type)
{
    const struct guest_directive *module = NULL;

    some_are_loaded = true;
    while ((module = guest_manifest_next(&settings->manifest, GUEST_WORD_FILESYSTEM, module))) {
        if (strcmp(module->fields[0], type) == 0) {
            log_debug("module %s", module->fields[1]);
            load(module->fields[1]);
        }
    }
}

/* The kernel allows a user namespace to mount /proc or /sys only if an uncovered one exists, reachable or not. A user
 * who does not own its files can only read there what everybody may, of a kernel that is the machine's own. */
static bool
may_keep_kernel_files(const struct settings *settings)
{
    /* A second shell runs as user 0. */
    return settings->uid != 0 && settings->gid != 0 && !settings->shell;
}

void
first_root_clear(const struct settings *settings)
{
    unlink(GUEST_MANIFEST_PATH);
    unlink("/init");
    umount2("/dev", MNT_DETACH);
    if (!may_keep_kernel_files(settings)) {
        umount2("/sys", MNT_DETACH);
        umount2("/proc", MNT_DETACH);
    }
}
