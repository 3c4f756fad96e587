/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "tests/unit/test-directory.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

TestDirectory *
test_directory_new(void)
{
    TestDirectory *directory = g_new0(TestDirectory, 1);

    directory->path = g_dir_make_tmp("gvir-sandbox-test-XXXXXX", NULL);
    g_assert_nonnull(directory->path);
    return directory;
}

void
test_directory_write(TestDirectory *directory, const gchar *name, gconstpointer data, gsize length)
{
    g_autofree gchar *path = g_build_filename(directory->path, name, NULL);
    g_autofree gchar *parent = g_path_get_dirname(path);

    g_assert_cmpint(g_mkdir_with_parents(parent, 0755), ==, 0);
    g_assert_true(g_file_set_contents(path, data, length, NULL));
}

static int
remove_entry(const char *path, const struct stat *status G_GNUC_UNUSED, int type G_GNUC_UNUSED,
             struct FTW *ftw G_GNUC_UNUSED)
{
    return remove(path);
}

void
test_directory_free(TestDirectory *directory)
{
    nftw(directory->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    g_free(directory->path);
    g_free(directory);
}
