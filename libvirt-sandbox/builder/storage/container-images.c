/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/storage/container-images-private.h"
#include "libvirt-sandbox/builder/storage/disk-name-private.h"
#include "libvirt-sandbox/builder/storage/host-filesystem-private.h"
#include "libvirt-sandbox/builder/storage/image-lock-private.h"
#include "libvirt-sandbox/builder/storage/loop-device-private.h"
#include "libvirt-sandbox/guest/superblock.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/libvirt/xml-private.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define NAME_PREFIX "sd"

typedef struct {
    gchar *device; /* on the host */
    gchar *tag;
    gchar *target;
    gboolean root;
    gboolean read_only;
    GVirSandboxLoopDevice *loop; /* where the image is a file */
    int lock;
} Image;

struct _GVirSandboxContainerImages {
    GPtrArray *list;
};

static void
image_free(gpointer data)
{
    Image *image = data;

    /* The loop device first: closing it can still write. */
    g_clear_pointer(&image->loop, gvir_sandbox_loop_device_free);
    if (image->lock >= 0)
        close(image->lock);
    g_free(image->device);
    g_free(image->tag);
    g_free(image->target);
    g_free(image);
}

void
gvir_sandbox_container_images_free(GVirSandboxContainerImages *images)
{
    g_ptr_array_unref(images->list);
    g_free(images);
}

static gboolean
check_format(const GVirSandboxStorageImage *image, GError **error)
{
    if (g_str_equal(image->format, "raw"))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                _("%s: a container can use raw images only, which the host's kernel reads, "
                  "and this is a %s image; use a qemu connection, convert it with qemu-img, "
                  "or export it as raw with qemu-storage-daemon"),
                image->source, image->format);
    return FALSE;
}

static gboolean
check_kernel(const GVirSandboxStorageImage *image, GError **error)
{
    int fd = image->target ? open(image->source, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
    const gchar *type = fd < 0 ? NULL : guest_superblock_type(fd);

    if (fd >= 0)
        close(fd);
    if (!type || gvir_sandbox_host_has_file_system(type))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                _("%s: this host's kernel, which is the container's, has no %s file system; "
                  "use a qemu connection"),
                image->source, type);
    return FALSE;
}

gboolean
gvir_sandbox_container_images_check(GVirSandboxConfig *config, GError **error)
{
    g_autoptr(GPtrArray) images = gvir_sandbox_storage_list_images(config);

    for (guint i = 0; i < images->len; i++) {
        const GVirSandboxStorageImage *image = g_ptr_array_index(images, i);

        if (!check_format(image, error) || !check_kernel(image, error))
            return image->tag ? gvir_sandbox_error_prefix(error, _("disk %s"), image->tag)
                              : gvir_sandbox_error_prefix(error, _("mount %s"), image->target);
    }
    return TRUE;
}

static gboolean
attach(GVirSandboxContainerImages *images, const GVirSandboxStorageImage *wanted, GError **error)
{
    Image *image = g_new0(Image, 1);

    g_ptr_array_add(images->list, image);
    image->lock = -1;
    image->tag = g_strdup(wanted->tag);
    image->target = g_strdup(wanted->target);
    image->root = wanted->root;
    image->read_only = wanted->read_only;
    if (!gvir_sandbox_image_lock(wanted->source, wanted->read_only, &image->lock, error))
        return FALSE;
    if (wanted->block) {
        image->device = g_strdup(wanted->source);
        return TRUE;
    }
    image->loop = gvir_sandbox_loop_device_new(wanted->source, wanted->read_only, error);
    if (!image->loop)
        return FALSE;
    image->device = g_strdup(image->loop->path);
    return TRUE;
}

GVirSandboxContainerImages *
gvir_sandbox_container_images_attach(const GVirSandboxStorage *storage, GError **error)
{
    g_autoptr(GVirSandboxContainerImages) images = g_new0(GVirSandboxContainerImages, 1);

    images->list = g_ptr_array_new_with_free_func(image_free);
    for (guint i = 0; i < storage->images->len; i++) {
        if (!attach(images, g_ptr_array_index(storage->images, i), error))
            return NULL;
    }
    return g_steal_pointer(&images);
}

void
gvir_sandbox_container_images_append(GString *xml, const GVirSandboxContainerImages *images)
{
    for (guint i = 0; i < images->list->len; i++) {
        const Image *image = g_ptr_array_index(images->list, i);
        g_autofree gchar *name = gvir_sandbox_disk_name(NAME_PREFIX, i);

        gvir_sandbox_xml_append(xml, "<disk type='block' device='disk'><source dev='%s'/><target dev='%s' bus='scsi'/>",
                                image->device, name);
        if (image->read_only)
            g_string_append(xml, "<readonly/>");
        g_string_append(xml, "</disk>");
    }
}

void
gvir_sandbox_container_images_append_manifest(struct guest_manifest_text *text,
                                              const GVirSandboxContainerImages *images)
{
    for (guint i = 0; i < images->list->len; i++) {
        const Image *image = g_ptr_array_index(images->list, i);
        g_autofree gchar *name = gvir_sandbox_disk_name("/dev/" NAME_PREFIX, i);

        if (image->tag)
            guest_manifest_append(text, GUEST_WORD_DISK, image->tag, name, NULL);
        else if (image->root)
            guest_manifest_append(text, GUEST_WORD_ROOT, "image", name, "", "ro", NULL);
        else
            guest_manifest_append(text, GUEST_WORD_MOUNT, "image", image->target, name, "",
                                  image->read_only ? "ro" : "rw", NULL);
    }
}
