/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/machine.h"
#include "libvirt-sandbox/builder/boot/boot-image-private.h"
#include "libvirt-sandbox/builder/builder-private.h"
#include "libvirt-sandbox/builder/export/closed-directories-private.h"
#include "libvirt-sandbox/builder/domain-xml-private.h"
#include "libvirt-sandbox/builder/export/export-private.h"
#include "libvirt-sandbox/util/file-write-private.h"
#include "libvirt-sandbox/builder/boot/kernel-command-line-private.h"
#include "libvirt-sandbox/builder/boot/run-initrd-private.h"
#include "libvirt-sandbox/builder/machine-kernel-private.h"
#include "libvirt-sandbox/builder/machine-private.h"
#include "libvirt-sandbox/builder/machine-virtualization-private.h"
#include "libvirt-sandbox/builder/machine-storage-private.h"
#include "libvirt-sandbox/builder/network/network-private.h"
#include "libvirt-sandbox/builder/overlay/overlay-directory-private.h"
#include "libvirt-sandbox/builder/program-manifest-private.h"
#include "libvirt-sandbox/builder/root/root-mount-private.h"
#include "libvirt-sandbox/builder/security/security-label-private.h"
#include "libvirt-sandbox/libvirt/virtualization-private.h"
#include "libvirt-sandbox/builder/boot/vmlinux-private.h"
#include "libvirt-sandbox/util/helper-private.h"
#include "libvirt-sandbox/builder/machine-validate-private.h"
#include "libvirt-sandbox/builder/supported-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/config/program/service.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/guest/frame.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/moment-private.h"
#include "libvirt-sandbox/libvirt/xml-private.h"
#include "libvirt-sandbox/libvirt/driver-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/un.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define SOCKET_PATH_SIZE sizeof(((struct sockaddr_un *)NULL)->sun_path)
#define MEMORY_DEFAULT (G_GUINT64_CONSTANT(1) << 30)
#define MEMORY_LEAST (G_GUINT64_CONSTANT(64) << 20)
#define MIB (G_GUINT64_CONSTANT(1) << 20)
/* For the tables of the kernel and the first programs; of one that unpacks itself only this is known. */
#define MEMORY_MARGIN (6 * MIB)
#define KERNEL_UNKNOWN (80 * MIB)
#define SHELL_DEVICE "/dev/hvc0"
#define INITRD "initrd"
#define FIRMWARE "firmware"
#define FIRST_SLOT 2
#define NINEP_OPTIONS "trans=virtio,version=9p2000.L,msize=512000,"

/**
 * GVirSandboxBuilderMachine:
 *
 * Builds virtual machines for libvirt's QEMU driver: a kernel of the host, an initrd with our init, and the
 * host's directories over 9p.
 */
struct _GVirSandboxBuilderMachine {
    GVirSandboxBuilder parent_instance;

    /* Keeps the entry of the cache while the machine may still read it. */
    GVirSandboxBootImage *image;
    GVirSandboxOverlayDirectory *overlay;
    /* Until QEMU has opened what it shows. */
    GVirSandboxExport *export;
};

G_DEFINE_FINAL_TYPE(GVirSandboxBuilderMachine, gvir_sandbox_builder_machine, GVIR_SANDBOX_TYPE_BUILDER)

/* A kernel has most of these built in. */
static const gchar *const optional_network_modules[] = { "af_packet", "ipv6", NULL };

static const gchar *const firmware_files[] = {
    "/usr/share/qemu/qboot.rom",
    "/usr/share/qemu-kvm/qboot.rom",
    "/usr/share/seabios/qboot.rom",
    NULL,
};

/* The firmware that does nothing but start a kernel; NULL leaves the choice to libvirt. */
static const gchar *
find_firmware(void)
{
    if (gvir_sandbox_helper_get_places()->firmware)
        return gvir_sandbox_helper_get_places()->firmware;
    for (guint i = 0; firmware_files[i]; i++) {
        if (g_file_test(firmware_files[i], G_FILE_TEST_IS_REGULAR))
            return firmware_files[i];
    }
    return NULL;
}

/* What a machine is made of on the host. */
typedef struct {
    gchar *kernel;
    gchar *initrd;
    gchar *firmware; /* NULL: libvirt chooses one */
    gchar *channel;  /* NULL: libvirt chooses the path */
    gchar *log;      /* the consoles' sockets; NULL: they are pseudo-terminals */
    gchar *shell;
    GVirSandboxStorage *storage;
    const GVirSandboxExport *export;
    GPtrArray *interfaces;
} MachineParts;

static void
machine_parts_clear(MachineParts *parts)
{
    g_free(parts->kernel);
    g_free(parts->initrd);
    g_free(parts->firmware);
    g_free(parts->channel);
    g_free(parts->log);
    g_free(parts->shell);
    g_clear_pointer(&parts->storage, gvir_sandbox_storage_free);
    g_clear_pointer(&parts->interfaces, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MachineParts, machine_parts_clear)

static void
append_boot(GString *xml, GVirSandboxConfig *config, const MachineParts *parts, gboolean emulated)
{
    const gchar *arch = gvir_sandbox_config_get_arch(config);
    g_autofree gchar *command_line = gvir_sandbox_kernel_command_line(arch, gvir_sandbox_domain_xml_processors(config),
                                                                      gvir_sandbox_config_get_debug(config), emulated);

    gvir_sandbox_xml_append(xml, "<os><type arch='%s' machine='%s'>hvm</type>", arch,
                            g_str_equal(arch, "x86_64") ? "q35" : "virt");
    if (parts->firmware)
        gvir_sandbox_xml_append(xml, "<loader type='rom'>%s</loader>", parts->firmware);
    gvir_sandbox_xml_append(xml, "<kernel>%s</kernel><initrd>%s</initrd><cmdline>%s</cmdline></os>", parts->kernel,
                            parts->initrd, command_line);
}

/* As every other directory: only one that is not written shows owners as they are. */
static void
append_root(GString *xml, GVirSandboxConfig *config, const GVirSandboxExport *export, GVirSandboxMachineSlots *slots)
{
    g_autofree gchar *root = gvir_sandbox_root_dup_directory(config);
    gboolean written = gvir_sandbox_root_is_written(config);

    if (root)
        gvir_sandbox_machine_storage_append_directory(xml, export, written ? "squash" : "passthrough", root,
                                                      GVIR_SANDBOX_MACHINE_ROOT_TAG, !written, slots);
}

static void
append_channel(GString *xml, const gchar *path)
{
    g_string_append(xml, "<channel type='unix'>");
    if (path)
        gvir_sandbox_xml_append(xml, "<source mode='bind' path='%s'/>", path);
    else
        g_string_append(xml, "<source mode='bind'/>");
    g_string_append(xml, "<target type='virtio' name='" GUEST_CHANNEL_NAME "'/></channel>");
}

/* What is around @target: a character device with a socket at @path, or a pseudo-terminal. */
static void
append_console(GString *xml, const gchar *element, const gchar *path, const gchar *target)
{
    if (path)
        gvir_sandbox_xml_append(xml, "<%s type='unix'><source mode='bind' path='%s'/>", element, path);
    else
        gvir_sandbox_xml_append(xml, "<%s type='pty'>", element);
    g_string_append_printf(xml, "<target %s/></%s>", target, element);
}

static void
append_interfaces(GString *xml, GPtrArray *interfaces, GVirSandboxMachineSlots *slots)
{
    for (guint i = 0; i < interfaces->len; i++) {
        gvir_sandbox_interface_append_xml(xml, g_ptr_array_index(interfaces, i));
        g_string_append(xml, "<model type='virtio'/><rom enabled='no'/>");
        gvir_sandbox_machine_slots_append(slots, xml);
        g_string_append(xml, "</interface>");
    }
}

static void
append_devices(GString *xml, GVirSandboxConfig *config, const MachineParts *parts)
{
    GVirSandboxMachineSlots slots;

    gvir_sandbox_machine_slots_init(&slots, FIRST_SLOT,
                                    2 + gvir_sandbox_machine_storage_count(parts->storage) + parts->interfaces->len);
    g_string_append(xml, "<devices><controller type='usb' model='none'/>"
                         "<controller type='virtio-serial' index='0'>");
    gvir_sandbox_machine_slots_append(&slots, xml);
    g_string_append(xml, "</controller><memballoon model='none'/><audio id='1' type='none'/>");
    append_console(xml, "serial", parts->log, "port='0'");
    append_console(xml, "console", parts->log, "type='serial' port='0'");
    /* A service talks to nobody. */
    if (!GVIR_SANDBOX_IS_CONFIG_SERVICE(config))
        append_channel(xml, parts->channel);
    if (gvir_sandbox_config_get_shell(config))
        append_console(xml, "console", parts->shell, "type='virtio' port='1'");
    append_root(xml, config, parts->export, &slots);
    gvir_sandbox_machine_storage_append(xml, parts->storage, parts->export, &slots);
    append_interfaces(xml, parts->interfaces, &slots);
    g_string_append(xml, "</devices>");
}

/* The driver must not hand the files to its user and back: the boot cache belongs to many sandboxes. */
static void
append_owner(GString *xml, GVirConnection *connection)
{
    guint uid, gid;

    if (gvir_sandbox_virtualization_get_qemu_user(connection, &uid, &gid))
        gvir_sandbox_xml_append(
            xml, "<seclabel type='static' model='dac' relabel='no'><label>+%u:+%u</label></seclabel>", uid, gid);
}

/*
 * A processor with fast string instructions has the kernel copy and clear all memory by them, which QEMU emulates
 * byte by byte: without them it takes eight bytes at once.
 */
static void
append_processor(GString *xml, const gchar *arch, gboolean emulated)
{
    if (!emulated)
        g_string_append(xml, "<cpu mode='host-passthrough' check='none'/>");
    else if (g_str_equal(arch, "x86_64"))
        g_string_append(xml, "<cpu mode='maximum' check='none'><feature policy='disable' name='erms'/>"
                             "<feature policy='disable' name='fsrm'/></cpu>");
    else
        g_string_append(xml, "<cpu mode='maximum' check='none'/>");
}

/* A PC has the port by which VMware's guests talk to it, unless it is told otherwise. */
static void
append_features(GString *xml, const gchar *arch)
{
    g_string_append_printf(xml, "<features><acpi/><apic/>%s</features>",
                           g_str_equal(arch, "x86_64") ? "<vmport state='off'/>" : "");
}

static GString *
write_domain(GVirConnection *connection, GVirSandboxConfig *config, const MachineParts *parts, gboolean emulated,
             GError **error)
{
    g_autoptr(GString) xml = g_string_new(NULL);

    gvir_sandbox_xml_append(xml, "<domain type='%s'>", emulated ? "qemu" : "kvm");
    gvir_sandbox_domain_xml_append_resources(xml, config, MEMORY_DEFAULT);
    append_boot(xml, config, parts, emulated);
    append_features(xml, gvir_sandbox_config_get_arch(config));
    append_processor(xml, gvir_sandbox_config_get_arch(config), emulated);
    g_string_append(xml, "<clock offset='utc'><timer name='hpet' present='no'/></clock>"
                         "<on_poweroff>destroy</on_poweroff><on_reboot>destroy</on_reboot>"
                         "<on_crash>destroy</on_crash>");
    append_devices(xml, config, parts);
    append_owner(xml, connection);
    if (!gvir_sandbox_security_label_append(xml, connection, config, FALSE, error))
        return NULL;
    g_string_append(xml, "</domain>");
    return g_steal_pointer(&xml);
}

/* "TYPE MODULE MODULE…", for every type of file system. */
static void
append_on_demand(struct guest_manifest_text *text, const GVirSandboxBootImage *image)
{
    for (guint i = 0; image->on_demand && image->on_demand[i]; i++) {
        g_auto(GStrv) words = g_strsplit(image->on_demand[i], " ", -1);

        for (guint j = 1; words[0] && words[j] && *words[j]; j++)
            guest_manifest_append(text, GUEST_WORD_FILESYSTEM, words[0], words[j], NULL);
    }
}

static void
append_root_to_manifest(struct guest_manifest_text *text, GVirSandboxConfig *config)
{
    g_autofree gchar *root = gvir_sandbox_root_dup_directory(config);

    if (root && gvir_sandbox_root_is_written(config))
        guest_manifest_append(text, GUEST_WORD_ROOT, "9p", GVIR_SANDBOX_MACHINE_ROOT_TAG, NINEP_OPTIONS "cache=mmap",
                              "rw", NULL);
    else if (root)
        guest_manifest_append(text, GUEST_WORD_ROOT, "9p", GVIR_SANDBOX_MACHINE_ROOT_TAG, NINEP_OPTIONS "cache=loose",
                              "ro", NULL);
}

/* The home, and for installers more of what QEMU's user may not enter of the root that it shows. */
static void
append_closed(struct guest_manifest_text *text, GVirConnection *connection, GVirSandboxConfig *config)
{
    g_autofree gchar *root = gvir_sandbox_root_dup_directory(config);
    const gchar *home = gvir_sandbox_config_get_homedir(config);
    GVirSandboxClosedReader reader;
    g_autoptr(GPtrArray) closed = NULL;
    gboolean other;

    if (!root || gvir_sandbox_root_is_written(config))
        return;
    if (home && *home == '/' && !g_str_equal(home, "/"))
        guest_manifest_append(text, GUEST_WORD_CLOSED, home, NULL);
    if (!gvir_sandbox_config_get_overlay(config))
        return;
    other = gvir_sandbox_virtualization_get_qemu_user(connection, &reader.uid, &reader.gid);
    closed = gvir_sandbox_closed_directories_find(root, other ? &reader : NULL);
    for (guint i = 0; i < closed->len; i++)
        guest_manifest_append(text, GUEST_WORD_CLOSED, g_ptr_array_index(closed, i), NULL);
    if (closed->len > 0)
        g_info(_("directories that QEMU's user may not enter are empty in the overlay: %u"), closed->len);
}

static void
write_manifest(struct guest_manifest_text *text, GVirConnection *connection, GVirSandboxConfig *config,
               const GVirSandboxBootImage *image, const MachineParts *parts)
{
    g_autofree gchar *overlay = gvir_sandbox_machine_storage_overlay_place(parts->storage);

    gvir_sandbox_manifest_append_start(text, config, "machine");
    for (guint i = 0; image->modules && image->modules[i]; i++)
        guest_manifest_append(text, GUEST_WORD_MODULE, image->modules[i], NULL);
    append_on_demand(text, image);
    append_root_to_manifest(text, config);
    gvir_sandbox_manifest_append_overlay(text, config, overlay);
    append_closed(text, connection, config);
    gvir_sandbox_machine_storage_append_manifest(text, parts->storage, NINEP_OPTIONS);
    gvir_sandbox_manifest_append_guest_mounts(text, config);
    gvir_sandbox_interfaces_append_manifest(text, parts->interfaces);
    gvir_sandbox_manifest_append_program(text, config, gvir_sandbox_config_get_shell(config) ? SHELL_DEVICE : NULL);
}

/* QEMU may read it, and nobody else. */
static gboolean
give_to_qemu(GVirConnection *connection, const gchar *path, GError **error)
{
    guint uid, gid;

    if (gvir_sandbox_virtualization_get_qemu_user(connection, &uid, &gid) && chown(path, uid, gid) < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", path);
        return FALSE;
    }
    return TRUE;
}

/* The initrd holds the program's environment. */
static gboolean
write_initrd(GVirConnection *connection, GVirSandboxConfig *config, const GVirSandboxBootImage *image,
             const MachineParts *parts, GError **error)
{
    struct guest_manifest_text text = { 0 };
    gboolean written;

    write_manifest(&text, connection, config, image, parts);
    if (text.failed) {
        guest_manifest_text_clear(&text);
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                    _("the command line and environment are too long"));
        return FALSE;
    }
    written = gvir_sandbox_boot_image_write_run_initrd(image, text.data, text.length, parts->initrd, error);
    guest_manifest_text_clear(&text);
    return written && give_to_qemu(connection, parts->initrd, error);
}

/* The cache is no place for what a lasting machine boots next year. */
static gchar *
provide_kernel(GVirSandboxBuilder *builder, GVirConnection *connection, const GVirSandboxBootImage *image,
               const gchar *statedir, GError **error)
{
    g_autofree gchar *copy = g_build_filename(statedir, "kernel", NULL);

    if (!gvir_sandbox_builder_is_lasting(builder))
        return g_strdup(image->kernel);
    if (!gvir_sandbox_file_copy(image->kernel, copy, 0600, error) || !give_to_qemu(connection, copy, error))
        return NULL;
    return g_steal_pointer(&copy);
}

/* A copy, as libvirt's profiles for AppArmor let no machine have a file of /usr/share. */
static gboolean
provide_firmware(GVirConnection *connection, const GVirSandboxBootImage *image, const gchar *statedir, gchar **firmware,
                 GError **error)
{
    const gchar *found = image->pvh ? find_firmware() : NULL;
    g_autofree gchar *copy = g_build_filename(statedir, FIRMWARE, NULL);

    if (!found)
        return TRUE;
    if (!gvir_sandbox_file_copy(found, copy, 0600, error) || !give_to_qemu(connection, copy, error))
        return FALSE;
    *firmware = g_steal_pointer(&copy);
    return TRUE;
}

static void
say_progress(const gchar *text, gpointer user_data)
{
    gvir_sandbox_builder_say_progress(user_data, text);
}

/* Of the config, or for the layers of its overlay. */
static gboolean
has_disks(GVirSandboxConfig *config)
{
    g_autoptr(GPtrArray) images = gvir_sandbox_storage_list_images(config);

    return images->len > 0 || gvir_sandbox_config_get_overlay_dir(config);
}

static GVirSandboxBootImage *
obtain_image(GVirSandboxBuilder *builder, GVirSandboxConfig *config, GError **error)
{
    g_autofree gchar *init = gvir_sandbox_helper_find("libvirt-sandbox-init", error);
    g_auto(GStrv) modules = NULL;
    GVirSandboxBootImageRequest request = { 0 };

    if (!init)
        return NULL;
    modules = gvir_sandbox_machine_request_kernel(config, &request.kernel);
    if (gvir_sandbox_config_has_networks(config))
        request.optional = optional_network_modules;
    if (has_disks(config))
        request.on_demand = gvir_sandbox_machine_storage_on_demand();
    request.init = init;
    request.cache = gvir_sandbox_helper_get_places()->cache;
    request.progress = say_progress;
    request.progress_data = builder;
    /* Of who started it in a thread, and may lose interest while another makes the image. */
    return gvir_sandbox_boot_image_obtain(&request, g_cancellable_get_current(), error);
}

/* Where the memory that the kernel itself takes ends, or 0 if that is not known. */
static guint64
find_kernel_end(const GVirSandboxBootImage *image)
{
    g_autoptr(GMappedFile) file = image->pvh ? g_mapped_file_new(image->kernel, FALSE, NULL) : NULL;
    g_autoptr(GBytes) kernel = file ? g_mapped_file_get_bytes(file) : NULL;

    return kernel ? gvir_sandbox_vmlinux_get_end(kernel) : 0;
}

/* Of a machine that boots: the kernel, the initrd with what was unpacked out of it, and a little to work with. */
static guint64
find_least_memory(const GVirSandboxBootImage *image)
{
    guint64 kernel = find_kernel_end(image);
    GStatBuf initrd;

    if (g_stat(image->initrd, &initrd) < 0)
        initrd.st_size = 0;
    return (kernel ? kernel : KERNEL_UNKNOWN) + 2 * (guint64)initrd.st_size + MEMORY_MARGIN;
}

/* A kernel that has too little does not even say so: it is as silent as one that is slow. */
static gboolean
check_memory(GVirSandboxConfig *config, const GVirSandboxBootImage *image, GError **error)
{
    guint64 memory = gvir_sandbox_config_get_memory(config);
    guint64 least = find_least_memory(image);

    if (memory == 0 || memory >= least)
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                _("memory: a machine with kernel %s needs at least %" G_GUINT64_FORMAT " MiB to boot"), image->release,
                (least + MIB - 1) / MIB);
    return FALSE;
}

/* None has a longer path than that of the channel. */
gchar *
gvir_sandbox_builder_machine_socket(const gchar *statedir, const gchar *name)
{
    return g_strdup_printf("%s/%.7s-%x", statedir, name, (guint)getpid());
}

/*
 * An embedded driver's own directory is too deep for the path of a socket; else libvirt chooses one. They are removed
 * by libvirt late, when another process may have a sandbox of the same name already.
 *
 * Nor are its consoles pseudo-terminals: libvirt opens those with a lock in /var/lock, and not every host has that, or
 * lets everybody write there.
 */
static gboolean
choose_sockets(GVirConnection *connection, const gchar *statedir, MachineParts *parts, GError **error)
{
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_of_connection(connection, error);

    if (!driver)
        return FALSE;
    if (!gvir_sandbox_driver_is_embedded(driver))
        return TRUE;
    parts->channel = gvir_sandbox_builder_machine_socket(statedir, "channel");
    parts->log = gvir_sandbox_builder_machine_socket(statedir, GVIR_SANDBOX_CONSOLE_LOG_MACHINE);
    parts->shell = gvir_sandbox_builder_machine_socket(statedir, GVIR_SANDBOX_CONSOLE_SHELL_MACHINE);
    if (strlen(parts->channel) < SOCKET_PATH_SIZE)
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                _("name: too long by %zu characters for the path of a socket, %s"),
                strlen(parts->channel) + 1 - SOCKET_PATH_SIZE, parts->channel);
    return FALSE;
}

static GVirSandboxStorage *
prepare_storage(GVirSandboxBuilderMachine *machine, GVirConnection *connection, GVirSandboxConfig *config,
                const gchar *statedir, GError **error)
{
    GVirSandboxStorageServer server = { 0, 0 };
    g_autoptr(GVirSandboxStorage) storage = NULL;
    g_autoptr(GError) failure = NULL;

    gvir_sandbox_virtualization_get_qemu_user(connection, &server.uid, &server.gid);
    g_clear_pointer(&machine->overlay, gvir_sandbox_overlay_directory_free);
    machine->overlay = gvir_sandbox_overlay_directory_new(config, statedir, &server, &failure);
    if (!failure)
        storage = gvir_sandbox_storage_prepare(config, statedir, &server, &failure);
    if (storage && gvir_sandbox_overlay_directory_add_image(machine->overlay, &server, storage, &failure))
        return g_steal_pointer(&storage);
    g_propagate_error(error, g_steal_pointer(&failure));
    return NULL;
}

static gboolean
begin_export(GVirSandboxBuilderMachine *machine, GVirConnection *connection, GVirSandboxConfig *config,
             const gchar *statedir, const GVirSandboxStorage *storage, GError **error)
{
    const GVirSandboxExportRequest request = {
        .connection = connection,
        .config = config,
        .statedir = statedir,
        .storage = storage,
        .overlay = machine->overlay,
        .lasting = gvir_sandbox_builder_is_lasting(GVIR_SANDBOX_BUILDER(machine)),
    };

    g_clear_pointer(&machine->export, gvir_sandbox_export_free);
    machine->export = gvir_sandbox_export_new(&request, error);
    return machine->export != NULL;
}

static gboolean
finish_export(GVirSandboxBuilderMachine *machine, GVirSandboxConfig *config, MachineParts *parts, GError **error)
{
    const gchar *written = gvir_sandbox_machine_storage_find_written(config);
    const gchar *obstacle;

    if (!gvir_sandbox_export_await(machine->export, error) ||
        !gvir_sandbox_machine_storage_check_export(parts->storage, machine->export, error))
        return FALSE;
    obstacle = gvir_sandbox_export_get_obstacle(machine->export);
    if (obstacle)
        g_info(_("QEMU is given the host's directories as they are, with all that is mounted there: %s"), obstacle);
    else
        g_info(_("QEMU is given trees made for it, without the host's /proc, /run, /tmp and what is hidden"));
    if (written)
        g_info(_("the directories that are written: %s"), written);
    parts->export = machine->export;
    gvir_sandbox_moment_passed("export");
    return TRUE;
}

static GVirConfigDomain *
gvir_sandbox_builder_machine_construct(GVirSandboxBuilder *builder, GVirSandboxConfig *config, const gchar *statedir,
                                       GError **error)
{
    GVirSandboxBuilderMachine *machine = GVIR_SANDBOX_BUILDER_MACHINE(builder);
    g_autoptr(GVirConnection) connection = gvir_sandbox_builder_get_connection(builder);
    g_auto(MachineParts) parts = { .initrd = g_build_filename(statedir, INITRD, NULL) };
    g_autoptr(GString) xml = NULL;
    const gchar *reason;
    gboolean emulated;

    if (!choose_sockets(connection, statedir, &parts, error) ||
        !gvir_sandbox_machine_choose_virtualization(connection, config, &emulated, &reason, error))
        return NULL;
    if (reason)
        g_info(_("the machine is emulated: %s"), reason);
    g_clear_pointer(&machine->image, gvir_sandbox_boot_image_free);
    machine->image = obtain_image(builder, config, error);
    gvir_sandbox_moment_passed("boot-image");
    if (!machine->image || !check_memory(config, machine->image, error))
        return NULL;
    parts.interfaces = gvir_sandbox_interfaces_list(connection, config, error);
    parts.storage = parts.interfaces ? prepare_storage(machine, connection, config, statedir, error) : NULL;
    if (!parts.storage || !begin_export(machine, connection, config, statedir, parts.storage, error) ||
        !write_initrd(connection, config, machine->image, &parts, error))
        return NULL;
    parts.kernel = provide_kernel(builder, connection, machine->image, statedir, error);
    if (!parts.kernel || !provide_firmware(connection, machine->image, statedir, &parts.firmware, error) ||
        !finish_export(machine, config, &parts, error))
        return NULL;

    xml = write_domain(connection, config, &parts, emulated, error);
    if (!xml)
        return NULL;
    return gvir_sandbox_domain_xml_parse(xml, error);
}

/* The user of a daemon that is not ours is not known. */
static gboolean
check_access(GVirConnection *connection, GVirSandboxConfig *config, GError **error)
{
    GVirSandboxStorageServer server = { 0, 0 };
    g_autoptr(GVirSandboxDriver) driver = NULL;

    if (gvir_sandbox_virtualization_get_qemu_user(connection, &server.uid, &server.gid))
        return gvir_sandbox_machine_storage_check_access(config, &server, error);
    driver = gvir_sandbox_driver_of_connection(connection, error);
    return driver &&
           (g_str_equal(driver->path, "system") || gvir_sandbox_machine_storage_check_own_access(config, error));
}

static gboolean
check_sources(GVirConnection *connection, GVirSandboxConfig *config, GError **error)
{
    if (!check_access(connection, config, error))
        return FALSE;
    return !gvir_sandbox_security_label_makes_profile(connection, config) ||
           gvir_sandbox_machine_storage_check_profile(config, error);
}

/* QEMU would only say that it cannot allocate that. */
static gboolean
check_host_memory(guint64 memory, GError **error)
{
    struct sysinfo host;
    guint64 most;

    if (sysinfo(&host) < 0)
        return TRUE;
    most = ((guint64)host.totalram + host.totalswap) * host.mem_unit;
    if (memory <= most)
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                _("memory: %" G_GUINT64_FORMAT " MiB are more than the %" G_GUINT64_FORMAT " MiB of this host"),
                memory >> 20, most >> 20);
    return FALSE;
}

static gboolean
gvir_sandbox_builder_machine_check(GVirSandboxBuilder *builder, GVirSandboxConfig *config, GError **error)
{
    g_autoptr(GVirConnection) connection = gvir_sandbox_builder_get_connection(builder);
    guint64 memory = gvir_sandbox_config_get_memory(config);
    gboolean emulated;

    if (memory > 0 && memory < MEMORY_LEAST) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                    _("memory: a machine needs at least 64 MiB"));
        return FALSE;
    }
    if (!gvir_sandbox_config_get_seccomp(config)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("security seccomp=off: a machine has no filter of ours to switch off; leave it out"));
        return FALSE;
    }
    return check_host_memory(memory, error) && gvir_sandbox_builder_check_supported(config, error) &&
           gvir_sandbox_security_label_check(connection, config, FALSE, error) &&
           gvir_sandbox_machine_storage_check(config, error) &&
           gvir_sandbox_overlay_directory_check_image(config, error) &&
           gvir_sandbox_networks_check(connection, config, error) &&
           gvir_sandbox_machine_choose_virtualization(connection, config, &emulated, NULL, error) &&
           check_sources(connection, config, error);
}

static GVirSandboxTransport
gvir_sandbox_builder_machine_transport(GVirSandboxBuilder *builder G_GNUC_UNUSED)
{
    return GVIR_SANDBOX_TRANSPORT_CHANNEL;
}

static gboolean
remove_file(const gchar *statedir, const gchar *name, GError **error)
{
    g_autofree gchar *path = g_build_filename(statedir, name, NULL);

    if (unlink(path) == 0 || errno == ENOENT)
        return TRUE;
    gvir_sandbox_error_set_errno(error, errno, "%s", path);
    return FALSE;
}

/* QEMU has read kernel, initrd and firmware, and opened what it shows, when its domain runs. */
static gboolean
gvir_sandbox_builder_machine_clean_post_start(GVirSandboxBuilder *builder, GVirSandboxConfig *config G_GNUC_UNUSED,
                                              const gchar *statedir, GError **error)
{
    g_clear_pointer(&GVIR_SANDBOX_BUILDER_MACHINE(builder)->image, gvir_sandbox_boot_image_free);
    g_clear_pointer(&GVIR_SANDBOX_BUILDER_MACHINE(builder)->export, gvir_sandbox_export_free);
    return remove_file(statedir, INITRD, error) && remove_file(statedir, FIRMWARE, error);
}

static gboolean
gvir_sandbox_builder_machine_clean_post_stop(GVirSandboxBuilder *builder, GVirSandboxConfig *config G_GNUC_UNUSED,
                                             const gchar *statedir G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    g_clear_pointer(&GVIR_SANDBOX_BUILDER_MACHINE(builder)->overlay, gvir_sandbox_overlay_directory_free);
    g_clear_pointer(&GVIR_SANDBOX_BUILDER_MACHINE(builder)->export, gvir_sandbox_export_free);
    return TRUE;
}

static void
gvir_sandbox_builder_machine_finalize(GObject *object)
{
    g_clear_pointer(&GVIR_SANDBOX_BUILDER_MACHINE(object)->overlay, gvir_sandbox_overlay_directory_free);
    g_clear_pointer(&GVIR_SANDBOX_BUILDER_MACHINE(object)->image, gvir_sandbox_boot_image_free);
    g_clear_pointer(&GVIR_SANDBOX_BUILDER_MACHINE(object)->export, gvir_sandbox_export_free);
    G_OBJECT_CLASS(gvir_sandbox_builder_machine_parent_class)->finalize(object);
}

static void
gvir_sandbox_builder_machine_class_init(GVirSandboxBuilderMachineClass *klass)
{
    GVirSandboxBuilderClass *builder_class = GVIR_SANDBOX_BUILDER_CLASS(klass);

    G_OBJECT_CLASS(klass)->finalize = gvir_sandbox_builder_machine_finalize;
    builder_class->construct = gvir_sandbox_builder_machine_construct;
    builder_class->check = gvir_sandbox_builder_machine_check;
    builder_class->validate = gvir_sandbox_machine_validate;
    builder_class->transport = gvir_sandbox_builder_machine_transport;
    builder_class->clean_post_stop = gvir_sandbox_builder_machine_clean_post_stop;
    builder_class->clean_post_start = gvir_sandbox_builder_machine_clean_post_start;
}

static void
gvir_sandbox_builder_machine_init(GVirSandboxBuilderMachine *machine G_GNUC_UNUSED)
{
}

/**
 * gvir_sandbox_builder_machine_new: (constructor)
 * @connection: an open connection to the QEMU driver
 *
 * Makes a builder of virtual machines.
 *
 * Returns: (transfer full): a new builder
 */
GVirSandboxBuilderMachine *
gvir_sandbox_builder_machine_new(GVirConnection *connection)
{
    return g_object_new(GVIR_SANDBOX_TYPE_BUILDER_MACHINE, "connection", connection, NULL);
}
