/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files are copied whole, whatever the kernel says of how to. */

#include "libvirt-sandbox/util/file-write-private.h"
#include "tests/unit/test-directory.h"

static void
check_copy(const gchar *from)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *path = g_build_filename(directory->path, "copy", NULL);
    g_autofree gchar *expected = NULL;
    g_autofree gchar *content = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_true(gvir_sandbox_file_copy(from, path, 0600, &error));
    g_assert_no_error(error);
    g_assert_true(g_file_get_contents(from, &expected, NULL, NULL));
    g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, expected);
}

/* They have no size, but content, of which the kernel copies nothing. */
static void
test_proc(void)
{
    check_copy("/proc/version");
    check_copy("/proc/filesystems");
}

static void
test_file(void)
{
    check_copy("/etc/passwd");
    check_copy("/dev/null");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/file-write/proc", test_proc);
    g_test_add_func("/file-write/file", test_file);
    return g_test_run();
}
