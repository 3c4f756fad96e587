/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/storage/scratch-private.h"
#include "libvirt-sandbox/error.h"

#include "tests/unit/test-directory.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What somebody who may write where a directory is made puts in its place at once. */
static const gchar *planted;

/* What is linked to this program calls these in place of the C library's. */
int
mkdirat(int parent, const char *path, mode_t mode)
{
    int made = (int)syscall(SYS_mkdirat, parent, path, mode);

    if (made < 0 || !planted || !strstr(path, GVIR_SANDBOX_SCRATCH_PREFIX))
        return made;
    g_assert_cmpint(unlinkat(parent, path, AT_REMOVEDIR), ==, 0);
    g_assert_cmpint(symlinkat(planted, parent, path), ==, 0);
    return 0;
}

int
mkdir(const char *path, mode_t mode)
{
    return mkdirat(AT_FDCWD, path, mode);
}

static guint
any_group(void)
{
    return getegid() == 0 ? 1 : getegid();
}

static void
test_exchanged(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *victim = g_build_filename(directory->path, "victim", NULL);
    g_autofree gchar *path = NULL;
    g_autoptr(GError) error = NULL;
    struct stat before, after;

    g_assert_cmpint(g_mkdir(victim, 0755), ==, 0);
    g_assert_cmpint(stat(victim, &before), ==, 0);
    planted = victim;
    path = gvir_sandbox_scratch_make(directory->path, "link", directory->path, any_group(), NULL, &error);
    planted = NULL;
    g_assert_null(path);
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND);
    g_assert_cmpint(stat(victim, &after), ==, 0);
    g_assert_cmpint(before.st_mode, ==, after.st_mode);
    g_assert_cmpint(before.st_gid, ==, after.st_gid);
}

static void
test_made(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autoptr(GError) error = NULL;
    g_autofree gchar *path =
        gvir_sandbox_scratch_make(directory->path, "link", directory->path, any_group(), NULL, &error);
    struct stat status;

    g_assert_no_error(error);
    g_assert_cmpint(stat(path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 07777, ==, 0710);
    g_assert_cmpuint(status.st_gid, ==, any_group());
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scratch/made", test_made);
    g_test_add_func("/scratch/exchanged", test_exchanged);
    return g_test_run();
}
