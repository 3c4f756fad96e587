/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/kernel-private.h"

#include "libvirt-sandbox/builder/boot/kernel-image-private.h"
#include "libvirt-sandbox/builder/boot/modules-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/host-arch-private.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define MODULES_INDEX "modules.dep"

static const gchar *const image_places[] = {
    "boot/vmlinuz-%s", "lib/modules/%s/vmlinuz", "usr/lib/modules/%s/vmlinuz", "boot/vmlinux-%s", "boot/Image-%s",
};

static const gchar *const module_places[] = { "lib/modules", "usr/lib/modules" };

void
gvir_sandbox_kernel_free(GVirSandboxKernel *kernel)
{
    g_free(kernel->path);
    g_free(kernel->release);
    g_free(kernel->modules);
    g_free(kernel);
}

static gchar *
running_release(void)
{
    struct utsname host;

    uname(&host);
    return g_strdup(host.release);
}

/* -- Releases -- */

/* Before the release itself come its candidates: "6.1-rc2" is older than "6.1". */
static gboolean
is_candidate(const gchar *text)
{
    return text[0] == '~' || g_str_has_prefix(text, "-rc") || g_str_has_prefix(text, "rc");
}

static gint
compare_numbers(const gchar **a, const gchar **b)
{
    gsize a_digits, b_digits;
    gint difference;

    while (**a == '0')
        (*a)++;
    while (**b == '0')
        (*b)++;
    a_digits = strspn(*a, "0123456789");
    b_digits = strspn(*b, "0123456789");
    difference = a_digits != b_digits ? (a_digits < b_digits ? -1 : 1) : strncmp(*a, *b, a_digits);
    *a += a_digits;
    *b += b_digits;
    return difference;
}

gint
gvir_sandbox_kernel_compare_releases(const gchar *a, const gchar *b)
{
    while (*a != '\0' || *b != '\0') {
        gint difference;

        if (is_candidate(a) != is_candidate(b))
            return is_candidate(a) ? -1 : 1;
        if (g_ascii_isdigit(*a) && g_ascii_isdigit(*b)) {
            difference = compare_numbers(&a, &b);
        } else if (g_ascii_isdigit(*a) != g_ascii_isdigit(*b)) {
            /* "6.1.5" is newer than "6.1-amd64" and than "6.1". */
            return g_ascii_isdigit(*a) ? 1 : -1;
        } else {
            difference = (guchar)*a - (guchar)*b;
            a += *a != '\0';
            b += *b != '\0';
        }
        if (difference != 0)
            return difference;
    }
    return 0;
}

static gint
compare_newest_first(gconstpointer a, gconstpointer b)
{
    return gvir_sandbox_kernel_compare_releases(*(const gchar *const *)b, *(const gchar *const *)a);
}

/* -- Files -- */

static gchar *
find_image(const gchar *search_root, const gchar *release)
{
    for (gsize i = 0; i < G_N_ELEMENTS(image_places); i++) {
        g_auto(GStrv) parts = g_strsplit(image_places[i], "%s", 2);
        g_autofree gchar *place = g_strconcat(parts[0], release, parts[1], NULL);
        g_autofree gchar *path = g_build_filename(search_root, place, NULL);

        if (g_file_test(path, G_FILE_TEST_EXISTS))
            return g_canonicalize_filename(path, "/");
    }
    return NULL;
}

static gboolean
has_index(const gchar *directory)
{
    g_autofree gchar *index = g_build_filename(directory, MODULES_INDEX, NULL);

    return g_file_test(index, G_FILE_TEST_EXISTS);
}

static gchar *
find_modules_in(const gchar *base, const gchar *release)
{
    g_autofree gchar *below = g_build_filename(base, release, NULL);
    g_autofree gchar *above = g_path_get_dirname(base);

    if (has_index(below))
        return g_canonicalize_filename(below, NULL);
    if (has_index(base))
        return g_canonicalize_filename(base, NULL);
    /* As libvirt-sandbox has always had it: the "kernel" folder of a release. */
    if (g_str_has_suffix(base, "/kernel") && has_index(above))
        return g_canonicalize_filename(above, NULL);
    return NULL;
}

gchar *
gvir_sandbox_kernel_find_modules(const gchar *base, const gchar *release, const gchar *search_root, GError **error)
{
    gchar *found = NULL;

    if (base) {
        found = find_modules_in(base, release);
        if (!found)
            g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND,
                        _("modules of kernel %s: neither %s/%s nor %s has a %s"), release, base, release, base,
                        MODULES_INDEX);
        return found;
    }

    for (gsize i = 0; i < G_N_ELEMENTS(module_places) && !found; i++) {
        g_autofree gchar *place = g_build_filename(search_root ? search_root : "/", module_places[i], NULL);

        found = find_modules_in(place, release);
    }
    if (!found) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND,
                    _("modules of kernel %s: no /lib/modules/%s/%s"), release, release, MODULES_INDEX);
        gvir_sandbox_error_set_remedy(error, "kmodpath");
    }
    return found;
}

/* -- Is it one -- */

static gboolean
is_x86(const gchar *arch)
{
    return g_str_equal(arch, "x86_64") || g_str_equal(arch, "i686");
}

static gboolean
check_image(const gchar *path, const GVirSandboxKernelImage *image, const gchar *arch, GError **error)
{
    if (image->arch && !g_str_equal(image->arch, arch)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED, _("kernel %s is for %s, not for %s"),
                    path, image->arch, arch);
        return FALSE;
    }
    /* Kernels of s390 begin with code, which tells nothing. */
    if (image->format == GVIR_SANDBOX_KERNEL_IMAGE_UNKNOWN ? !g_str_equal(arch, "s390x")
        : image->format == GVIR_SANDBOX_KERNEL_IMAGE_OTHER ? is_x86(arch)
                                                           : FALSE) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, _("%s is not a kernel for %s"), path, arch);
        return FALSE;
    }
    return TRUE;
}

static gboolean
read_image(const gchar *path, const gchar *arch, GVirSandboxKernelImage *image, GError **error)
{
    g_autoptr(GError) local = NULL;

    if (!gvir_sandbox_kernel_image_read(path, image, &local)) {
        if (!g_error_matches(local, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_DENIED)) {
            g_propagate_error(error, g_steal_pointer(&local));
            return FALSE;
        }
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_DENIED,
                    _("%s; let it be read (chmod +r %s), or boot a copy of it"), local->message, path);
        gvir_sandbox_error_set_remedy(error, "kernpath");
        return FALSE;
    }
    return check_image(path, image, arch, error);
}

/* -- Choice -- */

static gboolean
needs_any(const GVirSandboxKernelRequest *request)
{
    return request->needed && request->needed[0];
}

/* A kernel without a directory of modules will do where no module is needed. */
static gboolean
add_modules(const GVirSandboxKernelRequest *request, GVirSandboxKernel *kernel, GError **error)
{
    g_autoptr(GError) local = NULL;

    kernel->modules = gvir_sandbox_kernel_find_modules(request->modules, kernel->release, request->search_root, &local);
    if (!kernel->modules && (needs_any(request) || request->modules)) {
        g_propagate_error(error, g_steal_pointer(&local));
        return FALSE;
    }
    return TRUE;
}

/* The release of a kernel whose file does not tell, from the file's name. */
static gchar *
release_from_name(const gchar *path)
{
    g_autofree gchar *name = g_path_get_basename(path);
    g_autofree gchar *directory = g_path_get_dirname(path);
    const gchar *dash = strchr(name, '-');

    if (dash && g_ascii_isdigit(dash[1]))
        return g_strdup(dash + 1);
    return has_index(directory) ? g_path_get_basename(directory) : NULL;
}

static GVirSandboxKernel *
take_path(const GVirSandboxKernelRequest *request, const gchar *arch, GError **error)
{
    g_autoptr(GVirSandboxKernel) kernel = g_new0(GVirSandboxKernel, 1);
    GVirSandboxKernelImage image;

    kernel->path = g_canonicalize_filename(request->path, NULL);
    if (!read_image(kernel->path, arch, &image, error))
        return NULL;
    if (request->release)
        kernel->release = g_strdup(request->release);
    else if (image.release[0] != '\0')
        kernel->release = g_strdup(image.release);
    else
        kernel->release = release_from_name(kernel->path);
    if (!kernel->release) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                    _("kernel %s: cannot determine its release; set the kernel release"), kernel->path);
        gvir_sandbox_error_set_remedy(error, "kernrelease");
        return NULL;
    }
    if (!add_modules(request, kernel, error))
        return NULL;
    return g_steal_pointer(&kernel);
}

static GVirSandboxKernel *
take_release(const GVirSandboxKernelRequest *request, const gchar *arch, const gchar *release, GError **error)
{
    const gchar *root = request->search_root ? request->search_root : "/";
    g_autoptr(GVirSandboxKernel) kernel = g_new0(GVirSandboxKernel, 1);
    GVirSandboxKernelImage image;

    kernel->release = g_strdup(release);
    kernel->path = find_image(root, release);
    if (!kernel->path) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND,
                    _("no kernel %s: neither /boot/vmlinuz-%s nor /lib/modules/%s/vmlinuz is there"), release, release,
                    release);
        gvir_sandbox_error_set_remedy(error, "kernpath");
        return NULL;
    }
    if (!read_image(kernel->path, arch, &image, error) || !add_modules(request, kernel, error))
        return NULL;
    return g_steal_pointer(&kernel);
}

/* A kernel that nobody asked for by name must have all that is needed. */
static GVirSandboxKernel *
try_release(const GVirSandboxKernelRequest *request, const gchar *arch, const gchar *release, GError **error)
{
    g_autoptr(GVirSandboxKernel) kernel = take_release(request, arch, release, error);

    if (!kernel ||
        (needs_any(request) && !gvir_sandbox_modules_check(kernel->modules, release, request->needed, error)))
        return NULL;
    return g_steal_pointer(&kernel);
}

static void
list_directory(const gchar *root, const gchar *place, const gchar *prefix, GHashTable *releases)
{
    g_autofree gchar *path = g_build_filename(root, place, NULL);
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    const gchar *name;

    while (directory && (name = g_dir_read_name(directory))) {
        if (g_str_has_prefix(name, prefix) && name[strlen(prefix)] != '\0')
            g_hash_table_add(releases, g_strdup(name + strlen(prefix)));
    }
}

/* All releases of which there is any trace, the newest first. */
static GPtrArray *
list_releases(const gchar *root)
{
    g_autoptr(GHashTable) releases = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter iter;
    gpointer release;

    for (gsize i = 0; i < G_N_ELEMENTS(module_places); i++)
        list_directory(root, module_places[i], "", releases);
    list_directory(root, "boot", "vmlinuz-", releases);
    list_directory(root, "boot", "vmlinux-", releases);

    g_hash_table_iter_init(&iter, releases);
    while (g_hash_table_iter_next(&iter, &release, NULL)) {
        g_hash_table_iter_steal(&iter);
        g_ptr_array_add(list, release);
    }
    g_ptr_array_sort(list, compare_newest_first);
    return list;
}

static gchar *
package_to_install(const gchar *arch)
{
    if (g_file_test("/etc/debian_version", G_FILE_TEST_EXISTS))
        return g_strconcat("linux-image-",
                           g_str_equal(arch, "x86_64")    ? "amd64"
                           : g_str_equal(arch, "aarch64") ? "arm64"
                                                          : arch,
                           NULL);
    if (g_file_test("/etc/redhat-release", G_FILE_TEST_EXISTS))
        return g_strdup("kernel-core");
    return g_strdup(_("a kernel package"));
}

static void
set_no_kernel(const gchar *running, const gchar *arch, const GError *reason, GError **error)
{
    g_autofree gchar *package = package_to_install(arch);

    /* One that is there and cannot be read needs another mend than one that is missing. */
    if (reason && g_error_matches(reason, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_DENIED))
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_DENIED, _("no kernel to boot: %s"), reason->message);
    else if (reason)
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND,
                    _("no kernel to boot: %s; install %s, or name the file of another kernel"), reason->message,
                    package);
    else
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND,
                    _("no kernel to boot: looked for /boot/vmlinuz-%s and in /lib/modules/*/; "
                      "install %s, or name the file of another kernel"),
                    running, package);
    gvir_sandbox_error_set_remedy(error, "kernpath");
}

static GVirSandboxKernel *
search(const GVirSandboxKernelRequest *request, const gchar *arch, GError **error)
{
    const gchar *root = request->search_root ? request->search_root : "/";
    g_autofree gchar *running = request->running ? g_strdup(request->running) : running_release();
    g_autoptr(GPtrArray) releases = NULL;
    g_autoptr(GError) reason = NULL;
    GVirSandboxKernel *kernel = try_release(request, arch, running, NULL);

    if (kernel)
        return kernel;

    releases = list_releases(root);
    for (guint i = 0; i < releases->len; i++) {
        const gchar *release = g_ptr_array_index(releases, i);
        g_autofree gchar *image = find_image(root, release);

        /* Modules left behind by a kernel that is gone are no reason for anything. */
        if (!image)
            continue;
        kernel = try_release(request, arch, release, reason ? NULL : &reason);
        if (kernel)
            return kernel;
    }
    set_no_kernel(running, arch, reason, error);
    return NULL;
}

GVirSandboxKernel *
gvir_sandbox_kernel_choose(const GVirSandboxKernelRequest *request, GError **error)
{
    g_autofree gchar *host_arch = gvir_sandbox_host_arch();

    if (request->arch && !g_str_equal(request->arch, host_arch)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("a machine of architecture %s: this host is %s, and only its own can be "
                      "booted"),
                    request->arch, host_arch);
        return NULL;
    }
    if (request->path)
        return take_path(request, host_arch, error);
    if (request->release)
        return take_release(request, host_arch, request->release, error);
    return search(request, host_arch, error);
}
