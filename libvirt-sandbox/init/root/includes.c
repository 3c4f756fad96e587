/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/root/includes.h"

#include "libvirt-sandbox/guest/manifest.h"
#include "libvirt-sandbox/guest/tree-copy.h"
#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/kernel/path.h"
#include "libvirt-sandbox/init/settings.h"
#include "libvirt-sandbox/init/users.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* The next one for the mount on @target, after @previous. */
static const struct guest_directive *
next_include(const struct settings *settings, const char *target, const struct guest_directive *previous)
{
    const struct guest_directive *include = previous;

    do {
        include = guest_manifest_next(&settings->manifest, GUEST_WORD_INCLUDE, include);
    } while (include && !path_is_same(include->fields[1], target));
    return include;
}

bool
includes_exist(const struct settings *settings, const char *target)
{
    return next_include(settings, target, NULL) != NULL;
}

static int
open_source(const struct guest_directive *directive)
{
    const char *kind = directive->fields[0], *source = directive->fields[2];

    if (strcmp(kind, "bind") == 0) {
        return open(source, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    return filesystem_new(kind, source, directive->fields[3], MOUNT_ATTR_RDONLY);
}

static void
copy_include(const struct settings *settings, const struct guest_directive *directive, int mount)
{
    /* On a host file system that cannot store owners, all files belong to one user. */
    struct tree_copy tree = {
        .set_owner = true,
        .owner_may_fail = true,
        .uid = users_outside(settings->uid),
        .gid = users_outside(settings->gid),
    };
    int source = open_source(directive);

    if (source < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "include in %s", directive->fields[1]);
    }
    if (!tree_copy_entries(&tree, source, mount)) {
        fail(GUEST_STAGE_MOUNTS, errno, "include %s%s", directive->fields[1], tree.failed);
    }
    close(source);
}

/* Copies into @mount before anything is mounted on or below it; the copies belong to the program's user. */
void
includes_copy(const struct settings *settings, const char *target, int mount)
{
    const struct guest_directive *include = NULL;

    while ((include = next_include(settings, target, include))) {
        copy_include(settings, include, mount);
        log_debug("included in %s", target);
    }
}
