/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/root/overlay.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/log.h"
#include "libvirt-sandbox/init/kernel/modules.h"
#include "libvirt-sandbox/init/root/closed.h"
#include "libvirt-sandbox/init/root/disk-find.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A writable root: each file system of the root is the lower layer of an overlay, whose upper layer takes what is
 * written. The layers are in the first root, where no path of the program leads.
 *
 * The read-only root of a container is shown through an overlay without an upper layer. Its files then have inodes
 * of their own. The host's sockets, pipes, locks and leases belong to inodes, so a path in the root cannot reach
 * them.
 */
#define LAYERS "/overlay"
/* An overlay without an upper layer needs two lower ones. This is the second, which is empty. */
#define EMPTY_LAYER "/empty"

/* Stores whole files and directories in the upper layer, so that it shows what changed. Some kernels have other
 * defaults. */
#define OPTIONS "redirect_dir=off,metacopy=off,index=off"

static struct overlay_layer *layers;
static size_t layer_count;

/* noinit_itable: the builder has written the inode tables as zeros already. */
static int
open_disk(const struct settings *settings)
{
    char path[PATH_MAX];

    if (!disk_find(settings->overlay, path)) {
        return -1;
    }
    modules_load_for_filesystem(settings, "ext4");
    return filesystem_new("ext4", path, "noinit_itable", MOUNT_ATTR_NODEV);
}

static const char *
layers_place(const struct settings *settings)
{
    static const char *place;
    int mount, target;

    if (place) {
        return place;
    }
    place = settings->overlay[0] == '/' ? settings->overlay : LAYERS;
    if (place == settings->overlay) {
        return place;
    }
    if (mkdir(place, 0700) < 0 && errno != EEXIST) {
        fail(GUEST_STAGE_ROOT, errno, "overlay");
    }
    if (*settings->overlay) {
        mount = open_disk(settings);
    } else {
        mount = filesystem_new("tmpfs", "overlay", "mode=0700", MOUNT_ATTR_NODEV);
    }
    target = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (mount < 0 || target < 0 || filesystem_attach(mount, target) < 0) {
        fail(GUEST_STAGE_ROOT, errno, "overlay");
    }
    return place;
}

static struct overlay_layer *
add_layer(const char *target)
{
    struct overlay_layer *layer;

    layers = reallocarray(layers, layer_count + 1, sizeof(*layers));
    if (!layers) {
        fail(GUEST_STAGE_ROOT, ENOMEM, "overlay");
    }
    layer = &layers[layer_count++];
    layer->target = target + strspn(target, "/");
    return layer;
}

/* Makes a directory whose path can stand in a mount option, which a comma or colon would end. */
static int
make_directory(char *path, size_t size, const char *place, size_t number, const char *name)
{
    snprintf(path, size, "%s/%s%zu", place, name, number);
    if (mkdir(path, 0700) < 0) {
        return -1;
    }
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Mounts an overlay over the directory @lower of the first root, for @target of the program's root; attached nowhere.
 */
int
overlay_new(const struct settings *settings, const char *lower, const char *target, uint64_t attributes)
{
    const char *place = layers_place(settings);
    struct overlay_layer *layer = add_layer(target);
    char upper[64], work[64], options[512];
    int work_directory, mount;

    layer->lower = open(lower, O_PATH | O_DIRECTORY | O_CLOEXEC);
    layer->upper = make_directory(upper, sizeof(upper), place, layer_count, "upper");
    work_directory = make_directory(work, sizeof(work), place, layer_count, "work");
    /* The root of an overlay has the owner, mode and times of its upper layer. */
    if (layer->lower < 0 || layer->upper < 0 || work_directory < 0 ||
        !filesystem_copy_attributes(layer->lower, layer->upper)) {
        fail(GUEST_STAGE_ROOT, errno, "overlay of /%s", layer->target);
    }
    close(work_directory);
    if (settings->machine) {
        closed_prepare_layer(settings, layer->lower, layer->upper);
    }
    snprintf(options, sizeof(options), "lowerdir=%s,upperdir=%s,workdir=%s," OPTIONS, lower, upper, work);
    mount = filesystem_new("overlay", "overlay", options, attributes & ~(uint64_t)MOUNT_ATTR_RDONLY);
    if (mount < 0) {
        fail(GUEST_STAGE_ROOT, errno, "overlay of /%s", layer->target);
    }
    if (settings->machine) {
        closed_finish_layer(mount);
    }
    log_debug("overlay of /%s", layer->target);
    return mount;
}

static bool
make_empty_layer(void)
{
    static bool made;
    int mount, target;

    if (made) {
        return true;
    }
    mount = filesystem_new("tmpfs", "empty", "mode=0755,size=4k", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV);
    if (mount < 0 || (mkdir(EMPTY_LAYER, 0755) < 0 && errno != EEXIST)) {
        return false;
    }
    target = open(EMPTY_LAYER, O_PATH | O_DIRECTORY | O_CLOEXEC);
    made = target >= 0 && filesystem_attach(mount, target) == 0;
    return made;
}

/* Mounts an overlay over the directory @lower of the first root; -1 and errno if its file system cannot be a layer.
 * Programs compare the device numbers of files and directories; xino=on keeps them equal within one overlay. */
int
overlay_new_read_only(const char *lower, uint64_t attributes)
{
    char options[512];

    if (!make_empty_layer()) {
        fail(GUEST_STAGE_ROOT, errno, "overlay");
    }
    snprintf(options, sizeof(options), "lowerdir=%s:" EMPTY_LAYER ",xino=on," OPTIONS, lower);
    return filesystem_new("overlay", "overlay", options, attributes | MOUNT_ATTR_RDONLY);
}

size_t
overlay_layers(const struct overlay_layer **first)
{
    *first = layers;
    return layer_count;
}
