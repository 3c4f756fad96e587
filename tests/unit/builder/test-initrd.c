/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/initrd.h"
#include "libvirt-sandbox/builder/boot/kernel-private.h"
#include "libvirt-sandbox/error.h"

#include "tests/unit/initrd-listing.h"
#include "tests/unit/test-directory.h"

#include <string.h>

typedef struct {
    TestDirectory *directory;
    GVirSandboxBuilderInitrd *builder;
    GVirSandboxConfigInitrd *config;
    gchar *init;
    gchar *output;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    fixture->directory = test_directory_new();
    fixture->builder = gvir_sandbox_builder_initrd_new();
    fixture->config = gvir_sandbox_config_initrd_new();
    fixture->init = g_build_filename(fixture->directory->path, "program", NULL);
    fixture->output = g_build_filename(fixture->directory->path, "out/initrd", NULL);
    test_directory_write(fixture->directory, "program", "#!/bin/true\n", 12);
    test_directory_write(fixture->directory, "out/initrd", "before", 6);
    gvir_sandbox_config_initrd_set_init(fixture->config, fixture->init);
}

static void
tear_down(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_object_unref(fixture->builder);
    g_object_unref(fixture->config);
    test_directory_free(fixture->directory);
    g_free(fixture->init);
    g_free(fixture->output);
}

static void
construct(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    gboolean fine = gvir_sandbox_builder_initrd_construct(fixture->builder, fixture->config, fixture->output, &error);

    g_assert_no_error(error);
    g_assert_true(fine);
}

/* Nothing is left behind, and what was there before still is. */
static void
expect_error(Fixture *fixture, GVirSandboxError code, const gchar *text)
{
    g_autofree gchar *directory_path = g_path_get_dirname(fixture->output);
    g_autofree gchar *content = NULL;
    g_autoptr(GDir) directory = g_dir_open(directory_path, 0, NULL);
    g_autoptr(GError) error = NULL;

    g_assert_false(gvir_sandbox_builder_initrd_construct(fixture->builder, fixture->config, fixture->output, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, (gint)code);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, text));
    if (directory) {
        g_assert_cmpstr(g_dir_read_name(directory), ==, "initrd");
        g_assert_null(g_dir_read_name(directory));
        g_assert_true(g_file_get_contents(fixture->output, &content, NULL, NULL));
        g_assert_cmpstr(content, ==, "before");
    }
}

static void
test_without_modules(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree gchar *listing = NULL;

    construct(fixture);
    listing = initrd_listing_read(fixture->output, 0);
    g_assert_cmpstr(listing, ==,
                    "dev d 0755 0\nmodules d 0755 0\nproc d 0755 0\nsys d 0755 0\n"
                    "dev/console c 0600 5:1\ninit f 0755 12\nmodules/order f 0644 0\n");
}

static void
test_same_bytes(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree gchar *first = NULL;
    g_autofree gchar *second = NULL;
    gsize first_length, second_length;

    construct(fixture);
    g_assert_true(g_file_get_contents(fixture->output, &first, &first_length, NULL));
    construct(fixture);
    g_assert_true(g_file_get_contents(fixture->output, &second, &second_length, NULL));
    g_assert_cmpmem(first, first_length, second, second_length);
}

static void
test_errors(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    gvir_sandbox_config_initrd_set_init(fixture->config, "/nonexistent/program");
    expect_error(fixture, GVIR_SANDBOX_ERROR_NOT_FOUND, "/nonexistent/program");
    gvir_sandbox_config_initrd_set_init(fixture->config, NULL);
    expect_error(fixture, GVIR_SANDBOX_ERROR_INVALID, "no init program");

    gvir_sandbox_config_initrd_set_init(fixture->config, fixture->init);
    gvir_sandbox_config_initrd_set_kver(fixture->config, "0.0.1-nonexistent");
    gvir_sandbox_config_initrd_add_module(fixture->config, "9p");
    expect_error(fixture, GVIR_SANDBOX_ERROR_NOT_FOUND, "0.0.1-nonexistent");
    gvir_sandbox_config_initrd_set_kmoddir(fixture->config, fixture->directory->path);
    expect_error(fixture, GVIR_SANDBOX_ERROR_NOT_FOUND, fixture->directory->path);
}

static void
test_output_not_writable(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_free(fixture->output);
    fixture->output = g_build_filename(fixture->directory->path, "nowhere", "initrd", NULL);
    expect_error(fixture, GVIR_SANDBOX_ERROR_NOT_FOUND, fixture->output);
}

static void
test_modules(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    static const gchar *const needed[] = { "9p", "virtio_pci", NULL };
    const GVirSandboxKernelRequest request = { .needed = needed };
    g_autoptr(GVirSandboxKernel) kernel = gvir_sandbox_kernel_choose(&request, NULL);
    g_autofree gchar *listing = NULL;
    g_autofree gchar *builtin_path = NULL;
    g_autofree gchar *builtin = NULL;

    if (!kernel) {
        g_test_skip("no kernel with 9p is installed");
        return;
    }
    builtin_path = g_build_filename(kernel->modules, "modules.builtin", NULL);
    g_assert_true(g_file_get_contents(builtin_path, &builtin, NULL, NULL));

    gvir_sandbox_config_initrd_add_module(fixture->config, "no_such_module");
    gvir_sandbox_config_initrd_set_kver(fixture->config, kernel->release);
    expect_error(fixture, GVIR_SANDBOX_ERROR_NOT_FOUND, "no_such_module");

    g_clear_object(&fixture->config);
    fixture->config = gvir_sandbox_config_initrd_new();
    gvir_sandbox_config_initrd_set_init(fixture->config, fixture->init);
    gvir_sandbox_config_initrd_add_module(fixture->config, "9p.ko");
    gvir_sandbox_config_initrd_add_module(fixture->config, "virtio-pci");
    gvir_sandbox_config_initrd_set_kmoddir(fixture->config, kernel->modules);
    gvir_sandbox_config_initrd_set_kver(fixture->config, kernel->release);
    construct(fixture);
    listing = initrd_listing_read(fixture->output, 0);
    g_test_message("%s", listing);
    g_assert_nonnull(strstr(listing, "\nmodules/order f 0644 "));
    for (gsize i = 0; needed[i]; i++) {
        g_autofree gchar *line = g_strdup_printf("\nmodules/%s.ko f 0644 ", needed[i]);
        g_autofree gchar *line_built_in = g_strdup_printf("/%s.ko\n", needed[i]);

        g_assert_true(strstr(listing, line) || strstr(builtin, line_built_in));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add("/initrd/" name, Fixture, NULL, set_up, function, tear_down)
    TEST("without-modules", test_without_modules);
    TEST("same-bytes", test_same_bytes);
    TEST("errors", test_errors);
    TEST("output-not-writable", test_output_not_writable);
    TEST("modules", test_modules);
#undef TEST
    return g_test_run();
}
