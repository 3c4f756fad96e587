/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/run-initrd-private.h"

#include "libvirt-sandbox/builder/boot/initrd-archive-private.h"
#include "libvirt-sandbox/guest/manifest.h"
#include "libvirt-sandbox/util/file-write-private.h"

#include <glib/gstdio.h>
#include <unistd.h>

/* The kernel unpacks one cpio after the other. */
static gboolean
append_manifest(int fd, const gchar *path, const gchar *manifest, gsize length, GError **error)
{
    g_autoptr(GVirSandboxInitrdArchive) archive = gvir_sandbox_initrd_archive_new(fd, path, error);

    return archive &&
           gvir_sandbox_initrd_archive_add_file(archive, &GUEST_MANIFEST_PATH[1], 0600, manifest, length, error) &&
           gvir_sandbox_initrd_archive_finish(archive, error);
}

gboolean
gvir_sandbox_boot_image_write_run_initrd(const GVirSandboxBootImage *image, const gchar *manifest,
                                         gsize manifest_length, const gchar *path, GError **error)
{
    int fd = gvir_sandbox_file_create(path, 0600, error);
    gboolean fine;

    if (fd < 0)
        return FALSE;
    fine = gvir_sandbox_file_copy_fd(image->initrd, fd, path, error) &&
           append_manifest(fd, path, manifest, manifest_length, error);
    close(fd);
    if (!fine)
        g_unlink(path);
    return fine;
}
