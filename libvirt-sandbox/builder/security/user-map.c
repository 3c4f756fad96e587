/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/security/user-map-private.h"
#include "libvirt-sandbox/builder/root/host-submounts-private.h"
#include "libvirt-sandbox/builder/root/root-mount-private.h"
#include "libvirt-sandbox/config/mounts/mount-file.h"
#include "libvirt-sandbox/config/mounts/mount-host-bind.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/util/text-private.h"
#include "libvirt-sandbox/guest/superblock.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The map. Users below 65536 are what nearly all programs run as, and the kernel counts for each user what it lets
 * him have: pipes, pending signals, watches, keys. So they get one of 1024 blocks, by chance, and sandboxes do not
 * use up each other's. Users above, of directories with millions of them, are the same in all sandboxes: there is
 * room for one more of each only.
 *
 *   inside               to the kernel
 *   0 … 0xffff           0x78000000 + 0x10000 * BLOCK …      2013265920 … 2080374783
 *   0x10000 … 0x7ffffffe 0x80010000 … 0xfffffffe             2147549184 … 4294967294
 *
 * Nobody else gives out these numbers: subordinate ones end at 600100000 (shadow), the containers of systemd at
 * 1879048191, what sssd makes of Windows domains at 2000200000, and beyond 2147483647 there are none. So nothing has
 * to be reserved in /etc/subuid, which is read only for users who map without being root. The blocks end below
 * 2147483648 because file systems of older kernels take no larger number as an option.
 */
#define USERS_PER_BLOCK 0x10000u
#define BLOCK_COUNT 1024
#define BLOCKS_START 0x78000000u
#define OTHERS_START (0x80000000u + USERS_PER_BLOCK)
#define OTHERS_COUNT (0x7fffffffu - USERS_PER_BLOCK)
#define USERS_END (USERS_PER_BLOCK + OTHERS_COUNT)

/* With this one an overlay can have layers whose owners are mapped. */
#define KERNEL_VERSION 5
#define KERNEL_RELEASE 19

/* The file systems of images, whose owners can be mapped from a kernel on. What is mounted already is tried. */
static const struct {
    const gchar *type;
    guint version, release;
} types[] = {
    { "ext4", 5, 12 }, { "xfs", 5, 12 }, { "vfat", 5, 12 }, { "btrfs", 5, 15 }, { "squashfs", 6, 2 },
};

static gboolean
kernel_is_at_least(guint version, guint release)
{
    guint running_version = 0, running_release = 0;
    struct utsname name;

    return uname(&name) == 0 && sscanf(name.release, "%u.%u", &running_version, &running_release) == 2 &&
           (running_version > version || (running_version == version && running_release >= release));
}

static gchar *
check_image(const GVirSandboxStorageImage *image)
{
    int fd = image->target ? open(image->source, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
    const gchar *type = fd < 0 ? NULL : guest_superblock_type(fd);
    g_autofree gchar *shown = gvir_sandbox_text_show(image->source);

    if (fd >= 0)
        close(fd);
    if (!type)
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_str_equal(type, types[i].type) && kernel_is_at_least(types[i].version, types[i].release))
            return NULL;
    }
    return g_strdup_printf(_("%s: this kernel cannot map the owners of a %s file system"), shown, type);
}

static gboolean
write_map(pid_t pid, const gchar *kind)
{
    g_autofree gchar *path = g_strdup_printf("/proc/%d/%s_map", pid, kind);
    g_autofree gchar *map = g_strdup_printf("0 %u %u\n%u %u %u\n", BLOCKS_START, USERS_PER_BLOCK, USERS_PER_BLOCK,
                                            OTHERS_START, OTHERS_COUNT);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    gboolean written = fd >= 0 && write(fd, map, strlen(map)) == (gssize)strlen(map);
    int saved_errno = errno;

    if (fd >= 0)
        close(fd);
    errno = saved_errno;
    return written;
}

static int
open_mapped_namespace_of(pid_t pid)
{
    g_autofree gchar *path = g_strdup_printf("/proc/%d/ns/user", pid);

    return write_map(pid, "uid") && write_map(pid, "gid") ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

/* Has the namespace until it is killed, or its parent dies. */
static void G_GNUC_NORETURN
hold_namespace(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (getppid() == parent)
        pause();
    _exit(0);
}

/* Several threads may do this at the same time. The child sends no signal, so that nobody else waits for it. */
static int
open_mapped_namespace(void)
{
    struct clone_args arguments = { .flags = CLONE_NEWUSER };
    pid_t parent = getpid();
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
    int namespace, saved_errno;

    if (pid == 0)
        hold_namespace(parent);
    if (pid < 0)
        return -1;
    namespace = open_mapped_namespace_of(pid);
    saved_errno = errno;
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
        ;
    errno = saved_errno;
    return namespace;
}

/* Tries it with a mount of its own, which is attached nowhere. What is not there is for others to say. */
static gboolean
is_mappable(int namespace, int directory, const gchar *path)
{
    struct mount_attr change = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (guint64) namespace };
    int mount = open_tree(directory, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
    gboolean able = mount < 0 || mount_setattr(mount, "", AT_EMPTY_PATH, &change, sizeof(change)) == 0;

    if (mount >= 0)
        close(mount);
    return able;
}

static gchar *
check_path(int namespace, const gchar *path)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(path);

    return is_mappable(namespace, AT_FDCWD, path)
               ? NULL
               : g_strdup_printf(_("the owners of its file system cannot be mapped: %s"), shown);
}

static gboolean
is_submount_mappable(int namespace, int root, const GVirSandboxHostSubmount *submount)
{
    int fd = gvir_sandbox_host_submount_open(root, submount);
    gboolean able = fd < 0 || is_mappable(namespace, fd, "");

    if (fd >= 0)
        close(fd);
    return able;
}

static gchar *
check_paths(const gchar *const *paths)
{
    int namespace = open_mapped_namespace();
    gchar *obstacle = NULL;

    if (namespace < 0)
        return g_strdup_printf(_("a user namespace: %s"), g_strerror(errno));
    for (gsize i = 0; paths[i] && !obstacle; i++)
        obstacle = check_path(namespace, paths[i]);
    close(namespace);
    return obstacle;
}

static gchar *
check_user(GVirSandboxConfig *config)
{
    guint uid = gvir_sandbox_config_get_userid(config), gid = gvir_sandbox_config_get_groupid(config);

    return MAX(uid, gid) < USERS_END ? NULL
                                     : g_strdup_printf(_("there is no room to map user or group %u"), MAX(uid, gid));
}

gchar *
gvir_sandbox_user_map_find_obstacle(GVirSandboxConfig *config, const gchar *const *paths, const GPtrArray *images)
{
    gchar *obstacle = check_user(config);

    if (!obstacle && geteuid() != 0)
        obstacle = g_strdup(_("only root can try whether they can be mapped"));
    if (!obstacle && !kernel_is_at_least(KERNEL_VERSION, KERNEL_RELEASE))
        obstacle = g_strdup_printf(_("the kernel is older than %d.%d"), KERNEL_VERSION, KERNEL_RELEASE);
    for (guint i = 0; i < images->len && !obstacle; i++)
        obstacle = check_image(g_ptr_array_index(images, i));
    return obstacle ? obstacle : check_paths(paths);
}

gchar *
gvir_sandbox_user_map_find_obstacle_in_config(GVirSandboxConfig *config)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) images = gvir_sandbox_storage_list_images(config);
    GList *mounts = gvir_sandbox_config_get_mounts_with_type(config, GVIR_SANDBOX_TYPE_CONFIG_MOUNT_HOST_BIND);
    gchar *root = gvir_sandbox_root_dup_directory(config);

    if (root)
        g_ptr_array_add(paths, root);
    for (GList *link = mounts; link; link = link->next) {
        if (!gvir_sandbox_config_mount_is_temporary(link->data))
            g_ptr_array_add(paths, g_strdup(gvir_sandbox_config_mount_file_get_source(link->data)));
    }
    g_list_free_full(mounts, g_object_unref);
    g_ptr_array_add(paths, NULL);
    return gvir_sandbox_user_map_find_obstacle(config, (const gchar *const *)paths->pdata, images);
}

gchar *
gvir_sandbox_user_map_find_unmapped(GVirSandboxConfig *config)
{
    g_autofree gchar *root = gvir_sandbox_root_dup_directory(config);
    g_autoptr(GPtrArray) submounts = root ? gvir_sandbox_host_submounts_list(root, NULL) : NULL;
    g_autoptr(GString) unmapped = g_string_new(NULL);
    int namespace = submounts ? open_mapped_namespace() : -1;
    int directory = submounts ? gvir_sandbox_host_submounts_open_root(root) : -1;

    for (guint i = 0; namespace >= 0 && i < submounts->len; i++) {
        const GVirSandboxHostSubmount *submount = g_ptr_array_index(submounts, i);
        g_autofree gchar *shown = gvir_sandbox_text_show(submount->path);

        if (!is_submount_mappable(namespace, directory, submount))
            g_string_append_printf(unmapped, "%s%s", unmapped->len > 0 ? ", " : "", shown);
    }
    if (namespace >= 0)
        close(namespace);
    if (directory >= 0)
        close(directory);
    return unmapped->len > 0 ? g_string_free(g_steal_pointer(&unmapped), FALSE) : NULL;
}

void
gvir_sandbox_user_map_append(struct guest_manifest_text *text)
{
    g_autofree gchar *block =
        g_strdup_printf("%u", BLOCKS_START + USERS_PER_BLOCK * (guint)g_random_int_range(0, BLOCK_COUNT));
    g_autofree gchar *block_size = g_strdup_printf("%u", USERS_PER_BLOCK);
    g_autofree gchar *others = g_strdup_printf("%u", OTHERS_START);
    g_autofree gchar *others_count = g_strdup_printf("%u", OTHERS_COUNT);

    guest_manifest_append(text, GUEST_WORD_USERS, "0", block, block_size, NULL);
    guest_manifest_append(text, GUEST_WORD_USERS, block_size, others, others_count, NULL);
}
