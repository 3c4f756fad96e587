/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/machine-storage-private.h"

#include "libvirt-sandbox/builder/export/machine-export-private.h"
#include "libvirt-sandbox/builder/storage/disk-name-private.h"
#include "libvirt-sandbox/builder/root/root-mount-private.h"
#include "libvirt-sandbox/builder/security/security-label-private.h"
#include "libvirt-sandbox/util/user-access-private.h"
#include "libvirt-sandbox/config/mounts/mount-host-bind.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/util/text-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/libvirt/xml-private.h"

#include <errno.h>
#include <sys/xattr.h>
#include <unistd.h>

/* The last one that a machine has for us: behind it is its LPC bridge. */
#define SLOT_LAST 30
#define FUNCTIONS 8

/* Loaded from the start, beside what every machine has. */
static const gchar *const image_modules[] = { "virtio_blk", NULL };

/* A type of file system and the modules that it may need, loaded when an image of it is found. */
static const gchar *const file_systems[] = {
    "ext4 ext4",
    "xfs xfs",
    "btrfs btrfs",
    "vfat vfat nls_cp437 nls_ascii nls_utf8 nls_iso8859_1",
    "squashfs squashfs",
    "iso9660 isofs nls_utf8",
    NULL,
};

void
gvir_sandbox_machine_slots_init(GVirSandboxMachineSlots *slots, guint first, guint count)
{
    slots->packed = first + count > SLOT_LAST + 1;
    slots->next = slots->packed ? first * FUNCTIONS : first;
}

void
gvir_sandbox_machine_slots_append(GVirSandboxMachineSlots *slots, GString *xml)
{
    guint slot = slots->packed ? slots->next / FUNCTIONS : slots->next;
    guint function = slots->packed ? slots->next % FUNCTIONS : 0;

    gvir_sandbox_xml_append(
        xml, "<address type='pci' domain='0x0000' bus='0x00' slot='0x%02x' function='0x%x' multifunction='%s'/>", slot,
        function, slots->packed && function == 0 ? "on" : "off");
    slots->next++;
}

guint
gvir_sandbox_machine_storage_count(const GVirSandboxStorage *storage)
{
    return storage->binds->len + storage->includes->len + storage->images->len;
}

/* By which the guest knows a disk: the letters it gives them are in no order that was promised. */
static gchar *
image_serial(guint number)
{
    return g_strdup_printf("image%u", number);
}

/* Whether QEMU can note there who owns a file in the guest. */
static gboolean
takes_attributes(const gchar *directory)
{
    static const gchar name[] = "user.libvirt-sandbox";

    return setxattr(directory, name, "", 0, 0) == 0 && removexattr(directory, name) == 0;
}

/* Only a read-only export shows owners as they are without being able to set them. */
static const gchar *
access_mode(const GVirSandboxStorageBind *share)
{
    if (share->temporary && takes_attributes(share->source))
        return "mapped";
    return gvir_sandbox_machine_export_bind_is_read_only(share) ? "passthrough" : "squash";
}

void
gvir_sandbox_machine_storage_append_directory(GString *xml, const GVirSandboxExport *export, const gchar *mode,
                                              const gchar *source, const gchar *tag, gboolean read_only,
                                              GVirSandboxMachineSlots *slots)
{
    g_autofree gchar *path = gvir_sandbox_export_path(export, tag, source);

    gvir_sandbox_xml_append(
        xml, "<filesystem type='mount' accessmode='%s' multidevs='remap'><source dir='%s'/><target dir='%s'/>", mode,
        path, tag);
    if (read_only)
        g_string_append(xml, "<readonly/>");
    gvir_sandbox_machine_slots_append(slots, xml);
    g_string_append(xml, "</filesystem>");
}

static void
append_image(GString *xml, const GVirSandboxStorageImage *image, guint number, GVirSandboxMachineSlots *slots)
{
    g_autofree gchar *serial = image_serial(number);
    g_autofree gchar *name = gvir_sandbox_disk_name("vd", number);

    /* A machine whose disk is full on the host is told so: by default QEMU stops it. */
    gvir_sandbox_xml_append(xml, "<disk type='%s' device='disk'><driver name='qemu' type='%s' error_policy='report'",
                            image->block ? "block" : "file", image->format);
    /* Nobody has anything of it after a crash. */
    g_string_append(xml, image->overlay ? " cache='unsafe'/>" : "/>");
    gvir_sandbox_xml_append(xml, image->block ? "<source dev='%s'/>" : "<source file='%s'/>", image->source);
    gvir_sandbox_xml_append(xml, "<target dev='%s' bus='virtio'/><serial>%s</serial>", name, serial);
    if (image->read_only)
        g_string_append(xml, "<readonly/>");
    gvir_sandbox_machine_slots_append(slots, xml);
    g_string_append(xml, "</disk>");
}

void
gvir_sandbox_machine_storage_append(GString *xml, const GVirSandboxStorage *storage, const GVirSandboxExport *export,
                                    GVirSandboxMachineSlots *slots)
{
    for (guint i = 0; i < storage->binds->len; i++) {
        const GVirSandboxStorageBind *share = g_ptr_array_index(storage->binds, i);
        g_autofree gchar *tag = gvir_sandbox_machine_export_bind_tag(i);

        gboolean read_only = gvir_sandbox_machine_export_bind_is_read_only(share);

        gvir_sandbox_machine_storage_append_directory(xml, export, access_mode(share), share->source, tag, read_only,
                                                      slots);
    }
    for (guint i = 0; i < storage->includes->len; i++) {
        const GVirSandboxStorageInclude *include = g_ptr_array_index(storage->includes, i);
        g_autofree gchar *tag = gvir_sandbox_machine_export_include_tag(i);

        gvir_sandbox_machine_storage_append_directory(xml, export, "passthrough", include->source, tag, TRUE, slots);
    }
    for (guint i = 0; i < storage->images->len; i++)
        append_image(xml, g_ptr_array_index(storage->images, i), i, slots);
}

static const gchar *
write_mode(gboolean read_only)
{
    return read_only ? "ro" : "rw";
}

static void
append_binds(struct guest_manifest_text *text, const GVirSandboxStorage *storage, const gchar *options)
{
    /* What both sides may change is not kept by the guest, but for what is mapped into memory; and what it
     * keeps it writes by the page, which is slow. */
    g_autofree gchar *written = g_strconcat(options, "cache=mmap", NULL);
    g_autofree gchar *read = g_strconcat(options, "cache=loose", NULL);

    for (guint i = 0; i < storage->binds->len; i++) {
        const GVirSandboxStorageBind *share = g_ptr_array_index(storage->binds, i);
        g_autofree gchar *tag = gvir_sandbox_machine_export_bind_tag(i);

        guest_manifest_append(text, GUEST_WORD_MOUNT, share->is_file ? "9p-file" : "9p", share->target, tag, written,
                              write_mode(share->read_only), NULL);
    }
    for (guint i = 0; i < storage->includes->len; i++) {
        const GVirSandboxStorageInclude *include = g_ptr_array_index(storage->includes, i);
        g_autofree gchar *tag = gvir_sandbox_machine_export_include_tag(i);

        guest_manifest_append(text, GUEST_WORD_INCLUDE, "9p", include->target, tag, read, NULL);
    }
}

void
gvir_sandbox_machine_storage_append_manifest(struct guest_manifest_text *text, const GVirSandboxStorage *storage,
                                             const gchar *options)
{
    append_binds(text, storage, options);
    for (guint i = 0; i < storage->images->len; i++) {
        const GVirSandboxStorageImage *image = g_ptr_array_index(storage->images, i);
        g_autofree gchar *serial = image_serial(i);

        if (image->overlay)
            continue;
        if (image->tag)
            guest_manifest_append(text, GUEST_WORD_DISK, image->tag, serial, NULL);
        else if (image->root)
            guest_manifest_append(text, GUEST_WORD_ROOT, "image", serial, "", "ro", NULL);
        else
            guest_manifest_append(text, GUEST_WORD_MOUNT, "image", image->target, serial, "",
                                  write_mode(image->read_only), NULL);
    }
}

gchar *
gvir_sandbox_machine_storage_overlay_place(const GVirSandboxStorage *storage)
{
    for (guint i = 0; i < storage->images->len; i++) {
        const GVirSandboxStorageImage *image = g_ptr_array_index(storage->images, i);

        if (image->overlay)
            return image_serial(i);
    }
    return g_strdup("");
}

const gchar *const *
gvir_sandbox_machine_storage_modules(void)
{
    return image_modules;
}

const gchar *const *
gvir_sandbox_machine_storage_on_demand(void)
{
    return file_systems;
}

gboolean
gvir_sandbox_machine_storage_check_export(const GVirSandboxStorage *storage, const GVirSandboxExport *export,
                                          GError **error)
{
    const gchar *obstacle = gvir_sandbox_export_get_obstacle(export);

    for (guint i = 0; obstacle && i < storage->binds->len; i++) {
        const GVirSandboxStorageBind *share = g_ptr_array_index(storage->binds, i);

        if (!share->is_file)
            continue;
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("mount %s: %s is a file, and this machine can be given directories only (%s); "
                      "give its directory, or include the file in a temporary mount"),
                    share->target, share->source, obstacle);
        return FALSE;
    }
    return TRUE;
}

gboolean
gvir_sandbox_machine_storage_check(GVirSandboxConfig *config, GError **error)
{
    GList *mounts = gvir_sandbox_config_get_mounts(config);
    GList *disks = gvir_sandbox_config_get_disks(config);
    /* A mount can need a device for what is included in it as well. */
    guint count =
        g_list_length(mounts) * 2 + g_list_length(disks) + (gvir_sandbox_config_get_private_home(config) ? 1 : 0);

    g_list_free_full(mounts, g_object_unref);
    g_list_free_full(disks, g_object_unref);
    if (count > GVIR_SANDBOX_MACHINE_DEVICES_MAX) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("a machine has room for %u disks, half as many mounts"), GVIR_SANDBOX_MACHINE_DEVICES_MAX);
        return FALSE;
    }
    return TRUE;
}

const gchar *
gvir_sandbox_machine_storage_find_written(GVirSandboxConfig *config)
{
    GList *mounts = gvir_sandbox_config_get_mounts_with_type(config, GVIR_SANDBOX_TYPE_CONFIG_MOUNT_HOST_BIND);
    gboolean written = gvir_sandbox_root_is_written(config);

    for (GList *link = mounts; link && !written; link = link->next)
        written =
            !gvir_sandbox_config_mount_get_read_only(link->data) && !gvir_sandbox_config_mount_is_temporary(link->data);
    g_list_free_full(mounts, g_object_unref);
    if (!written)
        return NULL;
    return _(
        "over 9p, on which ftruncate, fchmod and futimens of a file that was replaced while it was open change the "
        "new file, locks are the machine's own, and sockets and FIFOs cannot be made; for a program that needs "
        "these use an image, a temporary directory or a container");
}

/* Whether QEMU shares a directory for this mount besides that of the root. */
static gboolean
has_own_source(GVirSandboxConfigMount *mount)
{
    return !gvir_sandbox_config_mount_is_temporary(mount) &&
           !gvir_sandbox_root_is_target(gvir_sandbox_config_mount_get_target(mount));
}

/* @server: NULL where it does not matter who QEMU runs as. */
typedef gboolean (*SourceCheck)(const gchar *path, int mode, const gchar *what, const GVirSandboxStorageServer *server,
                                GError **error);

static gboolean
check_sources(GVirSandboxConfig *config, SourceCheck check, const GVirSandboxStorageServer *server, GError **error)
{
    g_autoptr(GPtrArray) images = gvir_sandbox_storage_list_images(config);
    const gchar *overlay = gvir_sandbox_config_get_overlay_dir(config);
    GList *mounts = gvir_sandbox_config_get_mounts_with_type(config, GVIR_SANDBOX_TYPE_CONFIG_MOUNT_HOST_BIND);
    g_autofree gchar *root = gvir_sandbox_root_dup_directory(config);
    int root_mode = gvir_sandbox_root_is_written(config) ? R_OK | W_OK | X_OK : R_OK | X_OK;
    gboolean good = !root || check(root, root_mode, _("root"), server, error);

    good = good && (!overlay || check(overlay, X_OK, _("overlay"), server, error));

    for (GList *link = mounts; link && good; link = link->next) {
        int mode = gvir_sandbox_config_mount_get_read_only(link->data) ? R_OK | X_OK : R_OK | W_OK | X_OK;

        good = !has_own_source(link->data) ||
               check(gvir_sandbox_config_mount_file_get_source(link->data), mode, _("mount source"), server, error);
    }
    g_list_free_full(mounts, g_object_unref);
    for (guint i = 0; i < images->len && good; i++) {
        const GVirSandboxStorageImage *image = g_ptr_array_index(images, i);

        good = check(image->source, image->read_only ? R_OK : R_OK | W_OK, image->tag ? _("disk") : _("image"), server,
                     error);
    }
    return good;
}

/* Files are not executed on the host. */
static int
mode_for(const gchar *path, int mode)
{
    return g_file_test(path, G_FILE_TEST_IS_DIR) ? mode : mode & ~X_OK;
}

static gboolean
check_access(const gchar *path, int mode, const gchar *what, const GVirSandboxStorageServer *server, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(path);

    mode = mode_for(path, mode);
    if (gvir_sandbox_user_may_access(server->uid, server->gid, path, mode))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_DENIED,
                _("%s %s: QEMU runs as user %u and cannot %s it: %s; let it run as another"), what, shown, server->uid,
                mode & W_OK ? _("write") : _("read"), g_strerror(errno));
    gvir_sandbox_error_set_remedy(error, "qemu-user");
    return FALSE;
}

gboolean
gvir_sandbox_machine_storage_check_access(GVirSandboxConfig *config, const GVirSandboxStorageServer *server,
                                          GError **error)
{
    return check_sources(config, check_access, server, error);
}

/* QEMU opens an image to write to it; what else cannot be written to is still there to read. */
static gboolean
check_own_access(const gchar *path, int mode, const gchar *what, const GVirSandboxStorageServer *server G_GNUC_UNUSED,
                 GError **error)
{
    gboolean image = !(mode & X_OK);
    g_autofree gchar *shown = gvir_sandbox_text_show(path);

    if (access(path, image ? mode : mode_for(path, mode & ~W_OK)) == 0)
        return TRUE;
    g_set_error(
        error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_DENIED,
        _("%s %s: QEMU, which runs as you, cannot %s it: %s; choose another, or have its owner give you access"), what,
        shown, image && (mode & W_OK) ? _("write") : _("read"), g_strerror(errno));
    return FALSE;
}

gboolean
gvir_sandbox_machine_storage_check_own_access(GVirSandboxConfig *config, GError **error)
{
    return check_sources(config, check_own_access, NULL, error);
}

static gboolean
check_profile(const gchar *path, int mode G_GNUC_UNUSED, const gchar *what,
              const GVirSandboxStorageServer *server G_GNUC_UNUSED, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(path);

    if (gvir_sandbox_security_label_profile_takes(path))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                _("%s %s: libvirt makes no AppArmor profile with it; use another place, or "
                  "the security label static,label=unconfined"),
                what, shown);
    gvir_sandbox_error_set_remedy(error, "security-label");
    return FALSE;
}

gboolean
gvir_sandbox_machine_storage_check_profile(GVirSandboxConfig *config, GError **error)
{
    return check_sources(config, check_profile, NULL, error);
}
