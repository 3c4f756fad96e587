/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/machine-validate-private.h"
#include "libvirt-sandbox/builder/machine-virtualization-private.h"
#include "libvirt-sandbox/builder/machine-kernel-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/builder/boot/boot-cache-private.h"
#include "libvirt-sandbox/builder/export/export-private.h"
#include "libvirt-sandbox/builder/findings-private.h"
#include "libvirt-sandbox/builder/machine-storage-private.h"
#include "libvirt-sandbox/builder/boot/modules-private.h"
#include "libvirt-sandbox/builder/network/network-private.h"
#include "libvirt-sandbox/builder/network/passt-private.h"
#include "libvirt-sandbox/builder/security/security-label-private.h"
#include "libvirt-sandbox/libvirt/virtualization-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/libvirt/handle-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/libvirt/driver-private.h"
#include "libvirt-sandbox/builder/builder.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libvirt's way to write a version. */
#define VERSION_NUMBER(major, minor, micro) ((major)*1000000ul + (minor)*1000ul + (micro))
/* The first that keeps files of several file systems apart over 9p. */
#define QEMU_VERSION_LEAST VERSION_NUMBER(4, 2, 0)
/* A kernel out of its compressed image, the modules, and both once more while they are made. */
#define BOOT_IMAGE_ROOM (G_GUINT64_CONSTANT(160) << 20)

static void
add_virtualization(GList **findings, GVirConnection *connection, GVirSandboxConfig *config)
{
    const gchar *obstacle = gvir_sandbox_virtualization_find_obstacle(connection, gvir_sandbox_config_get_arch(config));
    g_autoptr(GError) error = NULL;
    gboolean emulated;

    if (!gvir_sandbox_machine_choose_virtualization(connection, config, &emulated, NULL, &error))
        gvir_sandbox_findings_add_error(findings, _("virtualization"), error);
    else if (!emulated && obstacle)
        gvir_sandbox_findings_warn_remedy(findings, "virt-type", _("virtualization"),
                                          _("KVM, as asked for, but %s; let it be chosen (auto)"), obstacle);
    else if (!emulated)
        gvir_sandbox_findings_pass(findings, _("virtualization"), _("KVM"));
    else if (gvir_sandbox_config_get_virt_type(config) == GVIR_SANDBOX_CONFIG_VIRT_TYPE_QEMU)
        gvir_sandbox_findings_pass(findings, _("virtualization"), _("emulation, as asked for"));
    else
        gvir_sandbox_findings_warn(findings, _("virtualization"), _("emulation, which is slow: %s"), obstacle);
}

/* The text of the first element @name in @xml. */
static gchar *
element_text(const gchar *xml, const gchar *name)
{
    g_autofree gchar *tag = g_strdup_printf("<%s>", name);
    const gchar *start = strstr(xml, tag);
    const gchar *end = start ? strchr(start + strlen(tag), '<') : NULL;

    return end ? g_strndup(start + strlen(tag), end - start - strlen(tag)) : NULL;
}

static void
add_version(GList **findings, virConnectPtr handle, const gchar *program)
{
    unsigned long version = 0;

    if (virConnectGetVersion(handle, &version) < 0) {
        gvir_sandbox_findings_warn(findings, _("QEMU"), _("%s, libvirt does not tell of which version"), program);
        return;
    }
    if (version < QEMU_VERSION_LEAST)
        gvir_sandbox_findings_fail(findings, _("QEMU"), _("%s is of version %lu.%lu.%lu; install 4.2.0 or a later one"),
                                   program, version / 1000000, version / 1000 % 1000, version % 1000);
    else
        gvir_sandbox_findings_pass(findings, _("QEMU"), _("%s, version %lu.%lu.%lu"), program, version / 1000000,
                                   version / 1000 % 1000, version % 1000);
}

/* Since QEMU 7.2 the network stack of user mode is a library that a distribution may leave out. */
static void
add_slirp(GList **findings, const gchar *program, const gchar *instead)
{
    const gchar *arguments[] = { program, "-machine", "none", "-netdev", "help", NULL };
    g_autofree gchar *output = NULL;
    g_autoptr(GError) error = NULL;

    if (!g_spawn_sync(NULL, (gchar **)arguments, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL, NULL,
                      &error))
        gvir_sandbox_findings_add_error(findings, _("user-mode network"), error);
    else if (strstr(output, "\nuser\n"))
        gvir_sandbox_findings_pass(findings, _("user-mode network"), _("SLIRP: %s"), instead);
    else
        gvir_sandbox_findings_fail(findings, _("user-mode network"),
                                   _("%s was built without SLIRP, and %s; "
                                     "use -c qemu:///system with source=NETWORK"),
                                   program, instead);
}

static void
add_user_network(GList **findings, GVirConnection *connection, GVirSandboxConfig *config, const gchar *program)
{
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_of_connection(connection, NULL);
    g_auto(GStrv) nameservers = NULL;
    const gchar *obstacle = gvir_sandbox_passt_find_obstacle(connection, driver, config, &nameservers);

    if (obstacle)
        add_slirp(findings, program, obstacle);
    else
        gvir_sandbox_findings_pass(findings, _("user-mode network"), "passt");
}

static void
add_emulator(GList **findings, GVirConnection *connection, GVirSandboxConfig *config)
{
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);
    g_autofree gchar *capabilities =
        gvir_sandbox_virtualization_describe_emulator(handle, gvir_sandbox_config_get_arch(config));
    g_autofree gchar *program = capabilities ? element_text(capabilities, "path") : NULL;
    g_autoptr(GError) error = NULL;

    if (!capabilities) {
        gvir_sandbox_handle_set_error(&error, _("none for %s"), gvir_sandbox_config_get_arch(config));
        gvir_sandbox_findings_fail(findings, _("QEMU"), _("%s; install qemu-system (Debian) or qemu-kvm (Fedora)"),
                                   error->message);
        return;
    }
    add_version(findings, handle, program ? program : _("unknown"));
    if (program && gvir_sandbox_networks_has_user_mode(connection, config))
        add_user_network(findings, connection, config, program);
}

static void
add_kernel(GList **findings, GVirSandboxConfig *config)
{
    GVirSandboxKernelRequest request = { 0 };
    g_auto(GStrv) modules = gvir_sandbox_machine_request_kernel(config, &request);
    g_autoptr(GError) error = NULL;
    g_autoptr(GVirSandboxKernel) kernel = gvir_sandbox_kernel_choose(&request, &error);

    /* One that was asked for by name is taken as it is. */
    if (kernel && gvir_sandbox_modules_check(kernel->modules, kernel->release, (const gchar *const *)modules, &error))
        gvir_sandbox_findings_pass(findings, _("kernel"), _("%s, with modules in %s"), kernel->path, kernel->modules);
    else
        gvir_sandbox_findings_add_error(findings, _("kernel"), error);
}

/* Whether an image was made there once; what is being made has a name that begins with a dot. */
static gboolean
has_images(const gchar *cache)
{
    g_autoptr(GDir) directory = g_dir_open(cache, 0, NULL);
    const gchar *name;

    while (directory && (name = g_dir_read_name(directory))) {
        if (*name != '.')
            return TRUE;
    }
    return FALSE;
}

static void
add_cache(GList **findings)
{
    g_autofree gchar *cache = gvir_sandbox_boot_cache_default_directory();

    if (access(cache, W_OK | X_OK) < 0 && has_images(cache))
        gvir_sandbox_findings_warn(findings, _("boot image cache"),
                                   _("%s cannot be written to: only kernels that are in it can be booted"), cache);
    else
        gvir_sandbox_findings_add_directory(findings, _("boot image cache"), cache, BOOT_IMAGE_ROOM);
}

static void
add_export(GList **findings, GVirConnection *connection, GVirSandboxConfig *config)
{
    g_autofree gchar *obstacle = gvir_sandbox_export_find_obstacle(connection, config);

    if (obstacle)
        gvir_sandbox_findings_warn(findings, _("shared directories"),
                                   _("as they are on the host, with all that is mounted there: %s"), obstacle);
    else
        gvir_sandbox_findings_pass(findings, _("shared directories"), _("trees made for the machine"));
}

static void
add_written(GList **findings, GVirSandboxConfig *config)
{
    const gchar *limits = gvir_sandbox_machine_storage_find_written(config);

    if (limits)
        gvir_sandbox_findings_warn(findings, _("written directories"), "%s", limits);
}

GList *
gvir_sandbox_machine_validate(GVirSandboxBuilder *builder, GVirSandboxConfig *config)
{
    g_autoptr(GVirConnection) connection = gvir_sandbox_builder_get_connection(builder);
    GList *findings = NULL;

    add_virtualization(&findings, connection, config);
    add_emulator(&findings, connection, config);
    add_kernel(&findings, config);
    gvir_sandbox_security_label_add_finding(&findings, connection, FALSE);
    gvir_sandbox_findings_add_init(&findings);
    add_cache(&findings);
    add_export(&findings, connection, config);
    add_written(&findings, config);
    return findings;
}
