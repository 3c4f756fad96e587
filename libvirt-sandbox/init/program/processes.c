/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/program/processes.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/kernel/kernel-files.h"
#include "libvirt-sandbox/init/kernel/path.h"
#include "libvirt-sandbox/init/settings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Limits how many processes there can be at once. RLIMIT_NPROC has no effect on user 0, so a control group for
 * processes does it:
 *
 *   machine           a group below the root of version 2
 *   container, v1     a group below the container's own one, which other containers may share
 *   container, v2     the container's own group, which is not shared
 *
 * The mounts that are needed for it are attached nowhere, so that the program cannot reach them.
 */

#define PROCESSES_MAX "4096"
#define GROUP_PREFIX "libvirt-sandbox-"
#define MEMBERS "cgroup.procs"
#define ATTEMPTS_MAX 100

/* The directory of the group of this sandbox and its name there, to remove it at the end. */
static int parent = -1;
static char group[64];

/* The path of init's own group in the hierarchy of version 1 that counts processes, or of version 2. */
static bool
find_own_group(char path[PATH_SIZE], bool *version_1)
{
    char line[PATH_SIZE];
    bool found = false;
    FILE *file = fopen("/proc/self/cgroup", "re");

    *version_1 = false;
    while (file && !*version_1 && fgets(line, sizeof(line), file)) {
        char *controllers = strchr(line, ':');
        char *place = controllers ? strchr(controllers + 1, ':') : NULL;

        if (!place) {
            continue;
        }
        *place++ = '\0';
        place[strcspn(place, "\n")] = '\0';
        *version_1 = strcmp(controllers + 1, "pids") == 0;
        if (*version_1 || controllers[1] == '\0') {
            snprintf(path, PATH_SIZE, "%s", place + strspn(place, "/"));
            found = true;
        }
    }
    if (file) {
        fclose(file);
    }
    return found;
}

/* Removes the groups of sandboxes that were ended from outside. The kernel refuses to remove one that is in use. */
static void
remove_old_groups(int directory)
{
    int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *entry;

    while (entries && (entry = readdir(entries))) {
        if (strncmp(entry->d_name, GROUP_PREFIX, strlen(GROUP_PREFIX)) == 0) {
            unlinkat(directory, entry->d_name, AT_REMOVEDIR);
        }
    }
    if (entries) {
        closedir(entries);
    }
}

static void
name_group(void)
{
    uint64_t number = (uint64_t)getpid();

    (void)!getrandom(&number, sizeof(number), GRND_NONBLOCK);
    snprintf(group, sizeof(group), GROUP_PREFIX "%016llx", (unsigned long long)number);
}

static bool
enter_group(int directory)
{
    int made = openat(directory, group, O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool done =
        made >= 0 && kernel_file_write(made, "pids.max", PROCESSES_MAX) && kernel_file_write(made, MEMBERS, "0");
    int error = errno;

    if (made >= 0) {
        close(made);
    }
    errno = error;
    return done;
}

/* Init stays in the group, so that the group is never empty. Before init is in it, another sandbox may remove it. */
static bool
make_group(int directory)
{
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        name_group();
        if (mkdirat(directory, group, 0755) < 0) {
            return false;
        }
        if (enter_group(directory)) {
            parent = directory;
            return true;
        }
        if (errno != ENOENT && errno != ENODEV) {
            return false;
        }
    }
    return false;
}

/* Each group on the path must enable the controller for the groups below it. */
static void
enable_controller_on_path(int top, const char *path)
{
    char file[2 * PATH_SIZE];

    kernel_file_write(top, "cgroup.subtree_control", "+pids");
    for (const char *end = strchr(path, '/'); end; end = strchr(end + 1, '/')) {
        snprintf(file, sizeof(file), "%.*s/cgroup.subtree_control", (int)(end - path), path);
        kernel_file_write(top, file, "+pids");
    }
}

static bool
limit_machine(void)
{
    int top = filesystem_new("cgroup2", "cgroup2", "", 0);

    return top >= 0 && kernel_file_write(top, "cgroup.subtree_control", "+pids") && make_group(top);
}

static bool
limit_container(void)
{
    char path[PATH_SIZE];
    bool version_1;
    int top, own;

    if (!find_own_group(path, &version_1)) {
        return false;
    }
    top = version_1 ? filesystem_new("cgroup", "cgroup", "pids", 0) : filesystem_new("cgroup2", "cgroup2", "", 0);
    if (top < 0) {
        return false;
    }
    if (!version_1) {
        enable_controller_on_path(top, path);
    }
    own = openat(top, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    close(top);
    if (own < 0) {
        return false;
    }
    if (!version_1) {
        return kernel_file_write(own, "pids.max", PROCESSES_MAX);
    }
    remove_old_groups(own);
    return make_group(own);
}

void
processes_limit(const struct settings *settings)
{
    if (settings->machine ? limit_machine() : limit_container()) {
        log_debug("limit of " PROCESSES_MAX " processes");
    } else if (settings->machine) {
        /* In a machine, too many processes only hurt the machine itself. */
        log_debug("no limit of processes: %s", strerror(errno));
    } else {
        fail(GUEST_STAGE_IDENTITY, errno, "limit of the number of processes");
    }
}

/* To be called when all processes are dead. */
void
processes_remove_group(void)
{
    if (parent >= 0 && kernel_file_write(parent, MEMBERS, "0")) {
        unlinkat(parent, group, AT_REMOVEDIR);
    }
}
