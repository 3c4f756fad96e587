/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/error.h"
#include "libvirt-sandbox/util/new-file-private.h"

#include "tests/unit/test-directory.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What somebody who may write in the directory of a file does to it, between its start and its end. */

typedef struct {
    TestDirectory *directory;
    gchar *place;  /* where the file shall be */
    gchar *path;   /* the file */
    gchar *other;  /* a directory that is none of its business */
    gchar *victim; /* a file in there, of the same name */
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    fixture->directory = test_directory_new();
    fixture->place = g_build_filename(fixture->directory->path, "place", NULL);
    fixture->path = g_build_filename(fixture->place, "file", NULL);
    fixture->other = g_build_filename(fixture->directory->path, "other", NULL);
    fixture->victim = g_build_filename(fixture->other, "file", NULL);
    g_assert_cmpint(g_mkdir(fixture->place, 0755), ==, 0);
    test_directory_write(fixture->directory, "other/file", "victim", 6);
}

static void
tear_down(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    test_directory_free(fixture->directory);
    g_free(fixture->place);
    g_free(fixture->path);
    g_free(fixture->other);
    g_free(fixture->victim);
}

static GVirSandboxNewFile *
hold(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    GVirSandboxNewFile *file = gvir_sandbox_new_file_hold("file", fixture->path, &error);

    g_assert_no_error(error);
    return file;
}

static void
write_new(GVirSandboxNewFile *file)
{
    g_autoptr(GError) error = NULL;
    int fd = gvir_sandbox_new_file_open(file, &error);

    g_assert_no_error(error);
    g_assert_cmpint(write(fd, "new", 3), ==, 3);
}

static void
assert_content(const gchar *path, const gchar *expected)
{
    g_autofree gchar *content = NULL;
    struct stat status;

    g_assert_cmpint(lstat(path, &status), ==, 0);
    g_assert_true(S_ISREG(status.st_mode));
    g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, expected);
}

static guint
count_entries(const gchar *path)
{
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    guint count = 0;

    while (g_dir_read_name(directory))
        count++;
    return count;
}

static void
assert_completes(Fixture *fixture, GVirSandboxNewFile *file)
{
    g_autoptr(GError) error = NULL;

    gvir_sandbox_new_file_complete(file, &error);
    g_assert_no_error(error);
    assert_content(fixture->path, "new");
    assert_content(fixture->victim, "victim");
    g_assert_cmpuint(count_entries(fixture->place), ==, 1);
    g_assert_cmpuint(count_entries(fixture->other), ==, 1);
}

static void
assert_fails(Fixture *fixture, GVirSandboxNewFile *file, const gchar *expected)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(gvir_sandbox_new_file_complete(file, &error));
    g_assert_cmpstr(error->message, ==, expected);
    gvir_sandbox_new_file_abandon(file);
    assert_content(fixture->victim, "victim");
    g_assert_cmpuint(count_entries(fixture->other), ==, 1);
}

static void
test_file(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GVirSandboxNewFile) file = hold(fixture);
    struct stat status;

    write_new(file);
    g_assert_cmpint(access(fixture->path, F_OK), <, 0);
    assert_completes(fixture, file);
    g_assert_cmpint(stat(fixture->path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 07777, ==, 0600);
    gvir_sandbox_new_file_abandon(file);
    assert_content(fixture->path, "new");
}

static void
test_becomes_link(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GVirSandboxNewFile) file = hold(fixture);

    g_assert_cmpint(symlink(fixture->victim, fixture->path), ==, 0);
    write_new(file);
    assert_completes(fixture, file);
}

static void
test_becomes_fifo(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GVirSandboxNewFile) file = hold(fixture);

    g_assert_cmpint(mkfifo(fixture->path, 0666), ==, 0);
    write_new(file);
    assert_completes(fixture, file);
}

static void
test_becomes_directory(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GVirSandboxNewFile) file = hold(fixture);

    write_new(file);
    g_assert_cmpint(g_mkdir(fixture->path, 0777), ==, 0);
    assert_fails(fixture, file, "file: Is a directory");
    g_assert_cmpuint(count_entries(fixture->place), ==, 1);
}

/* Its directory is moved away, and a link to another one is in its place. */
static void
test_directory_becomes_link(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GVirSandboxNewFile) file = hold(fixture);
    g_autofree gchar *moved = g_build_filename(fixture->directory->path, "moved", NULL);

    g_assert_cmpint(g_rename(fixture->place, moved), ==, 0);
    g_assert_cmpint(symlink("other", fixture->place), ==, 0);
    write_new(file);
    assert_fails(fixture, file, "file: its directory was removed, moved or replaced meanwhile");
    g_assert_cmpuint(count_entries(moved), ==, 0);
}

static void
test_directory_is_removed(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GVirSandboxNewFile) file = hold(fixture);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(g_rmdir(fixture->place), ==, 0);
    g_assert_cmpint(symlink("other", fixture->place), ==, 0);
    g_assert_cmpint(gvir_sandbox_new_file_open(file, &error), <, 0);
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND);
    assert_content(fixture->victim, "victim");
}

/* The temporary file is exchanged for a link, just before it gets its name. */
static void
test_temporary_is_exchanged(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GVirSandboxNewFile) file = hold(fixture);
    g_autoptr(GDir) directory = NULL;
    g_autofree gchar *temporary = NULL;

    write_new(file);
    directory = g_dir_open(fixture->place, 0, NULL);
    temporary = g_build_filename(fixture->place, g_dir_read_name(directory), NULL);
    g_assert_cmpint(g_unlink(temporary), ==, 0);
    g_assert_cmpint(symlink(fixture->victim, temporary), ==, 0);
    assert_fails(fixture, file, "file: somebody replaced it meanwhile");
}

static void
test_abandoned(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GVirSandboxNewFile) file = hold(fixture);
    g_autoptr(GError) error = NULL;

    write_new(file);
    gvir_sandbox_new_file_abandon(file);
    g_assert_cmpuint(count_entries(fixture->place), ==, 0);
    g_assert_false(gvir_sandbox_new_file_complete(file, &error));
    g_assert_cmpuint(count_entries(fixture->place), ==, 0);
}

static void
assert_refused(const gchar *path, gint code)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(gvir_sandbox_new_file_hold("file", path, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, code);
    g_assert_true(g_str_has_prefix(error->message, "file: "));
}

static void
test_refused(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree gchar *missing = g_build_filename(fixture->place, "no", "file", NULL);
    g_autofree gchar *slash = g_strconcat(fixture->path, "/", NULL);
    g_autofree gchar *up = g_build_filename(fixture->place, "..", NULL);

    assert_refused(missing, GVIR_SANDBOX_ERROR_NOT_FOUND);
    assert_refused(slash, GVIR_SANDBOX_ERROR_NOT_FOUND);
    assert_refused(up, GVIR_SANDBOX_ERROR_FAILED);
    assert_refused("/", GVIR_SANDBOX_ERROR_FAILED);
    assert_refused(fixture->place, GVIR_SANDBOX_ERROR_INVALID);
    assert_refused("/dev/null", GVIR_SANDBOX_ERROR_INVALID);
    g_assert_cmpint(symlink(fixture->victim, fixture->path), ==, 0);
    assert_refused(fixture->path, GVIR_SANDBOX_ERROR_INVALID);
}

static void
add(const gchar *name, void (*test)(Fixture *, gconstpointer))
{
    g_test_add(name, Fixture, NULL, set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/new-file/file", test_file);
    add("/new-file/becomes-link", test_becomes_link);
    add("/new-file/becomes-fifo", test_becomes_fifo);
    add("/new-file/becomes-directory", test_becomes_directory);
    add("/new-file/directory-becomes-link", test_directory_becomes_link);
    add("/new-file/directory-is-removed", test_directory_is_removed);
    add("/new-file/temporary-is-exchanged", test_temporary_is_exchanged);
    add("/new-file/abandoned", test_abandoned);
    add("/new-file/refused", test_refused);
    return g_test_run();
}
