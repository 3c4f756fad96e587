/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/storage/storage-private.h"
#include "libvirt-sandbox/builder/home/home-private.h"
#include "libvirt-sandbox/builder/root/root-mount-private.h"
#include "libvirt-sandbox/builder/storage/scratch-private.h"
#include "libvirt-sandbox/builder/storage/staging-private.h"
#include "libvirt-sandbox/config/storage/disk.h"
#include "libvirt-sandbox/config/mounts/mount-host-bind.h"
#include "libvirt-sandbox/config/mounts/mount-host-image.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/util/error-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is known while the lists are made. */
typedef struct {
    GVirSandboxStorage *storage;
    const gchar *statedir;
    const GVirSandboxStorageServer *server;
    gchar *scratch; /* made when it is first needed */
    guint links;
} Preparation;

static void
bind_free(gpointer data)
{
    GVirSandboxStorageBind *bind = data;

    g_free(bind->source);
    g_free(bind->target);
    g_free(bind);
}

static void
include_free(gpointer data)
{
    GVirSandboxStorageInclude *include = data;

    g_free(include->source);
    g_free(include->target);
    g_free(include);
}

static void
image_free(gpointer data)
{
    GVirSandboxStorageImage *image = data;

    g_free(image->source);
    g_free(image->tag);
    g_free(image->target);
    g_free(image);
}

void
gvir_sandbox_storage_free(GVirSandboxStorage *storage)
{
    g_ptr_array_unref(storage->binds);
    g_ptr_array_unref(storage->includes);
    g_ptr_array_unref(storage->images);
    g_free(storage);
}

static gboolean
fits_xml(const gchar *path)
{
    const gchar *next = path;

    if (!g_utf8_validate(path, -1, NULL))
        return FALSE;
    for (; *next; next = g_utf8_next_char(next)) {
        gunichar character = g_utf8_get_char(next);

        if (character < 0x20 || (character >= 0x7f && character < 0xa0) || character >= 0xfffe)
            return FALSE;
    }
    return TRUE;
}

/* The way to @path, of whatever bytes that is: by a link, if it is none that XML can say. */
static gchar *
name_for_xml(Preparation *preparation, const gchar *path, GError **error)
{
    g_autofree gchar *link_path = NULL;

    if (fits_xml(path))
        return g_strdup(path);
    link_path = g_strdup_printf("%s/source.%u", preparation->statedir, preparation->links++);
    if (symlink(path, link_path) < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", link_path);
        return NULL;
    }
    return g_steal_pointer(&link_path);
}

/* A new directory in the scratch directory, which alone keeps others out of it. */
static gchar *
make_directory(Preparation *preparation, const gchar *kind, guint number, guint mode, GError **error)
{
    g_autofree gchar *path = NULL;

    if (!preparation->scratch)
        preparation->scratch = gvir_sandbox_scratch_make(preparation->statedir, GVIR_SANDBOX_SCRATCH_LINK, NULL,
                                                         preparation->server->gid, NULL, error);
    if (!preparation->scratch)
        return NULL;
    path = g_strdup_printf("%s/%s.%u", preparation->scratch, kind, number);
    if (g_mkdir(path, 0700) < 0 || g_chmod(path, mode) < 0 ||
        (preparation->server->uid != 0 && chown(path, preparation->server->uid, preparation->server->gid) < 0)) {
        gvir_sandbox_error_set_errno(error, errno, "%s", path);
        return NULL;
    }
    return g_steal_pointer(&path);
}

static gboolean
add_bind(Preparation *preparation, GVirSandboxConfigMount *mount, GError **error)
{
    GPtrArray *binds = preparation->storage->binds;
    gboolean temporary = gvir_sandbox_config_mount_is_temporary(mount);
    g_autofree gchar *source = NULL;
    GVirSandboxStorageBind *bind;

    if (temporary)
        source = make_directory(preparation, "temporary", binds->len, 0777, error);
    else
        source = name_for_xml(preparation,
                              gvir_sandbox_config_mount_file_get_source(GVIR_SANDBOX_CONFIG_MOUNT_FILE(mount)), error);
    if (!source)
        return FALSE;
    bind = g_new0(GVirSandboxStorageBind, 1);
    bind->source = g_steal_pointer(&source);
    bind->target = g_strdup(gvir_sandbox_config_mount_get_target(mount));
    bind->read_only = gvir_sandbox_config_mount_get_read_only(mount);
    bind->temporary = temporary;
    bind->is_file = !temporary && g_file_test(bind->source, G_FILE_TEST_IS_REGULAR);
    g_ptr_array_add(binds, bind);
    return TRUE;
}

static gboolean
add_includes(Preparation *preparation, GVirSandboxConfigMount *mount, GError **error)
{
    g_autoptr(GHashTable) includes = gvir_sandbox_config_mount_get_includes(mount);
    GPtrArray *staged = preparation->storage->includes;
    const gchar *target = gvir_sandbox_config_mount_get_target(mount);
    GVirSandboxStorageInclude *include;
    g_autofree gchar *source = NULL;

    if (g_hash_table_size(includes) == 0)
        return TRUE;
    source = make_directory(preparation, "include", staged->len, 0700, error);
    if (!source)
        return FALSE;
    if (!gvir_sandbox_staging_fill(source, includes, preparation->server, error))
        return gvir_sandbox_error_prefix(error, "mount %s", target);
    include = g_new0(GVirSandboxStorageInclude, 1);
    include->source = g_steal_pointer(&source);
    include->target = g_strdup(target);
    g_ptr_array_add(staged, include);
    return TRUE;
}

static const gchar *
format_name(GVirConfigDomainDiskFormat format)
{
    return gvir_sandbox_value_from_enum(GVIR_CONFIG_TYPE_DOMAIN_DISK_FORMAT, format);
}

static gboolean
is_block_device(const gchar *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISBLK(status.st_mode);
}

static void
add_image_mount(GPtrArray *images, GVirSandboxConfigMount *mount)
{
    GVirSandboxStorageImage *image = g_new0(GVirSandboxStorageImage, 1);

    image->source = g_strdup(gvir_sandbox_config_mount_file_get_source(GVIR_SANDBOX_CONFIG_MOUNT_FILE(mount)));
    image->format =
        format_name(gvir_sandbox_config_mount_host_image_get_format(GVIR_SANDBOX_CONFIG_MOUNT_HOST_IMAGE(mount)));
    image->block = is_block_device(image->source);
    image->target = g_strdup(gvir_sandbox_config_mount_get_target(mount));
    image->root = gvir_sandbox_root_is_target(image->target);
    image->read_only = image->root || gvir_sandbox_config_mount_get_read_only(mount);
    g_ptr_array_add(images, image);
}

static void
add_disk(GPtrArray *images, GVirSandboxConfigDisk *disk)
{
    GVirSandboxStorageImage *image = g_new0(GVirSandboxStorageImage, 1);

    image->source = g_strdup(gvir_sandbox_config_disk_get_source(disk));
    image->format = format_name(gvir_sandbox_config_disk_get_format(disk));
    image->block = gvir_sandbox_config_disk_get_disk_type(disk) == GVIR_CONFIG_DOMAIN_DISK_BLOCK;
    image->tag = g_strdup(gvir_sandbox_config_disk_get_tag(disk));
    g_ptr_array_add(images, image);
}

GPtrArray *
gvir_sandbox_storage_list_images(GVirSandboxConfig *config)
{
    GPtrArray *images = g_ptr_array_new_with_free_func(image_free);
    GList *mounts = gvir_sandbox_config_get_mounts_with_type(config, GVIR_SANDBOX_TYPE_CONFIG_MOUNT_HOST_IMAGE);
    GList *disks = gvir_sandbox_config_get_disks(config);

    for (GList *link = mounts; link; link = link->next)
        add_image_mount(images, link->data);
    for (GList *link = disks; link; link = link->next)
        add_disk(images, link->data);
    g_list_free_full(mounts, g_object_unref);
    g_list_free_full(disks, g_object_unref);
    return images;
}

static gboolean
name_images(Preparation *preparation, GError **error)
{
    GPtrArray *images = preparation->storage->images;

    for (guint i = 0; i < images->len; i++) {
        GVirSandboxStorageImage *image = g_ptr_array_index(images, i);
        gchar *name = name_for_xml(preparation, image->source, error);

        if (!name)
            return FALSE;
        g_free(image->source);
        image->source = name;
    }
    return TRUE;
}

static gboolean
fill(Preparation *preparation, GVirSandboxConfig *config, GError **error)
{
    GList *mounts = gvir_sandbox_config_get_mounts(config);
    g_autoptr(GVirSandboxConfigMount) home = gvir_sandbox_home_make_mount(config);
    gboolean filled = TRUE;

    for (GList *link = mounts; link && filled; link = link->next) {
        if (GVIR_SANDBOX_IS_CONFIG_MOUNT_HOST_BIND(link->data) &&
            !gvir_sandbox_root_is_target(gvir_sandbox_config_mount_get_target(link->data)))
            filled = add_bind(preparation, link->data, error);
        filled = filled && add_includes(preparation, link->data, error);
    }
    g_list_free_full(mounts, g_object_unref);
    return filled && (!home || add_includes(preparation, home, error)) && name_images(preparation, error);
}

GVirSandboxStorage *
gvir_sandbox_storage_prepare(GVirSandboxConfig *config, const gchar *statedir, const GVirSandboxStorageServer *server,
                             GError **error)
{
    g_autoptr(GVirSandboxStorage) storage = g_new0(GVirSandboxStorage, 1);
    Preparation preparation = { storage, statedir, server, NULL, 0 };
    gboolean filled;

    storage->binds = g_ptr_array_new_with_free_func(bind_free);
    storage->includes = g_ptr_array_new_with_free_func(include_free);
    storage->images = gvir_sandbox_storage_list_images(config);
    filled = fill(&preparation, config, error);
    g_free(preparation.scratch);
    return filled ? g_steal_pointer(&storage) : NULL;
}
