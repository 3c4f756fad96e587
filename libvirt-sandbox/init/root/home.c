/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/root/home.h"

#include "libvirt-sandbox/guest/manifest.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/root/root.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/users.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * A private home directory in memory. From the home directory that it covers it gets the toolchains, read-only:
 * they are opened before it is covered. No link is followed to them; a toolchain that is itself a link is created
 * again.
 */

struct toolchain {
    const char *path; /* below the home directory */
    bool is_link;
    bool is_directory;
    int mount;
    char link[PATH_MAX];
};

static struct toolchain *toolchains;
static size_t toolchain_count;
static uid_t owner;
static gid_t owner_group;

char *
home_options(const struct settings *settings)
{
    char *options;

    if (asprintf(&options, "mode=0700,uid=%u,gid=%u", users_outside(settings->uid), users_outside(settings->gid)) < 0) {
        fail(GUEST_STAGE_MOUNTS, ENOMEM, "home");
    }
    return options;
}

static int
open_below(int directory, const char *path)
{
    struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
                            .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };

    return (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
}

static bool
open_toolchain(const struct settings *settings, struct toolchain *toolchain, int found)
{
    uint64_t attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;
    struct stat status;

    if (fstat(found, &status) < 0) {
        return false;
    }
    toolchain->is_directory = S_ISDIR(status.st_mode);
    toolchain->is_link = S_ISLNK(status.st_mode);
    if (toolchain->is_link) {
        return readlinkat(found, "", toolchain->link, sizeof(toolchain->link) - 1) > 0;
    }
    if (!settings->privileged) {
        attributes |= MOUNT_ATTR_NOSUID;
    }
    toolchain->mount = filesystem_clone(found, "", true, attributes);
    return toolchain->mount >= 0;
}

static void
open_toolchains(const struct settings *settings, int home)
{
    const struct guest_manifest *manifest = &settings->manifest;
    const struct guest_directive *directive = NULL;

    toolchains = calloc(manifest->count, sizeof(*toolchains));
    if (!toolchains) {
        fail(GUEST_STAGE_MOUNTS, ENOMEM, "home");
    }
    while ((directive = guest_manifest_next(manifest, GUEST_WORD_TOOLCHAIN, directive))) {
        struct toolchain *toolchain = &toolchains[toolchain_count];
        int found;

        toolchain->path = directive->fields[0];
        found = open_below(home, toolchain->path);
        if (found >= 0 && open_toolchain(settings, toolchain, found)) {
            toolchain_count++;
        } else {
            log_debug("toolchain %s: %s", toolchain->path, strerror(errno));
        }
        if (found >= 0) {
            close(found);
        }
    }
}

static bool
set_owner(int directory, const char *name)
{
    return fchownat(directory, name, owner, owner_group, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Opens the directory of the last part of @path, which is returned in @name; makes the missing directories. */
static int
open_parent(int home, char *path, char **name)
{
    int directory = fcntl(home, F_DUPFD_CLOEXEC, 0);
    char *slash;

    for (*name = path; directory >= 0 && (slash = strchr(*name, '/')); *name = slash + 1) {
        int next = -1;

        *slash = '\0';
        if (mkdirat(directory, *name, 0755) == 0 ? set_owner(directory, *name) : errno == EEXIST) {
            next = openat(directory, *name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        }
        close(directory);
        directory = next;
    }
    return directory;
}

static bool
make_place(int directory, const struct toolchain *toolchain, const char *name)
{
    int file;

    if (toolchain->is_link) {
        return symlinkat(toolchain->link, directory, name) == 0 && set_owner(directory, name);
    }
    if (toolchain->is_directory) {
        return mkdirat(directory, name, 0755) == 0 && set_owner(directory, name);
    }
    file = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file >= 0) {
        close(file);
    }
    return file >= 0 && set_owner(directory, name);
}

/* False if an include has put something in its place. */
static bool
attach_toolchain(int home, const struct toolchain *toolchain)
{
    char *copy = strdup(toolchain->path);
    char *name;
    int parent = copy ? open_parent(home, copy, &name) : -1;
    bool made = parent >= 0 && make_place(parent, toolchain, name);
    int place = made && !toolchain->is_link ? open_below(parent, name) : -1;
    int error = errno;

    free(copy);
    if (parent >= 0) {
        close(parent);
    }
    errno = error;
    if (!made || toolchain->is_link) {
        return made;
    }
    return place >= 0 && filesystem_attach(toolchain->mount, place) == 0;
}

static void
attach_toolchains(int home)
{
    for (size_t i = 0; i < toolchain_count; i++) {
        if (!attach_toolchain(home, &toolchains[i])) {
            log_debug("toolchain %s: %s", toolchains[i].path, strerror(errno));
        }
    }
    free(toolchains);
}

void
home_attach(const struct settings *settings, int mount, const char *path)
{
    int target = root_open_directory(path);
    int home = fcntl(mount, F_DUPFD_CLOEXEC, 0);
    struct stat status;

    if (target < 0 || home < 0 || fstat(home, &status) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "home directory %s", path);
    }
    open_toolchains(settings, target);
    if (filesystem_attach(mount, target) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "home directory %s", path);
    }
    if (!root_leads_to(settings->home, home)) {
        fail(GUEST_STAGE_MOUNTS, 0, "home directory %s: the root was changed meanwhile", path);
    }
    owner = users_outside(settings->uid);
    owner_group = users_outside(settings->gid);
    /* In this file system only init makes anything before the program is started. */
    root_set_owner_on(status.st_dev, owner, owner_group);
    attach_toolchains(home);
    close(home);
}

/* The directory for the sockets of the program's session. */
void
home_make_runtime_directory(const struct settings *settings, int run)
{
    char name[32];

    snprintf(name, sizeof(name), "user/%u", settings->uid);
    if (mkdirat(run, "user", 0755) < 0 || mkdirat(run, name, 0700) < 0 ||
        fchownat(run, name, users_outside(settings->uid), users_outside(settings->gid), AT_SYMLINK_NOFOLLOW) < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "/run/%s", name);
    }
}
