/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/boot-image-private.h"

#include "libvirt-sandbox/builder/boot/boot-cache-private.h"
#include "libvirt-sandbox/builder/boot/boot-cache-prune-private.h"
#include "libvirt-sandbox/builder/boot/initrd-content-private.h"
#include "libvirt-sandbox/builder/boot/modules-private.h"
#include "libvirt-sandbox/builder/boot/vmlinux-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/file-write-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Part of the key: to be raised when the same input makes other files. */
#define FORMAT_VERSION "3"
#define KEY_LENGTH 32

/* The files of an entry. A kernel that is booted as it is has no vmlinux. */
#define VMLINUX "vmlinux"
#define INITRD "initrd"
#define MODULES "modules"
#define ON_DEMAND "on-demand"

typedef struct {
    const GVirSandboxBootImageRequest *request;
    const GVirSandboxKernel *kernel;
} Build;

void
gvir_sandbox_boot_image_free(GVirSandboxBootImage *image)
{
    g_free(image->kernel);
    g_free(image->initrd);
    g_strfreev(image->modules);
    g_strfreev(image->on_demand);
    g_free(image->release);
    if (image->lock >= 0)
        close(image->lock);
    g_free(image);
}

/* -- The key -- */

static void
add_text(GChecksum *checksum, const gchar *name, const gchar *text)
{
    /* With the final zero, so that no two lists look alike. */
    g_checksum_update(checksum, (const guchar *)name, strlen(name) + 1);
    g_checksum_update(checksum, (const guchar *)text, strlen(text) + 1);
}

static void
add_list(GChecksum *checksum, const gchar *name, const gchar *const *list)
{
    for (gsize i = 0; list && list[i]; i++)
        add_text(checksum, name, list[i]);
}

/* A file is told by where it is and when it was written: to read it would take longer than the
 * rest. */
static void
add_file(GChecksum *checksum, const gchar *name, const gchar *path)
{
    struct stat status;
    g_autofree gchar *text = NULL;

    if (stat(path, &status) < 0)
        text = g_strdup("-");
    else
        text = g_strdup_printf("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld",
                               (guint64)status.st_ino, (guint64)status.st_size, (gint64)status.st_mtim.tv_sec,
                               (long)status.st_mtim.tv_nsec);
    add_text(checksum, name, path);
    add_text(checksum, name, text);
}

static gchar *
make_key(const GVirSandboxBootImageRequest *request, const GVirSandboxKernel *kernel)
{
    static const gchar *const indexes[] = { "modules.dep", "modules.dep.bin", "modules.softdep",
                                            "modules.builtin.bin" };
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);

    add_text(checksum, "format", FORMAT_VERSION);
    add_text(checksum, "plain", request->plain_kernel ? "yes" : "no");
    add_text(checksum, "release", kernel->release);
    add_file(checksum, "kernel", kernel->path);
    add_file(checksum, "init", request->init);
    for (gsize i = 0; kernel->modules && i < G_N_ELEMENTS(indexes); i++) {
        g_autofree gchar *path = g_build_filename(kernel->modules, indexes[i], NULL);

        add_file(checksum, "index", path);
    }
    add_list(checksum, "needed", request->kernel.needed);
    add_list(checksum, "optional", request->optional);
    add_list(checksum, "on-demand", request->on_demand);
    return g_strndup(g_checksum_get_string(checksum), KEY_LENGTH);
}

/* -- Building -- */

/* The vmlinux of the kernel; without it and without error where the file is to be booted itself. */
static gboolean
build_vmlinux(const Build *build, const gchar *directory, GError **error)
{
    const gchar *kernel_path = build->kernel->path;
    g_autofree gchar *path = g_build_filename(directory, VMLINUX, NULL);
    g_autoptr(GMappedFile) file = NULL;
    g_autoptr(GBytes) kernel = NULL;
    g_autoptr(GBytes) vmlinux = NULL;
    g_autoptr(GBytes) trimmed = NULL;
    g_autoptr(GError) local = NULL;
    GVirSandboxKernelImage image;

    if (!gvir_sandbox_kernel_image_read(kernel_path, &image, error))
        return FALSE;
    if (build->request->plain_kernel || g_strcmp0(image.arch, "x86_64") != 0)
        return TRUE;

    file = g_mapped_file_new(kernel_path, FALSE, &local);
    if (!file) {
        g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND, local->message);
        return FALSE;
    }
    kernel = g_mapped_file_get_bytes(file);
    vmlinux = gvir_sandbox_vmlinux_extract(kernel, &image, GVIR_SANDBOX_VMLINUX_SIZE_MAX, &local);
    if (vmlinux)
        trimmed = gvir_sandbox_vmlinux_trim(vmlinux, image.alignment, &local);
    if (trimmed)
        return gvir_sandbox_file_write(path, 0644, g_bytes_get_data(trimmed, NULL), g_bytes_get_size(trimmed), error);

    /* A bzImage boots without it, though slower; QEMU has no other way to start an ELF file. */
    if (g_error_matches(local, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED) &&
        image.format == GVIR_SANDBOX_KERNEL_IMAGE_BZIMAGE) {
        g_debug("kernel %s is booted as it is: %s", kernel_path, local->message);
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&local));
    return gvir_sandbox_error_prefix(error, _("kernel %s"), kernel_path);
}

static GPtrArray *
resolve_modules(const Build *build, const gchar *const *optional, GError **error)
{
    if (!build->kernel->modules)
        return g_ptr_array_new();
    return gvir_sandbox_modules_resolve(build->kernel->modules, build->kernel->release, build->request->kernel.needed,
                                        optional, error);
}

/* All that is loaded at any time, in an order that fits. */
static GPtrArray *
resolve_all_modules(const Build *build, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    for (gsize i = 0; build->request->optional && build->request->optional[i]; i++)
        g_ptr_array_add(names, g_strdup(build->request->optional[i]));
    for (gsize i = 0; build->request->on_demand && build->request->on_demand[i]; i++) {
        g_auto(GStrv) words = g_strsplit(build->request->on_demand[i], " ", -1);

        for (gsize j = 1; words[j]; j++)
            g_ptr_array_add(names, g_strdup(words[j]));
    }
    g_ptr_array_add(names, NULL);
    return resolve_modules(build, (const gchar *const *)names->pdata, error);
}

/* A line for each name, with the paths in the initrd. */
static gchar *
list_on_demand(const Build *build, GError **error)
{
    g_autoptr(GString) list = g_string_new(NULL);

    for (gsize i = 0; build->request->on_demand && build->request->on_demand[i]; i++) {
        g_auto(GStrv) words = g_strsplit(build->request->on_demand[i], " ", -1);
        g_autoptr(GPtrArray) modules = NULL;
        g_autofree gchar *paths = NULL;

        if (!build->kernel->modules)
            break;
        modules = gvir_sandbox_modules_resolve(build->kernel->modules, build->kernel->release, NULL,
                                               (const gchar *const *)&words[1], error);
        if (!modules)
            return NULL;
        paths = g_strdelimit(gvir_sandbox_initrd_content_list_modules(modules), "\n", ' ');
        g_string_append_printf(list, "%s %s\n", words[0], g_strchomp(paths));
    }
    return g_string_free(g_steal_pointer(&list), FALSE);
}

static gboolean
write_list(const gchar *directory, const gchar *name, const gchar *list, GError **error)
{
    g_autofree gchar *path = g_build_filename(directory, name, NULL);

    return gvir_sandbox_file_write(path, 0644, list, strlen(list), error);
}

static gboolean
build_initrd(const Build *build, const gchar *directory, GCancellable *cancellable, GError **error)
{
    g_autofree gchar *path = g_build_filename(directory, INITRD, NULL);
    g_autoptr(GPtrArray) modules = resolve_modules(build, build->request->optional, error);
    g_autoptr(GPtrArray) all = modules ? resolve_all_modules(build, error) : NULL;
    g_autofree gchar *on_demand = all ? list_on_demand(build, error) : NULL;
    g_autofree gchar *list = NULL;
    gboolean fine;
    int fd;

    if (!on_demand)
        return FALSE;
    list = gvir_sandbox_initrd_content_list_modules(modules);
    if (!write_list(directory, MODULES, list, error) || !write_list(directory, ON_DEMAND, on_demand, error))
        return FALSE;
    fd = gvir_sandbox_file_create(path, 0644, error);
    if (fd < 0)
        return FALSE;
    fine = gvir_sandbox_initrd_content_write(fd, path, build->request->init, all, cancellable, error);
    close(fd);
    return fine;
}

static void
tell(const GVirSandboxBootImageRequest *request, const gchar *text)
{
    if (request->progress)
        request->progress(text, request->progress_data);
}

static gboolean
build_entry(const gchar *directory, gpointer user_data, GCancellable *cancellable, GError **error)
{
    const Build *build = user_data;
    g_autofree gchar *text = g_strdup_printf(_("making a boot image of kernel %s"), build->kernel->release);

    tell(build->request, text);
    /* The quick one first: a module that is missing is then said at once. */
    return build_initrd(build, directory, cancellable, error) &&
           !g_cancellable_set_error_if_cancelled(cancellable, error) && build_vmlinux(build, directory, error);
}

static void
tell_waiting(gpointer user_data)
{
    const Build *build = user_data;

    tell(build->request, _("waiting for another sandbox, which makes the same boot image"));
}

/* -- The image -- */

static GStrv
read_list(const gchar *directory, const gchar *name, GError **error)
{
    g_autofree gchar *path = g_build_filename(directory, name, NULL);
    g_autofree gchar *list = NULL;
    g_autoptr(GError) local = NULL;

    if (!g_file_get_contents(path, &list, NULL, &local)) {
        g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_FAILED, local->message);
        return NULL;
    }
    return g_strsplit(g_strchomp(list), "\n", -1);
}

static GVirSandboxBootImage *
image_from_entry(GVirSandboxBootCacheEntry *entry, const GVirSandboxKernel *kernel, GError **error)
{
    g_autoptr(GVirSandboxBootImage) image = g_new0(GVirSandboxBootImage, 1);
    g_autofree gchar *vmlinux = g_build_filename(entry->path, VMLINUX, NULL);

    image->lock = -1;
    image->modules = read_list(entry->path, MODULES, error);
    image->on_demand = image->modules ? read_list(entry->path, ON_DEMAND, error) : NULL;
    if (!image->on_demand)
        return NULL;
    image->pvh = g_file_test(vmlinux, G_FILE_TEST_EXISTS);
    image->kernel = image->pvh ? g_steal_pointer(&vmlinux) : g_strdup(kernel->path);
    image->initrd = g_build_filename(entry->path, INITRD, NULL);
    image->release = g_strdup(kernel->release);
    image->cached = !entry->built;
    image->lock = entry->lock;
    entry->lock = -1;
    return g_steal_pointer(&image);
}

static gboolean
check_init(const gchar *init, GError **error)
{
    if (access(init, R_OK) == 0)
        return TRUE;
    gvir_sandbox_error_set_errno(error, errno, _("the guest's init %s"), init);
    return FALSE;
}

GVirSandboxBootImage *
gvir_sandbox_boot_image_obtain(const GVirSandboxBootImageRequest *request, GCancellable *cancellable, GError **error)
{
    g_autoptr(GVirSandboxKernel) kernel = NULL;
    g_autoptr(GVirSandboxBootCacheEntry) entry = NULL;
    g_autofree gchar *key = NULL;
    g_autofree gchar *cache = NULL;
    g_autofree gchar *resolved = NULL;
    Build build = { request, NULL };

    if (!check_init(request->init, error))
        return NULL;
    kernel = gvir_sandbox_kernel_choose(&request->kernel, error);
    if (!kernel)
        return NULL;

    build.kernel = kernel;
    cache = request->cache ? g_strdup(request->cache) : gvir_sandbox_boot_cache_default_directory();
    key = make_key(request, kernel);
    entry = gvir_sandbox_boot_cache_obtain(cache, key, build_entry, tell_waiting, &build, cancellable, error);
    if (!entry)
        return NULL;
    /* Where the links of its path lead, as locks are beside that. */
    resolved = g_path_get_dirname(entry->path);
    gvir_sandbox_boot_cache_prune(resolved);
    return image_from_entry(entry, kernel, error);
}
