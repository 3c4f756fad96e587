/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/initrd.h"
#include "libvirt-sandbox/libvirt/border-private.h"

#include "libvirt-sandbox/builder/boot/initrd-content-private.h"
#include "libvirt-sandbox/builder/boot/kernel-private.h"
#include "libvirt-sandbox/builder/boot/modules-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/file-write-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/**
 * GVirSandboxBuilderInitrd:
 *
 * Writes the file system that a kernel unpacks into memory when it starts: a program as `/init`,
 * and kernel modules with all that they depend on, unpacked, as `/modules/NAME.ko`.
 * `/modules/order` lists their paths, a line each, in the order in which they are to be loaded.
 *
 * #GVirSandboxBuilderMachine does this by itself; the class is for programs that boot a kernel in
 * their own way.
 */

struct _GVirSandboxBuilderInitrd {
    GObject parent_instance;
};

G_DEFINE_FINAL_TYPE(GVirSandboxBuilderInitrd, gvir_sandbox_builder_initrd, G_TYPE_OBJECT)

static void
gvir_sandbox_builder_initrd_class_init(GVirSandboxBuilderInitrdClass *klass G_GNUC_UNUSED)
{
}

static void
gvir_sandbox_builder_initrd_init(GVirSandboxBuilderInitrd *builder G_GNUC_UNUSED)
{
}

/**
 * gvir_sandbox_builder_initrd_new:
 *
 * Creates a builder. It has no state: one can make any number of initrds.
 *
 * Returns: (transfer full): a new builder
 */
GVirSandboxBuilderInitrd *
gvir_sandbox_builder_initrd_new(void)
{
    return g_object_new(GVIR_SANDBOX_TYPE_BUILDER_INITRD, NULL);
}

/* Programs that were written for 0.8 name the file, as virtio_net.ko. */
static gchar *
dup_module_name(const gchar *name)
{
    const gchar *suffix = strstr(name, ".ko");

    return suffix ? g_strndup(name, (gsize)(suffix - name)) : g_strdup(name);
}

/* The names as a list that ends with NULL. */
static GPtrArray *
list_names(GVirSandboxConfigInitrd *config)
{
    g_autoptr(GList) modules = gvir_sandbox_config_initrd_get_modules(config);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (GList *item = modules; item; item = item->next)
        g_ptr_array_add(names, dup_module_name(item->data));
    g_ptr_array_add(names, NULL);
    return names;
}

/* Where the configuration names no kernel, it is the one that a machine would boot. */
static GPtrArray *
resolve_modules(GVirSandboxConfigInitrd *config, GError **error)
{
    g_autoptr(GPtrArray) names = list_names(config);
    const gchar *const *needed = (const gchar *const *)names->pdata;
    const gchar *release = gvir_sandbox_config_initrd_get_kver(config);
    const gchar *base = gvir_sandbox_config_initrd_get_kmoddir(config);
    g_autoptr(GVirSandboxKernel) kernel = NULL;
    g_autofree gchar *directory = NULL;

    if (!needed[0])
        return g_ptr_array_new();
    if (!release) {
        const GVirSandboxKernelRequest request = { .modules = base, .needed = needed };

        kernel = gvir_sandbox_kernel_choose(&request, error);
        if (!kernel)
            return NULL;
        release = kernel->release;
    }
    directory = gvir_sandbox_kernel_find_modules(base, release, NULL, error);
    if (!directory)
        return NULL;
    return gvir_sandbox_modules_resolve(directory, release, needed, NULL, error);
}

static gboolean
write_file(const gchar *path, const gchar *outputfile, const gchar *init, GPtrArray *modules, GError **error)
{
    int fd = gvir_sandbox_file_create(path, 0644, error);
    gboolean fine;

    if (fd < 0)
        return FALSE;
    fine = gvir_sandbox_initrd_content_write(fd, path, init, modules, NULL, error);
    close(fd);
    if (fine && g_rename(path, outputfile) < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", outputfile);
        fine = FALSE;
    }
    if (!fine)
        g_unlink(path);
    return fine;
}

/**
 * gvir_sandbox_builder_initrd_construct:
 * @builder: the builder
 * @config: what to put in: the program, the modules, and the kernel that they are for
 * @outputfile: (type utf8): the file to write; one that is there is replaced at once when all
 *   is written, and left alone if anything fails
 * @error: return location for a #GError
 *
 * Writes the initrd that @config describes, as an uncompressed cpio archive ("newc"). The same
 * input makes the same bytes.
 *
 * Without #GVirSandboxConfigInitrd:kver, the modules are those of the kernel that a machine boots
 * by default. #GVirSandboxConfigInitrd:kmoddir may be the directory of that release, the `kernel`
 * directory in it, or the directory which has one for each release; default is `/lib/modules`.
 *
 * Sets %GVIR_SANDBOX_ERROR_INVALID if there is no program to start,
 * %GVIR_SANDBOX_ERROR_NOT_FOUND if the program, the kernel, its modules or one of them is not
 * there, %GVIR_SANDBOX_ERROR_DENIED if a file may not be read or written, and
 * %GVIR_SANDBOX_ERROR_FAILED if writing fails in another way.
 *
 * Returns: %TRUE if @outputfile was written
 */
gboolean
gvir_sandbox_builder_initrd_construct(GVirSandboxBuilderInitrd *builder, GVirSandboxConfigInitrd *config,
                                      const gchar *outputfile, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autoptr(GPtrArray) modules = NULL;
    g_autoptr(GError) local = NULL;
    g_autofree gchar *path = NULL;
    const gchar *init;

    g_return_val_if_fail(GVIR_SANDBOX_IS_BUILDER_INITRD(builder), FALSE);
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG_INITRD(config), FALSE);
    g_return_val_if_fail(outputfile != NULL, FALSE);
    g_return_val_if_fail(error == NULL || *error == NULL, FALSE);

    init = gvir_sandbox_config_initrd_get_init(config);
    if (!init) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, _("initrd %s: no init program was set"),
                    outputfile);
        return FALSE;
    }
    path = g_strdup_printf("%s.%08x.new", outputfile, g_random_int());
    modules = resolve_modules(config, &local);
    if (modules && write_file(path, outputfile, init, modules, &local))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&local));
    return gvir_sandbox_error_prefix(error, _("initrd %s"), outputfile);
}
