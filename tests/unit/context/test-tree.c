/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/storage/scratch-private.h"
#include "libvirt-sandbox/context/leftover/leftover-private.h"
#include "libvirt-sandbox/context/leftover/tree-remove-private.h"
#include "libvirt-sandbox/guest/tree-copy.h"

#include "tests/unit/test-directory.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB ((off_t)1024 * 1024)

static gchar *
path_in(TestDirectory *directory, const gchar *name)
{
    return g_build_filename(directory->path, name, NULL);
}

static int
open_in(TestDirectory *directory, const gchar *name)
{
    g_autofree gchar *path = path_in(directory, name);
    int fd;

    g_assert_cmpint(g_mkdir_with_parents(path, 0755), ==, 0);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    return fd;
}

static void
assert_content(TestDirectory *directory, const gchar *name, const gchar *expected)
{
    g_autofree gchar *path = path_in(directory, name);
    g_autofree gchar *content = NULL;

    g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, expected);
}

static void
test_copy_tree(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *file = path_in(directory, "from/sub/file");
    g_autofree gchar *link_path = path_in(directory, "from/link");
    g_autofree gchar *odd = path_in(directory, "from/a\n\377");
    g_autofree gchar *copied = path_in(directory, "to/sub/file");
    g_autofree gchar *copied_link = path_in(directory, "to/link");
    g_autofree gchar *copied_odd = path_in(directory, "to/a\n\377");
    g_autofree gchar *target = NULL;
    struct tree_copy copy = { 0 };
    struct stat status;
    int from, to;

    test_directory_write(directory, "from/sub/file", "content", 7);
    test_directory_write(directory, "from/pipe-place", "", 0);
    g_assert_cmpint(g_chmod(file, 04751), ==, 0);
    g_assert_cmpint(symlink("/nowhere", link_path), ==, 0);
    g_assert_cmpint(mkfifo(odd, 0600), ==, 0);
    /* What is in the way is replaced, and a directory added to. */
    test_directory_write(directory, "to/link", "old", 3);
    test_directory_write(directory, "to/sub/other", "other", 5);

    from = open_in(directory, "from");
    to = open_in(directory, "to");
    g_assert_true(tree_copy_entries(&copy, from, to));
    assert_content(directory, "to/sub/file", "content");
    assert_content(directory, "to/sub/other", "other");
    g_assert_cmpint(stat(copied, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 07777, ==, 04751);
    target = g_file_read_link(copied_link, NULL);
    g_assert_cmpstr(target, ==, "/nowhere");
    g_assert_cmpint(lstat(copied_odd, &status), ==, 0);
    g_assert_true(S_ISFIFO(status.st_mode));
    close(from);
    close(to);
}

static void
test_copy_sparse(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *sparse = NULL;
    g_autofree gchar *copied = path_in(directory, "to/sparse");
    struct tree_copy copy = { 0 };
    gchar end[4] = "";
    struct stat status;
    int from, to, fd;

    test_directory_write(directory, "from/sparse", "start", 5);
    sparse = path_in(directory, "from/sparse");
    fd = open(sparse, O_RDWR | O_CLOEXEC);
    g_assert_cmpint(pwrite(fd, "end", 3, 300 * MIB), ==, 3);
    g_assert_cmpint(ftruncate(fd, 500 * MIB), ==, 0);
    close(fd);

    from = open_in(directory, "from");
    to = open_in(directory, "to");
    g_assert_true(tree_copy(&copy, from, "sparse", false, to, "sparse"));
    g_assert_cmpint(stat(copied, &status), ==, 0);
    g_assert_cmpint(status.st_size, ==, 500 * MIB);
    g_assert_cmpint(status.st_blocks, <, 2048);
    fd = open(copied, O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(pread(fd, end, 3, 300 * MIB), ==, 3);
    g_assert_cmpstr(end, ==, "end");
    close(fd);
    close(from);
    close(to);
}

static void
test_copy_failure(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    struct tree_copy copy = { 0 };
    int to = open_in(directory, "to");
    int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    g_assert_false(tree_copy(&copy, root, "dev/null", false, to, "null"));
    g_assert_cmpint(errno, ==, EOPNOTSUPP);
    g_assert_false(tree_copy(&copy, to, "missing", false, to, "copy"));
    g_assert_cmpint(errno, ==, ENOENT);
    close(to);
    close(root);
}

/* What a guest could leave: links out, closed directories, more levels than a process has descriptors. */
static void
test_remove(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *tree = path_in(directory, "tree");
    g_autofree gchar *outside = path_in(directory, "outside");
    g_autofree gchar *link_path = path_in(directory, "tree/link");
    g_autofree gchar *closed = path_in(directory, "tree/closed");
    int fd;

    test_directory_write(directory, "outside/file", "kept", 4);
    test_directory_write(directory, "tree/closed/file", "x", 1);
    test_directory_write(directory, "tree/.0", "in the way", 10);
    g_assert_cmpint(symlink(outside, link_path), ==, 0);
    g_assert_cmpint(g_chmod(closed, 0), ==, 0);
    fd = open_in(directory, "tree");
    for (guint i = 0; i < 3000; i++) {
        int next;

        g_assert_cmpint(mkdirat(fd, "d", 0755), ==, 0);
        next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        close(fd);
        fd = next;
    }
    close(fd);

    gvir_sandbox_tree_remove(tree);
    g_assert_false(g_file_test(tree, G_FILE_TEST_EXISTS));
    assert_content(directory, "outside/file", "kept");
}

static void
test_remove_link(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *outside = path_in(directory, "outside");
    g_autofree gchar *link_path = path_in(directory, "link");

    test_directory_write(directory, "outside/file", "kept", 4);
    g_assert_cmpint(symlink(outside, link_path), ==, 0);
    gvir_sandbox_tree_remove(link_path);
    assert_content(directory, "outside/file", "kept");
}

static void
test_scratch(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *state = path_in(directory, "state");
    g_autofree gchar *base = path_in(directory, "base");
    g_autofree gchar *scratch = NULL;
    g_autofree gchar *overlay = NULL;
    g_autofree gchar *file = NULL;
    g_autoptr(GError) error = NULL;
    struct stat status;

    g_assert_cmpint(g_mkdir(state, 0700), ==, 0);
    g_assert_cmpint(g_mkdir(base, 0700), ==, 0);
    scratch = gvir_sandbox_scratch_make(state, GVIR_SANDBOX_SCRATCH_LINK, NULL, 0, NULL, &error);
    g_assert_no_error(error);
    overlay = gvir_sandbox_scratch_make(state, GVIR_SANDBOX_SCRATCH_OVERLAY, base, 0, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(g_str_has_prefix(overlay, base));
    g_assert_true(g_file_test(overlay, G_FILE_TEST_IS_DIR));
    g_assert_cmpint(stat(scratch, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 07777, ==, 0700);
    file = g_build_filename(scratch, "file", NULL);
    g_assert_true(g_file_set_contents(file, "x", 1, NULL));

    gvir_sandbox_leftover_remove(state);
    g_assert_false(g_file_test(scratch, G_FILE_TEST_EXISTS));
    g_assert_false(g_file_test(overlay, G_FILE_TEST_EXISTS));
    g_assert_true(g_file_test(base, G_FILE_TEST_IS_DIR));
    g_assert_false(g_file_test(state, G_FILE_TEST_EXISTS));
}

/* A link to what is no scratch directory leads nowhere. */
static void
test_scratch_forged(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *state = path_in(directory, "state");
    g_autofree gchar *other = path_in(directory, "other");
    g_autofree gchar *link_path = path_in(directory, "state/" GVIR_SANDBOX_SCRATCH_LINK);

    test_directory_write(directory, "other/file", "kept", 4);
    g_assert_cmpint(g_mkdir(state, 0700), ==, 0);
    g_assert_cmpint(symlink(other, link_path), ==, 0);
    gvir_sandbox_leftover_remove(state);
    assert_content(directory, "other/file", "kept");
    g_assert_false(g_file_test(state, G_FILE_TEST_EXISTS));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tree/copy", test_copy_tree);
    g_test_add_func("/tree/copy-sparse", test_copy_sparse);
    g_test_add_func("/tree/copy-failure", test_copy_failure);
    g_test_add_func("/tree/remove", test_remove);
    g_test_add_func("/tree/remove-link", test_remove_link);
    g_test_add_func("/tree/scratch", test_scratch);
    g_test_add_func("/tree/scratch-forged", test_scratch_forged);
    return g_test_run();
}
