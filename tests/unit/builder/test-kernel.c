/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/kernel-image-private.h"
#include "libvirt-sandbox/builder/boot/kernel-private.h"
#include "libvirt-sandbox/builder/boot/modules-private.h"
#include "libvirt-sandbox/error.h"

#include "tests/unit/kernel-samples.h"
#include "tests/unit/test-directory.h"

#include <elf.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static gboolean
parse(const GByteArray *content, GVirSandboxKernelImage *image, GError **error)
{
    return gvir_sandbox_kernel_image_parse(content->data, MIN(content->len, GVIR_SANDBOX_KERNEL_IMAGE_HEAD_SIZE),
                                           content->len, image, error);
}

/* -- Headers -- */

static void
test_header_bzimage(void)
{
    g_autoptr(GByteArray) content = kernel_sample_new("6.1.0-9-sample");
    GVirSandboxKernelImage image;
    g_autoptr(GError) error = NULL;

    g_assert_true(parse(content, &image, &error));
    g_assert_no_error(error);
    g_assert_cmpint(image.format, ==, GVIR_SANDBOX_KERNEL_IMAGE_BZIMAGE);
    g_assert_cmpstr(image.arch, ==, "x86_64");
    g_assert_cmpstr(image.release, ==, "6.1.0-9-sample");
    g_assert_cmpuint(image.payload_offset + image.payload_length, ==, content->len);

    content->data[0x236] = 0;
    g_assert_true(parse(content, &image, &error));
    g_assert_cmpstr(image.arch, ==, "i686");
}

static void
test_header_cut_off(void)
{
    g_autoptr(GByteArray) content = kernel_sample_new("6.1.0");

    for (guint length = 0x250; length < content->len; length += 97) {
        GVirSandboxKernelImage image;
        g_autoptr(GError) error = NULL;

        g_assert_false(gvir_sandbox_kernel_image_parse(content->data, length, length, &image, &error));
        g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
    }
}

static void
test_header_release_outside(void)
{
    g_autoptr(GByteArray) content = kernel_sample_new("6.1.0");
    GVirSandboxKernelImage image;

    content->data[0x20e] = 0xff;
    content->data[0x20f] = 0xff;
    g_assert_true(parse(content, &image, NULL));
    g_assert_cmpstr(image.release, ==, "");

    /* Neither is what cannot be one taken for it. */
    content->data[0x20e] = 0;
    content->data[0x20f] = 4;
    memcpy(content->data + 0x600, "../../etc", 10);
    g_assert_true(parse(content, &image, NULL));
    g_assert_cmpstr(image.release, ==, "");
}

static void
test_header_others(void)
{
    guint8 text[128] = { 0 };
    GVirSandboxKernelImage image;

    memcpy(text + 0x38, "ARM\x64", 4);
    g_assert_true(gvir_sandbox_kernel_image_parse(text, sizeof(text), sizeof(text), &image, NULL));
    g_assert_cmpint(image.format, ==, GVIR_SANDBOX_KERNEL_IMAGE_OTHER);
    g_assert_cmpstr(image.arch, ==, "aarch64");

    memset(text, 'x', sizeof(text));
    g_assert_true(gvir_sandbox_kernel_image_parse(text, sizeof(text), sizeof(text), &image, NULL));
    g_assert_cmpint(image.format, ==, GVIR_SANDBOX_KERNEL_IMAGE_UNKNOWN);
    g_assert_true(gvir_sandbox_kernel_image_parse(text, 0, 0, &image, NULL));
    g_assert_cmpint(image.format, ==, GVIR_SANDBOX_KERNEL_IMAGE_UNKNOWN);
}

/* -- Releases -- */

static void
test_compare(void)
{
    static const gchar *const sorted[] = {
        "4.19.0-27-amd64",
        "5.10.0-9-amd64",
        "5.10.0-28-amd64",
        "6.1-rc2",
        "6.1-rc10",
        "6.1",
        "6.1.0-56-amd64",
        "6.1.9",
        "6.1.10",
        "6.9.7",
        "6.10.11+bpo-rt-amd64",
        "6.18.44-fc-v769",
        "10.0",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(sorted); i++) {
        for (gsize j = 0; j < G_N_ELEMENTS(sorted); j++) {
            gint result = gvir_sandbox_kernel_compare_releases(sorted[i], sorted[j]);

            g_test_message("%s and %s: %d", sorted[i], sorted[j], result);
            g_assert_cmpint(result < 0, ==, i < j);
            g_assert_cmpint(result > 0, ==, i > j);
        }
    }
}

/* -- Choice, in a made-up file system -- */

typedef struct {
    TestDirectory *directory;
    const gchar *root;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    fixture->directory = test_directory_new();
    fixture->root = fixture->directory->path;
}

static void
tear_down(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    test_directory_free(fixture->directory);
}

static void
add_image(Fixture *fixture, const gchar *path, const gchar *release)
{
    g_autoptr(GByteArray) content = kernel_sample_new(release);
    g_autofree gchar *full = g_build_filename(fixture->root, path, NULL);

    kernel_sample_write(full, content);
}

static void
add_modules(Fixture *fixture, const gchar *release)
{
    g_autofree gchar *path = g_strdup_printf("lib/modules/%s/modules.dep", release);

    test_directory_write(fixture->directory, path, "", 0);
}

static GVirSandboxKernel *
choose(Fixture *fixture, GVirSandboxKernelRequest request, GError **error)
{
    request.search_root = fixture->root;
    if (!request.running)
        request.running = "9.9.9-running";
    return gvir_sandbox_kernel_choose(&request, error);
}

static void
expect_release(Fixture *fixture, GVirSandboxKernelRequest request, const gchar *release)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVirSandboxKernel) kernel = choose(fixture, request, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(kernel->release, ==, release);
}

static void
expect_error(Fixture *fixture, GVirSandboxKernelRequest request, GVirSandboxError code, const gchar *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVirSandboxKernel) kernel = choose(fixture, request, &error);

    g_assert_null(kernel);
    g_assert_error(error, GVIR_SANDBOX_ERROR, (gint)code);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, text));
    g_assert_null(strchr(error->message, '\n'));
}

static void
test_choose_newest(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    add_image(fixture, "boot/vmlinuz-6.1.0-9", "6.1.0-9");
    add_image(fixture, "lib/modules/6.1.0-10/vmlinuz", "6.1.0-10");
    add_modules(fixture, "6.1.0-9");
    add_modules(fixture, "6.1.0-10");
    add_modules(fixture, "6.20.0-gone");

    expect_release(fixture, (GVirSandboxKernelRequest){ 0 }, "6.1.0-10");
    expect_release(fixture, (GVirSandboxKernelRequest){ .running = "6.1.0-9" }, "6.1.0-9");
    expect_release(fixture, (GVirSandboxKernelRequest){ .release = "6.1.0-9" }, "6.1.0-9");
}

static void
test_choose_skips_what_is_no_kernel(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    add_image(fixture, "boot/vmlinuz-6.1.0", "6.1.0");
    test_directory_write(fixture->directory, "boot/vmlinuz-7.0", "text", 4);

    expect_release(fixture, (GVirSandboxKernelRequest){ 0 }, "6.1.0");
}

static void
test_choose_none(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    const gchar *const needed[] = { "9p", NULL };

    expect_error(fixture, (GVirSandboxKernelRequest){ 0 }, GVIR_SANDBOX_ERROR_NOT_FOUND,
                 "no kernel to boot: looked for /boot/vmlinuz-9.9.9-running and in "
                 "/lib/modules/*/; install ");
    add_image(fixture, "boot/vmlinuz-6.1.0", "6.1.0");
    expect_error(fixture, (GVirSandboxKernelRequest){ .needed = needed }, GVIR_SANDBOX_ERROR_NOT_FOUND,
                 "modules of kernel 6.1.0");
    expect_error(fixture, (GVirSandboxKernelRequest){ .release = "5.0" }, GVIR_SANDBOX_ERROR_NOT_FOUND,
                 "no kernel 5.0");
}

static void
test_choose_path(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    const gchar *const needed[] = { "9p", NULL };
    g_autofree gchar *path = g_build_filename(fixture->root, "somewhere/mine", NULL);
    g_autofree gchar *modules = g_build_filename(fixture->root, "lib/modules", NULL);
    g_autofree gchar *below = g_build_filename(modules, "6.2.0-own/kernel", NULL);
    g_autoptr(GVirSandboxKernel) kernel = NULL;

    expect_error(fixture, (GVirSandboxKernelRequest){ .path = path }, GVIR_SANDBOX_ERROR_NOT_FOUND, path);
    test_directory_write(fixture->directory, "somewhere/mine", "no kernel", 9);
    expect_error(fixture, (GVirSandboxKernelRequest){ .path = path }, GVIR_SANDBOX_ERROR_INVALID, "is not a kernel");
    expect_error(fixture, (GVirSandboxKernelRequest){ .path = fixture->root }, GVIR_SANDBOX_ERROR_INVALID,
                 "not a regular file");

    add_image(fixture, "somewhere/mine", "6.2.0-own");
    expect_release(fixture, (GVirSandboxKernelRequest){ .path = path }, "6.2.0-own");
    expect_release(fixture, (GVirSandboxKernelRequest){ .path = path, .release = "1.2" }, "1.2");
    expect_error(fixture, (GVirSandboxKernelRequest){ .path = path, .needed = needed }, GVIR_SANDBOX_ERROR_NOT_FOUND,
                 "modules of kernel 6.2.0-own");
    add_modules(fixture, "6.2.0-own");
    expect_release(fixture, (GVirSandboxKernelRequest){ .path = path, .modules = modules }, "6.2.0-own");
    kernel = choose(fixture, (GVirSandboxKernelRequest){ .path = path, .modules = below }, NULL);
    g_assert_true(g_str_has_suffix(kernel->modules, "/lib/modules/6.2.0-own"));
}

static void
test_choose_vmlinux(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(TRUE);
    g_autofree gchar *path = g_build_filename(fixture->root, "vmlinux", NULL);

    kernel_sample_write(path, vmlinux);
    expect_release(fixture, (GVirSandboxKernelRequest){ .path = path }, "5.4.3-sample");
    vmlinux->data[offsetof(Elf64_Ehdr, e_machine)] = EM_AARCH64;
    kernel_sample_write(path, vmlinux);
    expect_error(fixture, (GVirSandboxKernelRequest){ .path = path }, GVIR_SANDBOX_ERROR_UNSUPPORTED, "is for aarch64");
}

static void
test_choose_other_arch(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    expect_error(fixture, (GVirSandboxKernelRequest){ .arch = "sparc64" }, GVIR_SANDBOX_ERROR_UNSUPPORTED, "sparc64");
}

static void
test_choose_unreadable(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree gchar *path = g_build_filename(fixture->root, "boot/vmlinuz-6.1.0", NULL);

    if (geteuid() == 0) {
        g_test_skip("root can read everything");
        return;
    }
    add_image(fixture, "boot/vmlinuz-6.1.0", "6.1.0");
    g_assert_cmpint(g_chmod(path, 0), ==, 0);
    expect_error(fixture, (GVirSandboxKernelRequest){ .path = path }, GVIR_SANDBOX_ERROR_DENIED, "boot a copy of it");
    expect_error(fixture, (GVirSandboxKernelRequest){ 0 }, GVIR_SANDBOX_ERROR_DENIED, "boot a copy of it");
}

/* -- The kernels installed here -- */

static void
test_real_kernel(void)
{
    static const gchar *const needed[] = { "virtio-pci", "9pnet_virtio", NULL };
    static const gchar *const wrong[] = { "virtio_pci", "no_such_module", NULL };
    const GVirSandboxKernelRequest request = { .needed = needed };
    g_autoptr(GError) error = NULL;
    g_autoptr(GVirSandboxKernel) kernel = gvir_sandbox_kernel_choose(&request, NULL);
    g_autoptr(GPtrArray) modules = NULL;

    if (!kernel) {
        g_test_skip("no kernel with 9p is installed");
        return;
    }
    modules = gvir_sandbox_modules_resolve(kernel->modules, kernel->release, needed, wrong, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < modules->len; i++) {
        const GVirSandboxModule *module = g_ptr_array_index(modules, i);
        g_autoptr(GBytes) elf = gvir_sandbox_module_read(module, &error);

        g_assert_no_error(error);
        g_assert_null(strchr(module->name, '-'));
        g_assert_cmpmem(g_bytes_get_data(elf, NULL), SELFMAG, ELFMAG, SELFMAG);
        for (guint j = 0; j < i; j++) {
            const GVirSandboxModule *earlier = g_ptr_array_index(modules, j);

            g_assert_cmpstr(earlier->name, !=, module->name);
        }
    }

    g_assert_false(gvir_sandbox_modules_check(kernel->modules, kernel->release, wrong, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND);
    g_assert_nonnull(strstr(error->message, "no_such_module"));
}

/* What is built into a kernel is there, and nothing has to be loaded for it. */
static void
test_real_builtin(void)
{
    const GVirSandboxKernelRequest request = { 0 };
    g_autoptr(GVirSandboxKernel) kernel = gvir_sandbox_kernel_choose(&request, NULL);
    g_autofree gchar *list = NULL;
    g_autofree gchar *path = NULL;
    g_autofree gchar *name = NULL;
    g_autoptr(GPtrArray) modules = NULL;
    g_autoptr(GError) error = NULL;

    if (kernel && kernel->modules)
        path = g_build_filename(kernel->modules, "modules.builtin", NULL);
    if (!path || !g_file_get_contents(path, &list, NULL, NULL)) {
        g_test_skip("no kernel is installed");
        return;
    }
    *strchr(list, '\n') = '\0';
    name = g_path_get_basename(list);
    *strstr(name, ".ko") = '\0';

    modules = gvir_sandbox_modules_resolve(kernel->modules, kernel->release, (const gchar *const[]){ name, NULL }, NULL,
                                           &error);
    g_test_message("%s is built in", name);
    g_assert_no_error(error);
    g_assert_cmpuint(modules->len, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernel/header/bzimage", test_header_bzimage);
    g_test_add_func("/kernel/header/cut-off", test_header_cut_off);
    g_test_add_func("/kernel/header/release-outside", test_header_release_outside);
    g_test_add_func("/kernel/header/others", test_header_others);
    g_test_add_func("/kernel/compare", test_compare);
#define CHOICE(name, function) g_test_add("/kernel/choose/" name, Fixture, NULL, set_up, function, tear_down)
    CHOICE("newest", test_choose_newest);
    CHOICE("no-kernel", test_choose_skips_what_is_no_kernel);
    CHOICE("none", test_choose_none);
    CHOICE("path", test_choose_path);
    CHOICE("vmlinux", test_choose_vmlinux);
    CHOICE("other-arch", test_choose_other_arch);
    CHOICE("unreadable", test_choose_unreadable);
#undef CHOICE
    g_test_add_func("/kernel/real/modules", test_real_kernel);
    g_test_add_func("/kernel/real/builtin", test_real_builtin);
    return g_test_run();
}
