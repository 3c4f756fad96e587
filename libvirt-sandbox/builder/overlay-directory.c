/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/overlay-directory-private.h"
#include "libvirt-sandbox/builder/domain-xml-private.h"
#include "libvirt-sandbox/builder/overlay-image-private.h"
#include "libvirt-sandbox/builder/scratch-private.h"
#include "libvirt-sandbox/config/service.h"
#include "libvirt-sandbox/error-private.h"
#include "libvirt-sandbox/i18n-private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

static int
open_directory(const gchar *directory, GError **error)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0 && access(directory, W_OK | X_OK) < 0) {
        int saved_errno = errno;

        close(fd);
        errno = saved_errno;
        fd = -1;
    }
    if (fd < 0)
        gvir_sandbox_error_set_errno(error, errno, _("overlay %s"), directory);
    return fd;
}

/* An advisory lock on the directory itself; the kernel lets go of it with us. */
static gboolean
lock_directory(int fd, const gchar *directory, GError **error)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return TRUE;
    if (errno == EWOULDBLOCK)
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_BUSY,
                    _("overlay %s: another sandbox has its overlay there; give each a directory of its own"),
                    directory);
    else
        gvir_sandbox_error_set_errno(error, errno, _("overlay %s: lock"), directory);
    return FALSE;
}

static int
open_locked(const gchar *directory, GError **error)
{
    int fd = open_directory(directory, error);

    if (fd < 0 || lock_directory(fd, directory, error))
        return fd;
    close(fd);
    return -1;
}

gboolean
gvir_sandbox_overlay_directory_check(GVirSandboxConfig *config, GError **error)
{
    const gchar *directory = gvir_sandbox_config_get_overlay_dir(config);
    int fd;

    if (!directory)
        return TRUE;
    if (GVIR_SANDBOX_IS_CONFIG_SERVICE(config)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("overlay %s: a service keeps its overlay in memory only"), directory);
        return FALSE;
    }
    if (!gvir_sandbox_domain_xml_check_path(_("overlay"), directory, error))
        return FALSE;
    fd = open_locked(directory, error);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
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
    if (directory->lock >= 0)
        close(directory->lock);
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
    directory->lock = open_locked(base, error);
    if (directory->lock >= 0)
        directory->path =
            gvir_sandbox_scratch_make(statedir, GVIR_SANDBOX_SCRATCH_OVERLAY, base, server->gid, error);
    return directory->path ? g_steal_pointer(&directory) : NULL;
}

gboolean
gvir_sandbox_overlay_directory_add_image(const GVirSandboxOverlayDirectory *directory,
                                         const GVirSandboxStorageServer *server,
                                         GVirSandboxStorage *storage, GError **error)
{
    GVirSandboxStorageImage *image;
    gchar *file;

    if (!directory)
        return TRUE;
    file = gvir_sandbox_overlay_image_make(directory->path, server->uid, server->gid, error);
    if (!file)
        return gvir_sandbox_error_prefix(error, _("overlay %s"), directory->path);
    image = g_new0(GVirSandboxStorageImage, 1);
    image->source = file;
    image->format = "raw";
    image->overlay = TRUE;
    g_ptr_array_add(storage->images, image);
    return TRUE;
}
