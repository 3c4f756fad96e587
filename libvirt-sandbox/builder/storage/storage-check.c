/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/storage/storage-check-private.h"
#include "libvirt-sandbox/builder/storage/storage-private.h"
#include "libvirt-sandbox/builder/home/home-private.h"
#include "libvirt-sandbox/builder/storage/image-lock-private.h"
#include "libvirt-sandbox/config/mounts/mount-host-bind.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/util/text-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/guest/superblock.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
check_bind(GVirSandboxConfigMount *mount, GError **error)
{
    const gchar *source = gvir_sandbox_config_mount_file_get_source(GVIR_SANDBOX_CONFIG_MOUNT_FILE(mount));
    g_autofree gchar *shown = gvir_sandbox_text_show(source);
    struct stat status;

    if (stat(source, &status) < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", shown);
        return FALSE;
    }
    if (S_ISDIR(status.st_mode) || S_ISREG(status.st_mode))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, _("%s: neither a directory nor a file"), shown);
    return FALSE;
}

static gboolean
check_include(const gchar *target, const gchar *source, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(source);
    struct stat status;

    if (stat(source, &status) < 0 || access(source, R_OK) < 0) {
        gvir_sandbox_error_set_errno(error, errno, _("include %s"), shown);
        return FALSE;
    }
    if (!S_ISDIR(status.st_mode) && target[strspn(target, "/.")] == '\0') {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                    _("include %s: it is not a directory, which the mount is"), shown);
        return FALSE;
    }
    return TRUE;
}

static gboolean
check_includes(GVirSandboxConfigMount *mount, GError **error)
{
    g_autoptr(GHashTable) includes = gvir_sandbox_config_mount_get_includes(mount);
    gpointer target, source;
    GHashTableIter iter;

    if (g_hash_table_size(includes) > 0 && !gvir_sandbox_config_mount_is_temporary(mount)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                    _("files are included, but it is not temporary: "
                      "only ram and host-bind without a source are"));
        return FALSE;
    }
    g_hash_table_iter_init(&iter, includes);
    while (g_hash_table_iter_next(&iter, &target, &source)) {
        if (!check_include(target, source, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_mount(GVirSandboxConfigMount *mount, GError **error)
{
    gboolean has_source =
        GVIR_SANDBOX_IS_CONFIG_MOUNT_HOST_BIND(mount) && !gvir_sandbox_config_mount_is_temporary(mount);

    return ((!has_source || check_bind(mount, error)) && check_includes(mount, error)) ||
           gvir_sandbox_error_prefix(error, _("mount %s"), gvir_sandbox_config_mount_get_target(mount));
}

static gboolean
check_mounts(GVirSandboxConfig *config, GError **error)
{
    GList *mounts = gvir_sandbox_config_get_mounts(config);
    g_autoptr(GVirSandboxConfigMount) home = gvir_sandbox_home_make_mount(config);
    gboolean good = TRUE;

    for (GList *link = mounts; link && good; link = link->next)
        good = check_mount(link->data, error);
    g_list_free_full(mounts, g_object_unref);
    return good && (!home || check_includes(home, error) || gvir_sandbox_error_prefix(error, "home"));
}

static gboolean
check_image_type(const GVirSandboxStorageImage *image, const gchar *shown, struct stat *status, GError **error)
{
    const gchar *what;

    if (stat(image->source, status) < 0 || access(image->source, image->read_only ? R_OK : R_OK | W_OK) < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", shown);
        return FALSE;
    }
    if (image->block ? S_ISBLK(status->st_mode) : S_ISREG(status->st_mode))
        return TRUE;
    what = image->block ? _("it is not a block device; use file:") : _("it is not a file");
    if (!image->block && S_ISBLK(status->st_mode))
        what = _("it is a block device; use block:");
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, "%s: %s", shown, what);
    return FALSE;
}

static gboolean
is_same(const struct stat *a, const struct stat *b)
{
    if (S_ISBLK(a->st_mode) && S_ISBLK(b->st_mode))
        return a->st_rdev == b->st_rdev;
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Two writers destroy an image, and a reader beside a writer reads nonsense. */
static gboolean
check_alone(GPtrArray *images, guint number, const struct stat *status, const gchar *shown, GError **error)
{
    const GVirSandboxStorageImage *image = g_ptr_array_index(images, number);

    for (guint i = 0; i < number; i++) {
        const GVirSandboxStorageImage *other = g_ptr_array_index(images, i);
        struct stat other_status;

        if ((image->read_only && other->read_only) || stat(other->source, &other_status) < 0 ||
            !is_same(status, &other_status))
            continue;
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                    _("%s: it is used twice; only what is mounted ro each time can be"), shown);
        return FALSE;
    }
    return TRUE;
}

/* Of the other formats only the guest sees the content. */
static gboolean
check_file_system(const GVirSandboxStorageImage *image, const gchar *shown, GError **error)
{
    const gchar *type;
    int fd;

    if (!image->target || !g_str_equal(image->format, "raw"))
        return TRUE;
    fd = open(image->source, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", shown);
        return FALSE;
    }
    type = guest_superblock_type(fd);
    close(fd);
    if (type)
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                _("%s: it holds no file system that can be mounted, which are %s"), shown, GUEST_SUPERBLOCK_TYPES);
    return FALSE;
}

static gboolean
check_image(GPtrArray *images, guint number, GError **error)
{
    const GVirSandboxStorageImage *image = g_ptr_array_index(images, number);
    g_autofree gchar *shown = gvir_sandbox_text_show(image->source);
    struct stat status;

    if (check_image_type(image, shown, &status, error) && check_alone(images, number, &status, shown, error) &&
        check_file_system(image, shown, error) && gvir_sandbox_image_lock(image->source, image->read_only, NULL, error))
        return TRUE;
    return image->tag ? gvir_sandbox_error_prefix(error, _("disk %s"), image->tag)
                      : gvir_sandbox_error_prefix(error, _("mount %s"), image->target);
}

static gboolean
check_images(GVirSandboxConfig *config, GError **error)
{
    g_autoptr(GPtrArray) images = gvir_sandbox_storage_list_images(config);

    for (guint i = 0; i < images->len; i++) {
        if (!check_image(images, i, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
gvir_sandbox_storage_check(GVirSandboxConfig *config, GError **error)
{
    return check_mounts(config, error) && check_images(config, error);
}
