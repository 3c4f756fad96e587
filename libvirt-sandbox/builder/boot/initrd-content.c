/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/initrd-content-private.h"

#include "libvirt-sandbox/builder/boot/modules-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The kernel opens it for init's own output before init can mount anything. */
#define CONSOLE_MAJOR 5
#define CONSOLE_MINOR 1

static const gchar *const directories[] = {
    "dev",
    GVIR_SANDBOX_INITRD_MODULES_DIRECTORY,
    "proc",
    "sys",
};

gchar *
gvir_sandbox_initrd_content_list_modules(GPtrArray *modules)
{
    GString *list = g_string_new(NULL);

    for (guint i = 0; i < modules->len; i++) {
        const GVirSandboxModule *module = g_ptr_array_index(modules, i);

        g_string_append_printf(list, "/%s/%s.ko\n", GVIR_SANDBOX_INITRD_MODULES_DIRECTORY, module->name);
    }
    return g_string_free(list, FALSE);
}

static gboolean
add_init(GVirSandboxInitrdArchive *archive, const gchar *init, GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autofree gchar *content = NULL;
    gsize length;

    if (access(init, R_OK) < 0) {
        gvir_sandbox_error_set_errno(error, errno, _("init %s"), init);
        return FALSE;
    }
    if (!g_file_get_contents(init, &content, &length, &local)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, _("init: %s"), local->message);
        return FALSE;
    }
    if (length == 0) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, _("init %s: the file is empty"), init);
        return FALSE;
    }
    return gvir_sandbox_initrd_archive_add_file(archive, "init", 0755, content, length, error);
}

static gboolean
add_modules(GVirSandboxInitrdArchive *archive, GPtrArray *modules, GCancellable *cancellable, GError **error)
{
    g_autofree gchar *order = gvir_sandbox_initrd_content_list_modules(modules);

    for (guint i = 0; i < modules->len; i++) {
        const GVirSandboxModule *module = g_ptr_array_index(modules, i);
        g_autofree gchar *path = g_strdup_printf("%s/%s.ko", GVIR_SANDBOX_INITRD_MODULES_DIRECTORY, module->name);
        g_autoptr(GBytes) elf = NULL;

        if (g_cancellable_set_error_if_cancelled(cancellable, error) ||
            !(elf = gvir_sandbox_module_read(module, error)) ||
            !gvir_sandbox_initrd_archive_add_file(archive, path, 0644, g_bytes_get_data(elf, NULL),
                                                  g_bytes_get_size(elf), error))
            return FALSE;
    }
    return gvir_sandbox_initrd_archive_add_file(archive, GVIR_SANDBOX_INITRD_MODULES_ORDER, 0644, order, strlen(order),
                                                error);
}

gboolean
gvir_sandbox_initrd_content_write(int fd, const gchar *path, const gchar *init, GPtrArray *modules,
                                  GCancellable *cancellable, GError **error)
{
    g_autoptr(GVirSandboxInitrdArchive) archive = gvir_sandbox_initrd_archive_new(fd, path, error);

    if (!archive)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(directories); i++) {
        if (!gvir_sandbox_initrd_archive_add_directory(archive, directories[i], 0755, error))
            return FALSE;
    }
    return gvir_sandbox_initrd_archive_add_character_device(archive, "dev/console", 0600, CONSOLE_MAJOR, CONSOLE_MINOR,
                                                            error) &&
           add_init(archive, init, error) && add_modules(archive, modules, cancellable, error) &&
           gvir_sandbox_initrd_archive_finish(archive, error);
}
