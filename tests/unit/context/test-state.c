/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "tests/unit/test-directory.h"

#include "libvirt-sandbox/context/state-private.h"
#include "libvirt-sandbox/error.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The directories of running sandboxes: whose they are, and what is left of a killed owner. */

static gchar *
make_name(const gchar *kind)
{
    return g_strdup_printf("test-state-%s-%d", kind, getpid());
}

static gchar *
path_of(const gchar *name)
{
    GError *error = NULL;
    g_autofree gchar *base = gvir_sandbox_state_get_base(&error);

    g_assert_no_error(error);
    return g_build_filename(base, name, NULL);
}

static void
write_file(const gchar *directory, const gchar *name)
{
    g_autofree gchar *path = g_build_filename(directory, name, NULL);

    g_assert_true(g_file_set_contents(path, "x", 1, NULL));
}

static void
test_made_and_removed(void)
{
    g_autofree gchar *name = make_name("made");
    g_autofree gchar *path = path_of(name);
    g_autofree gchar *lock = g_strconcat(path, ".lock", NULL);
    GError *error = NULL;
    GVirSandboxState *state = gvir_sandbox_state_create(name, &error);
    struct stat info;

    g_assert_no_error(error);
    g_assert_cmpstr(gvir_sandbox_state_get_path(state), ==, path);
    g_assert_cmpint(stat(path, &info), ==, 0);
    g_assert_true(S_ISDIR(info.st_mode));
    g_assert_cmpint(info.st_mode & 066, ==, 0);
    write_file(path, "file");
    gvir_sandbox_state_free(state);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_false(g_file_test(lock, G_FILE_TEST_EXISTS));
}

/* The second one of a name is refused, and the first does not notice. */
static void
test_exclusive(void)
{
    g_autofree gchar *name = make_name("exclusive");
    GError *error = NULL;
    g_autoptr(GVirSandboxState) state = gvir_sandbox_state_create(name, &error);
    g_autoptr(GVirSandboxState) again = NULL;
    g_autofree gchar *file = NULL;
    g_autofree gchar *base = gvir_sandbox_state_get_base(NULL);

    g_assert_no_error(error);
    write_file(gvir_sandbox_state_get_path(state), "file");
    file = g_build_filename(gvir_sandbox_state_get_path(state), "file", NULL);
    g_assert_null(gvir_sandbox_state_create(name, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_BUSY);
    g_clear_error(&error);
    gvir_sandbox_state_sweep(base);
    g_assert_true(g_file_test(file, G_FILE_TEST_EXISTS));
    g_clear_pointer(&state, gvir_sandbox_state_free);
    again = gvir_sandbox_state_create(name, &error);
    g_assert_no_error(error);
    g_assert_false(g_file_test(file, G_FILE_TEST_EXISTS));
}

/* A child that makes the directory and is killed. */
static void
leave_behind(const gchar *name)
{
    int status;
    pid_t child = fork();

    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        GVirSandboxState *state = gvir_sandbox_state_create(name, NULL);

        if (state)
            write_file(gvir_sandbox_state_get_path(state), "left");
        kill(getpid(), SIGKILL);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status));
}

static void
test_killed_owner(void)
{
    g_autofree gchar *name = make_name("killed");
    g_autofree gchar *path = path_of(name);
    g_autofree gchar *left = g_build_filename(path, "left", NULL);
    GError *error = NULL;
    g_autoptr(GVirSandboxState) state = NULL;

    leave_behind(name);
    g_assert_true(g_file_test(left, G_FILE_TEST_EXISTS));
    state = gvir_sandbox_state_create(name, &error);
    g_assert_no_error(error);
    g_assert_false(g_file_test(left, G_FILE_TEST_EXISTS));
}

static void
test_sweep(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autoptr(TestDirectory) outside = test_directory_new();
    g_autofree gchar *held = g_build_filename(directory->path, "held.lock", NULL);
    g_autofree gchar *link = g_build_filename(directory->path, "left", "link", NULL);
    g_autofree gchar *kept = g_build_filename(outside->path, "kept", NULL);
    static const struct {
        const gchar *name;
        gboolean stays;
    } files[] = { { "left/a/b", FALSE }, { "left.lock", FALSE },  { "held/a", TRUE },        { "held.lock", TRUE },
                  { "other", TRUE },     { "alone.lock", FALSE }, { "without-lock/a", TRUE } };
    int lock;

    for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
        test_directory_write(directory, files[i].name, "", 0);
    test_directory_write(outside, "kept", "", 0);
    g_assert_cmpint(symlink(outside->path, link), ==, 0);
    lock = open(held, O_RDWR | O_CLOEXEC);
    g_assert_cmpint(flock(lock, LOCK_EX | LOCK_NB), ==, 0);
    gvir_sandbox_state_sweep(directory->path);
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree gchar *path = g_build_filename(directory->path, files[i].name, NULL);

        g_test_message("%s", files[i].name);
        g_assert_cmpint(g_file_test(path, G_FILE_TEST_EXISTS), ==, files[i].stays);
    }
    g_assert_true(g_file_test(kept, G_FILE_TEST_EXISTS));
    close(lock);
    gvir_sandbox_state_sweep("/nonexistent/directory");
}

/* What a process has inherited is not its own to remove. */
static void
test_fork(void)
{
    GVirSandboxState *state = gvir_sandbox_state_create("test-state-forked", NULL);
    pid_t child;
    int status;

    g_assert_nonnull(state);
    g_assert_true(gvir_sandbox_state_any());
    child = fork();
    if (child == 0) {
        gvir_sandbox_state_free(state);
        _exit(0);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
    g_assert_true(g_file_test(gvir_sandbox_state_get_path(state), G_FILE_TEST_IS_DIR));
    g_assert_true(gvir_sandbox_state_remove(state));
    g_assert_false(gvir_sandbox_state_any());
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/state/made-and-removed", test_made_and_removed);
    g_test_add_func("/state/exclusive", test_exclusive);
    g_test_add_func("/state/killed-owner", test_killed_owner);
    g_test_add_func("/state/sweep", test_sweep);
    g_test_add_func("/state/fork", test_fork);
    return g_test_run();
}
