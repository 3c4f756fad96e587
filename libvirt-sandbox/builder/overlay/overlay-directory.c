/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/overlay/overlay-directory-private.h"
#include "libvirt-sandbox/util/file-lock-private.h"
#include "libvirt-sandbox/builder/overlay/overlay-image-private.h"
#include "libvirt-sandbox/builder/storage/scratch-private.h"
#include "libvirt-sandbox/util/trusted-directory-private.h"
#include "libvirt-sandbox/config/mounts/mount-host-bind.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/config/program/service.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/libvirt/xml-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Its lock; of no meaning to others, who cannot open it. */
#define LOCK_BYTE 0

static gboolean
check_writable(const gchar *directory, GError **error)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean writable = fd >= 0 && access(directory, W_OK | X_OK) == 0;

    if (!writable)
        gvir_sandbox_error_set_errno(error, errno, _("overlay %s"), directory);
    if (fd >= 0)
        close(fd);
    return writable;
}

static int
open_trusted(const gchar *directory, GError **error)
{
    int fd = gvir_sandbox_trusted_directory_open(directory, GVIR_SANDBOX_TRUSTED_SHARED, 0, NULL, error);

    if (fd < 0)
        gvir_sandbox_error_prefix(error, _("overlay %s"), directory);
    return fd;
}

/* Whether it is a sandbox's of ours, and that one runs. */
static gboolean
is_in_use(int parent, const gchar *name)
{
    struct stat status;
    gboolean used;
    int fd;

    if (!g_str_has_prefix(name, GVIR_SANDBOX_SCRATCH_PREFIX) ||
        fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0 || status.st_uid != geteuid())
        return FALSE;
    fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    used = fd >= 0 && gvir_sandbox_file_lock_of_others(fd, LOCK_BYTE) != F_UNLCK;
    if (fd >= 0)
        close(fd);
    return used;
}

/* Whether no sandbox has its layers in the directory @fd, but for the one whose directory is @own. */
static gboolean
check_alone(int fd, const gchar *directory, const gchar *own, GError **error)
{
    int listed = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = listed < 0 ? NULL : fdopendir(listed);
    gboolean alone = entries != NULL;
    const struct dirent *entry;

    if (!entries)
        gvir_sandbox_error_set_errno(error, errno, _("overlay %s"), directory);
    while (alone && (entry = readdir(entries)))
        alone = g_strcmp0(entry->d_name, own) == 0 || !is_in_use(fd, entry->d_name);
    if (entries && !alone)
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_BUSY,
                    _("overlay %s: another sandbox has its overlay there; give each a directory of its own"),
                    directory);
    if (entries)
        closedir(entries);
    else if (listed >= 0)
        close(listed);
    return alone;
}

static gboolean
check_trusted_and_alone(const gchar *directory, const gchar *own, GError **error)
{
    int fd = open_trusted(directory, error);
    gboolean good = fd >= 0 && check_alone(fd, directory, own, error);

    if (fd >= 0)
        close(fd);
    return good;
}

/* Whether @source is the directory @fd or one above it. */
static gboolean
is_at_or_above(const struct stat *source, int fd)
{
    int here = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    struct stat status, above;
    gboolean found = FALSE;

    while (here >= 0 && fstat(here, &status) == 0) {
        int next = openat(here, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        gboolean top =
            next < 0 || fstat(next, &above) < 0 || (above.st_dev == status.st_dev && above.st_ino == status.st_ino);

        found = status.st_dev == source->st_dev && status.st_ino == source->st_ino;
        close(here);
        here = next;
        if (found || top)
            break;
    }
    if (here >= 0)
        close(here);
    return found;
}

static gboolean
check_not_given(int fd, const gchar *directory, GVirSandboxConfigMount *mount, GError **error)
{
    struct stat status;

    if (gvir_sandbox_config_mount_get_read_only(mount) || gvir_sandbox_config_mount_is_temporary(mount) ||
        stat(gvir_sandbox_config_mount_file_get_source(GVIR_SANDBOX_CONFIG_MOUNT_FILE(mount)), &status) < 0 ||
        !is_at_or_above(&status, fd))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                _("overlay %s: the program could write there itself, by mount %s; "
                  "use a directory outside of it"),
                directory, gvir_sandbox_config_mount_get_target(mount));
    return FALSE;
}

/* What the program is given to write, it could exchange under our feet. */
static gboolean
check_out_of_reach(GVirSandboxConfig *config, const gchar *directory, GError **error)
{
    GList *mounts = gvir_sandbox_config_get_mounts_with_type(config, GVIR_SANDBOX_TYPE_CONFIG_MOUNT_HOST_BIND);
    int fd = open_trusted(directory, error);
    gboolean good = fd >= 0;

    for (GList *link = mounts; link && good; link = link->next)
        good = check_not_given(fd, directory, link->data, error);
    if (fd >= 0)
        close(fd);
    g_list_free_full(mounts, g_object_unref);
    return good;
}

gboolean
gvir_sandbox_overlay_directory_check(GVirSandboxConfig *config, GError **error)
{
    const gchar *directory = gvir_sandbox_config_get_overlay_dir(config);

    if (!directory)
        return TRUE;
    if (GVIR_SANDBOX_IS_CONFIG_SERVICE(config)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("overlay %s: a service keeps its overlay in memory only"), directory);
        return FALSE;
    }
    return gvir_sandbox_xml_check_path(_("overlay"), directory, error) && check_writable(directory, error) &&
           check_trusted_and_alone(directory, NULL, error) && check_out_of_reach(config, directory, error);
}

gboolean
gvir_sandbox_overlay_directory_check_layers(GVirSandboxConfig *config, GError **error)
{
    const gchar *directory = gvir_sandbox_config_get_overlay_dir(config);
    struct statfs status;

    if (!directory)
        return TRUE;
    if (statfs(directory, &status) < 0) {
        gvir_sandbox_error_set_errno(error, errno, _("overlay %s"), directory);
        return FALSE;
    }
    /* Asking for an attribute that is not there tells whether there could be one. */
    if (status.f_type != OVERLAYFS_SUPER_MAGIC &&
        (getxattr(directory, "trusted.overlay.opaque", NULL, 0) >= 0 || errno == ENODATA))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                _("overlay %s: its file system cannot keep the layers of an overlay; "
                  "use a directory on another, as ext4, xfs or tmpfs"),
                directory);
    return FALSE;
}

gboolean
gvir_sandbox_overlay_directory_check_image(GVirSandboxConfig *config, GError **error)
{
    const gchar *directory = gvir_sandbox_config_get_overlay_dir(config);

    return !directory || gvir_sandbox_overlay_image_check(directory, error) ||
           gvir_sandbox_error_prefix(error, _("overlay %s"), directory);
}

void
gvir_sandbox_overlay_directory_free(GVirSandboxOverlayDirectory *directory)
{
    if (directory->descriptor >= 0)
        close(directory->descriptor);
    g_free(directory->path);
    g_free(directory);
}

GVirSandboxOverlayDirectory *
gvir_sandbox_overlay_directory_new(GVirSandboxConfig *config, const gchar *statedir,
                                   const GVirSandboxStorageServer *server, GError **error)
{
    const gchar *base = gvir_sandbox_config_get_overlay_dir(config);
    g_autoptr(GVirSandboxOverlayDirectory) directory = NULL;

    if (!base)
        return NULL;
    directory = g_new0(GVirSandboxOverlayDirectory, 1);
    directory->descriptor = -1;
    directory->path = gvir_sandbox_scratch_make(statedir, GVIR_SANDBOX_SCRATCH_OVERLAY, base, server->gid,
                                                &directory->descriptor, error);
    if (!directory->path) {
        gvir_sandbox_error_prefix(error, _("overlay %s"), base);
        return NULL;
    }
    /* Locked first, so that of two at the same time at least one sees the other. */
    gvir_sandbox_file_lock(directory->descriptor, F_RDLCK, LOCK_BYTE);
    if (!check_trusted_and_alone(base, strrchr(directory->path, '/') + 1, error))
        return NULL;
    return g_steal_pointer(&directory);
}

gboolean
gvir_sandbox_overlay_directory_add_image(const GVirSandboxOverlayDirectory *directory,
                                         const GVirSandboxStorageServer *server, GVirSandboxStorage *storage,
                                         GError **error)
{
    GVirSandboxStorageImage *image;
    const gchar *name;

    if (!directory)
        return TRUE;
    name = gvir_sandbox_overlay_image_make(directory->descriptor, server->uid, server->gid, error);
    if (!name)
        return gvir_sandbox_error_prefix(error, _("overlay %s"), directory->path);
    image = g_new0(GVirSandboxStorageImage, 1);
    image->source = g_build_filename(directory->path, name, NULL);
    image->format = "raw";
    image->overlay = TRUE;
    g_ptr_array_add(storage->images, image);
    return TRUE;
}
