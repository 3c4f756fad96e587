/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/container.h"
#include "libvirt-sandbox/builder/builder-private.h"
#include "libvirt-sandbox/builder/storage/container-images-private.h"
#include "libvirt-sandbox/builder/container-validate-private.h"
#include "libvirt-sandbox/builder/domain-xml-private.h"
#include "libvirt-sandbox/util/helper-private.h"
#include "libvirt-sandbox/util/file-write-private.h"
#include "libvirt-sandbox/builder/root/host-submounts-private.h"
#include "libvirt-sandbox/builder/network/network-private.h"
#include "libvirt-sandbox/builder/overlay/overlay-directory-private.h"
#include "libvirt-sandbox/builder/overlay/overlay-layer-private.h"
#include "libvirt-sandbox/builder/program-manifest-private.h"
#include "libvirt-sandbox/builder/root/root-mount-private.h"
#include "libvirt-sandbox/builder/security/security-label-private.h"
#include "libvirt-sandbox/builder/security/system-call-filter-private.h"
#include "libvirt-sandbox/util/trusted-directory-private.h"
#include "libvirt-sandbox/builder/security/user-map-private.h"
#include "libvirt-sandbox/builder/supported-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/util/text-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/libvirt/xml-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The first root of a container is a skeleton of ours in the state directory, in which libvirt mounts the
 * host's directories side by side; init puts the real root together from them. So libvirt never makes a
 * mount point in a root that is not ours.
 */
#define SKELETON "root"
#define PROGRAMS "libexec"
#define PROGRAMS_TARGET "/libexec"
#define INIT_NAME "libvirt-sandbox-init"
#define ROOT_TARGET "/host"
#define SHELL_DEVICE "/dev/tty2"
/* microseconds */
#define CPU_PERIOD 100000

static const GVirSandboxStorageServer nobody = { 0, 0 };

/**
 * GVirSandboxBuilderContainer:
 *
 * Builds containers for libvirt's LXC driver.
 */
struct _GVirSandboxBuilderContainer {
    GVirSandboxBuilder parent_instance;

    /* Loop devices, which are gone with the last who has them open. */
    GVirSandboxContainerImages *images;
    GVirSandboxOverlayDirectory *overlay;
};

G_DEFINE_FINAL_TYPE(GVirSandboxBuilderContainer, gvir_sandbox_builder_container, GVIR_SANDBOX_TYPE_BUILDER)

typedef enum {
    SHARE_SUBMOUNT,
    SHARE_MOUNT,
    SHARE_INCLUDE,
    SHARE_OVERLAY,
} ShareKind;

/* A host directory or file of the container: where it is on the host, and in the skeleton. */
typedef struct {
    ShareKind kind;
    gchar *source;
    gchar *place;
    gchar *target;
    gchar *identity;           /* of a submount, as the manifest has it */
    gboolean read_only;        /* for the program */
    gboolean shared_read_only; /* already for init */
} Share;

static void
share_free(gpointer data)
{
    Share *share = data;

    g_free(share->source);
    g_free(share->place);
    g_free(share->target);
    g_free(share->identity);
    g_free(share);
}

static Share *
add_share(GPtrArray *shares, ShareKind kind, const gchar *source, const gchar *target, gboolean read_only,
          gboolean shared_read_only)
{
    Share *share = g_new0(Share, 1);

    share->kind = kind;
    share->source = g_strdup(source);
    share->place = g_strdup_printf("/shares/%u", shares->len);
    share->target = g_strdup(target);
    share->read_only = read_only;
    share->shared_read_only = shared_read_only;
    g_ptr_array_add(shares, share);
    return share;
}

/* File systems have other device numbers after the next boot: a lasting container has those whose path nobody else
 * can change. */
static gboolean
lasts(const gchar *source)
{
    g_autoptr(GError) failure = NULL;
    g_autofree gchar *parent = g_path_get_dirname(source);
    g_autofree gchar *shown = NULL;

    if (gvir_sandbox_trusted_directory_check(parent, FALSE, &failure))
        return TRUE;
    shown = gvir_sandbox_text_show(source);
    g_info(_("%s is not in the sandbox: %s"), shown, failure->message);
    return FALSE;
}

/* libvirt looks the path up again, and init sees by the identity whether it found the same. */
static gboolean
add_submounts(GPtrArray *shares, const gchar *root, gboolean lasting, GError **error)
{
    g_autoptr(GPtrArray) submounts = gvir_sandbox_host_submounts_list(root, error);

    if (!submounts)
        return FALSE;
    for (guint i = 0; i < submounts->len; i++) {
        const GVirSandboxHostSubmount *submount = g_ptr_array_index(submounts, i);
        g_autofree gchar *source = g_build_filename(root, submount->path, NULL);

        if (!lasting || lasts(source))
            add_share(shares, SHARE_SUBMOUNT, source, submount->path, TRUE, TRUE)->identity =
                g_strdup(lasting ? "" : submount->identity);
    }
    return TRUE;
}

/* Seen through the root it would be in its own lower layer, so there it is hidden. */
static void
add_overlay(GPtrArray *shares, const GVirSandboxOverlayDirectory *overlay, const gchar *root)
{
    const gchar *below = NULL;

    if (root)
        gvir_sandbox_value_path_is_below(overlay->path, root, &below);
    add_share(shares, SHARE_OVERLAY, overlay->path, below, FALSE, FALSE);
}

static GPtrArray *
list_shares(GVirSandboxConfig *config, const GVirSandboxStorage *storage, const GVirSandboxOverlayDirectory *overlay,
            gboolean lasting, GError **error)
{
    g_autoptr(GPtrArray) shares = g_ptr_array_new_with_free_func(share_free);
    g_autofree gchar *root = gvir_sandbox_root_dup_directory(config);

    if (root && !add_submounts(shares, root, lasting, error))
        return NULL;
    for (guint i = 0; i < storage->binds->len; i++) {
        const GVirSandboxStorageBind *bind = g_ptr_array_index(storage->binds, i);

        /* Init still writes to what it fills for reading. */
        add_share(shares, SHARE_MOUNT, bind->source, bind->target, bind->read_only,
                  bind->read_only && !bind->temporary);
    }
    for (guint i = 0; i < storage->includes->len; i++) {
        const GVirSandboxStorageInclude *include = g_ptr_array_index(storage->includes, i);

        add_share(shares, SHARE_INCLUDE, include->source, include->target, TRUE, TRUE);
    }
    if (overlay)
        add_overlay(shares, overlay, root);
    return g_steal_pointer(&shares);
}

static guint64
host_memory(void)
{
    return (guint64)sysconf(_SC_PHYS_PAGES) * (guint64)sysconf(_SC_PAGESIZE);
}

/* The CPUs of a container are the host's: what it has of them is time. */
static void
append_cpu_time(GString *xml, GVirSandboxConfig *config)
{
    guint cpus = gvir_sandbox_config_get_cpus(config);

    if (cpus > 0)
        gvir_sandbox_xml_append(xml, "<cputune><period>%u</period><quota>%" G_GUINT64_FORMAT "</quota></cputune>",
                                CPU_PERIOD, (guint64)cpus * CPU_PERIOD);
}

/* libvirt 9.0 puts a filter only on an interface that was given its name on the host. */
static void
append_interfaces(GString *xml, GPtrArray *interfaces)
{
    for (guint i = 0; i < interfaces->len; i++) {
        gvir_sandbox_interface_append_xml(xml, g_ptr_array_index(interfaces, i));
        gvir_sandbox_xml_append(xml, "<target dev='sb%08x'/></interface>", g_random_int());
    }
}

static GString *
write_domain(GVirConnection *connection, GVirSandboxConfig *config, GPtrArray *shares,
             const GVirSandboxContainerImages *images, GPtrArray *interfaces, const gchar *skeleton,
             const gchar *programs, GError **error)
{
    g_autoptr(GString) xml = g_string_new("<domain type='lxc'>");
    g_autofree gchar *root = gvir_sandbox_root_dup_directory(config);

    gvir_sandbox_domain_xml_append_resources(xml, config, host_memory());
    append_cpu_time(xml, config);
    g_string_append(xml, "<os><type>exe</type><init>" PROGRAMS_TARGET "/" INIT_NAME "</init></os>"
                         "<features><privnet/></features>"
                         "<on_poweroff>destroy</on_poweroff><on_reboot>destroy</on_reboot>"
                         "<on_crash>destroy</on_crash><devices>");
    gvir_sandbox_domain_xml_append_filesystem(xml, "", skeleton, "/", FALSE);
    gvir_sandbox_domain_xml_append_filesystem(xml, "", programs, PROGRAMS_TARGET, TRUE);
    if (root)
        gvir_sandbox_domain_xml_append_filesystem(xml, "", root, ROOT_TARGET, !gvir_sandbox_root_is_written(config));
    for (guint i = 0; i < shares->len; i++) {
        const Share *share = g_ptr_array_index(shares, i);

        gvir_sandbox_domain_xml_append_filesystem(xml, "", share->source, share->place, share->shared_read_only);
    }
    gvir_sandbox_container_images_append(xml, images);
    append_interfaces(xml, interfaces);
    g_string_append(xml, "<console type='pty'/>");
    if (gvir_sandbox_config_get_shell(config))
        g_string_append(xml, "<console type='pty'><target port='1'/></console>");
    g_string_append(xml, "</devices>");
    if (!gvir_sandbox_security_label_append(xml, connection, config, TRUE, error))
        return NULL;
    g_string_append(xml, "</domain>");
    return g_steal_pointer(&xml);
}

static void
append_share_to_manifest(struct guest_manifest_text *text, const Share *share)
{
    switch (share->kind) {
    case SHARE_SUBMOUNT:
        guest_manifest_append(text, GUEST_WORD_SUBMOUNT, share->target, share->place, share->identity, NULL);
        break;
    case SHARE_MOUNT:
        guest_manifest_append(text, GUEST_WORD_MOUNT, "bind", share->target, share->place, "",
                              share->read_only ? "ro" : "rw", NULL);
        break;
    case SHARE_INCLUDE:
        guest_manifest_append(text, GUEST_WORD_INCLUDE, "bind", share->target, share->place, "", NULL);
        break;
    case SHARE_OVERLAY:
        if (share->target)
            guest_manifest_append(text, GUEST_WORD_HIDE, share->target, NULL);
        break;
    }
}

/* Where the layers of the overlay are in the skeleton; empty: in memory. */
static const gchar *
find_overlay_place(GPtrArray *shares)
{
    for (guint i = 0; i < shares->len; i++) {
        const Share *share = g_ptr_array_index(shares, i);

        if (share->kind == SHARE_OVERLAY)
            return share->place;
    }
    return "";
}

/* Decided before anything runs. */
static gboolean
users_are_mapped(GVirSandboxConfig *config, GPtrArray *shares)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) images = gvir_sandbox_storage_list_images(config);
    g_autofree gchar *obstacle = NULL;
    g_autofree gchar *unmapped = NULL;
    gchar *root = gvir_sandbox_root_dup_directory(config);

    if (root)
        g_ptr_array_add(paths, root);
    for (guint i = 0; i < shares->len; i++) {
        const Share *share = g_ptr_array_index(shares, i);

        if (share->kind == SHARE_MOUNT)
            g_ptr_array_add(paths, g_strdup(share->source));
    }
    g_ptr_array_add(paths, NULL);
    obstacle = gvir_sandbox_user_map_find_obstacle(config, (const gchar *const *)paths->pdata, images);
    if (obstacle)
        g_info(_("the container's users are the host's: %s"), obstacle);
    else
        unmapped = gvir_sandbox_user_map_find_unmapped(config);
    if (unmapped)
        g_info(_("files there are nobody's inside, as their owners cannot be mapped: %s"), unmapped);
    return !obstacle;
}

static void
write_manifest(struct guest_manifest_text *text, GVirSandboxConfig *config, GPtrArray *shares,
               const GVirSandboxContainerImages *images, GPtrArray *interfaces)
{
    g_autofree gchar *root = gvir_sandbox_root_dup_directory(config);

    gvir_sandbox_manifest_append_start(text, config, "container");
    if (users_are_mapped(config, shares))
        gvir_sandbox_user_map_append(text);
    if (root)
        guest_manifest_append(text, GUEST_WORD_ROOT, "bind", ROOT_TARGET, "",
                              gvir_sandbox_root_is_written(config) ? "rw" : "ro", NULL);
    gvir_sandbox_manifest_append_overlay(text, config, find_overlay_place(shares));
    for (guint i = 0; i < shares->len; i++) {
        const Share *share = g_ptr_array_index(shares, i);

        append_share_to_manifest(text, share);
    }
    gvir_sandbox_container_images_append_manifest(text, images);
    gvir_sandbox_manifest_append_guest_mounts(text, config);
    gvir_sandbox_interfaces_append_manifest(text, interfaces);
    if (gvir_sandbox_config_get_seccomp(config))
        guest_manifest_append(text, GUEST_WORD_FILTER, GUEST_FILTER_PATH, NULL);
    gvir_sandbox_manifest_append_program(text, config, gvir_sandbox_config_get_shell(config) ? SHELL_DEVICE : NULL);
}

static gboolean
make_skeleton(GVirSandboxConfig *config, GPtrArray *shares, const GVirSandboxContainerImages *images,
              GPtrArray *interfaces, const gchar *skeleton, GError **error)
{
    g_autofree gchar *path = g_build_filename(skeleton, GUEST_MANIFEST_PATH, NULL);
    g_autofree gchar *filter = g_build_filename(skeleton, GUEST_FILTER_PATH, NULL);
    struct guest_manifest_text text = { 0 };
    gboolean written = FALSE;

    if (g_mkdir(skeleton, 0755) < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", skeleton);
        return FALSE;
    }
    if (gvir_sandbox_config_get_seccomp(config) &&
        !gvir_sandbox_system_call_filter_write(filter, gvir_sandbox_config_get_privileged(config), error))
        return FALSE;
    write_manifest(&text, config, shares, images, interfaces);
    if (text.failed)
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                    _("the command line and environment are too long"));
    else
        written = g_file_set_contents_full(path, text.data, text.length, G_FILE_SET_CONTENTS_NONE, 0600, error);
    guest_manifest_text_clear(&text);
    return written;
}

/* The directory of our init, which for a lasting container is a copy: it and the manifest go together. */
static gchar *
provide_programs(GVirSandboxBuilder *builder, const gchar *statedir, GError **error)
{
    g_autofree gchar *init = gvir_sandbox_helper_find(INIT_NAME, error);
    g_autofree gchar *directory = NULL;
    g_autofree gchar *copy = NULL;

    if (!init)
        return NULL;
    if (!gvir_sandbox_builder_is_lasting(builder))
        return g_path_get_dirname(init);
    directory = g_build_filename(statedir, PROGRAMS, NULL);
    copy = g_build_filename(directory, INIT_NAME, NULL);
    if (g_mkdir(directory, 0755) < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", directory);
        return NULL;
    }
    return gvir_sandbox_file_copy(init, copy, 0755, error) ? g_steal_pointer(&directory) : NULL;
}

/* Closes @source. */
static void
tell_of_own_inodes(int source, const gchar *target)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(target);

    if (source < 0)
        return;
    if (!gvir_sandbox_overlay_layer_is_possible(source))
        g_info(_("%s cannot be shown through an overlay: sockets, pipes, locks and leases there are the host's"),
               shown);
    close(source);
}

/* What init cannot show through an overlay it binds as it is. */
static void
tell_of_all_own_inodes(GVirSandboxConfig *config)
{
    g_autofree gchar *root = gvir_sandbox_root_dup_directory(config);
    g_autoptr(GPtrArray) submounts = NULL;
    int directory;

    if (!root || gvir_sandbox_config_get_overlay(config))
        return;
    if (!gvir_sandbox_root_is_written(config))
        tell_of_own_inodes(gvir_sandbox_host_submounts_open_root(root), "/");
    submounts = gvir_sandbox_host_submounts_list(root, NULL);
    directory = gvir_sandbox_host_submounts_open_root(root);
    for (guint i = 0; submounts && i < submounts->len; i++) {
        const GVirSandboxHostSubmount *submount = g_ptr_array_index(submounts, i);

        tell_of_own_inodes(gvir_sandbox_host_submount_open(directory, submount), submount->path);
    }
    if (directory >= 0)
        close(directory);
}

static GPtrArray *
prepare_shares(GVirSandboxBuilderContainer *container, GVirSandboxConfig *config, const GVirSandboxStorage *storage,
               const gchar *statedir, GError **error)
{
    g_autoptr(GError) failure = NULL;

    g_clear_pointer(&container->overlay, gvir_sandbox_overlay_directory_free);
    container->overlay = gvir_sandbox_overlay_directory_new(config, statedir, &nobody, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    return list_shares(config, storage, container->overlay,
                       gvir_sandbox_builder_is_lasting(GVIR_SANDBOX_BUILDER(container)), error);
}

static GVirConfigDomain *
gvir_sandbox_builder_container_construct(GVirSandboxBuilder *builder, GVirSandboxConfig *config, const gchar *statedir,
                                         GError **error)
{
    GVirSandboxBuilderContainer *container = GVIR_SANDBOX_BUILDER_CONTAINER(builder);
    g_autoptr(GVirConnection) connection = gvir_sandbox_builder_get_connection(builder);
    g_autofree gchar *skeleton = g_build_filename(statedir, SKELETON, NULL);
    g_autofree gchar *programs = provide_programs(builder, statedir, error);
    g_autoptr(GVirSandboxStorage) storage =
        programs ? gvir_sandbox_storage_prepare(config, statedir, &nobody, error) : NULL;
    g_autoptr(GPtrArray) shares = storage ? prepare_shares(container, config, storage, statedir, error) : NULL;
    g_autoptr(GPtrArray) interfaces = shares ? gvir_sandbox_interfaces_list(connection, config, error) : NULL;
    g_autoptr(GString) xml = NULL;

    if (!interfaces)
        return NULL;
    g_clear_pointer(&container->images, gvir_sandbox_container_images_free);
    container->images = gvir_sandbox_container_images_attach(storage, error);
    tell_of_all_own_inodes(config);
    if (!container->images || !make_skeleton(config, shares, container->images, interfaces, skeleton, error))
        return NULL;
    xml = write_domain(connection, config, shares, container->images, interfaces, skeleton, programs, error);
    if (!xml)
        return NULL;
    return gvir_sandbox_domain_xml_parse(xml, error);
}

/* The last data of an image goes to its file when nobody has it open any more. */
static gboolean
gvir_sandbox_builder_container_clean_post_stop(GVirSandboxBuilder *builder, GVirSandboxConfig *config G_GNUC_UNUSED,
                                               const gchar *statedir G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    GVirSandboxBuilderContainer *container = GVIR_SANDBOX_BUILDER_CONTAINER(builder);

    g_clear_pointer(&container->images, gvir_sandbox_container_images_free);
    g_clear_pointer(&container->overlay, gvir_sandbox_overlay_directory_free);
    return TRUE;
}

static void
gvir_sandbox_builder_container_finalize(GObject *object)
{
    GVirSandboxBuilderContainer *container = GVIR_SANDBOX_BUILDER_CONTAINER(object);

    g_clear_pointer(&container->images, gvir_sandbox_container_images_free);
    g_clear_pointer(&container->overlay, gvir_sandbox_overlay_directory_free);
    G_OBJECT_CLASS(gvir_sandbox_builder_container_parent_class)->finalize(object);
}

static gboolean
gvir_sandbox_builder_container_check(GVirSandboxBuilder *builder, GVirSandboxConfig *config, GError **error)
{
    g_autoptr(GVirConnection) connection = gvir_sandbox_builder_get_connection(builder);

    if (gvir_sandbox_config_get_virt_type(config) != GVIR_SANDBOX_CONFIG_VIRT_TYPE_AUTO) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("virt-type: a container has none; use a qemu connection or leave it out"));
        return FALSE;
    }
    return gvir_sandbox_builder_check_supported(config, error) &&
           gvir_sandbox_security_label_check(connection, config, TRUE, error) &&
           gvir_sandbox_container_images_check(config, error) &&
           gvir_sandbox_overlay_directory_check_layers(config, error) &&
           gvir_sandbox_networks_check(connection, config, error);
}

static GVirSandboxTransport
gvir_sandbox_builder_container_transport(GVirSandboxBuilder *builder G_GNUC_UNUSED)
{
    return GVIR_SANDBOX_TRANSPORT_DESCRIPTOR;
}

static void
gvir_sandbox_builder_container_class_init(GVirSandboxBuilderContainerClass *klass)
{
    GVirSandboxBuilderClass *builder_class = GVIR_SANDBOX_BUILDER_CLASS(klass);

    G_OBJECT_CLASS(klass)->finalize = gvir_sandbox_builder_container_finalize;
    builder_class->construct = gvir_sandbox_builder_container_construct;
    builder_class->clean_post_stop = gvir_sandbox_builder_container_clean_post_stop;
    builder_class->check = gvir_sandbox_builder_container_check;
    builder_class->validate = gvir_sandbox_container_validate;
    builder_class->transport = gvir_sandbox_builder_container_transport;
}

static void
gvir_sandbox_builder_container_init(GVirSandboxBuilderContainer *container G_GNUC_UNUSED)
{
}

/**
 * gvir_sandbox_builder_container_new: (constructor)
 * @connection: an open connection to the LXC driver
 *
 * Makes a builder of containers.
 *
 * Returns: (transfer full): a new builder
 */
GVirSandboxBuilderContainer *
gvir_sandbox_builder_container_new(GVirConnection *connection)
{
    return g_object_new(GVIR_SANDBOX_TYPE_BUILDER_CONTAINER, "connection", connection, NULL);
}
