/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/helper-private.h"
#include "libvirt-sandbox/util/user-access-private.h"
#include "libvirt-sandbox/context/embedded/embedded-private.h"
#include "libvirt-sandbox/error.h"

#include "tests/unit/test-directory.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The directory of the embedded driver, of which a process has one: each test is a process of its own. */

/* Where the process of a test notes the directory that it had. */
#define NOTE "TEST_EMBEDDED_NOTE"

static gboolean
can_run(void)
{
    guint uid, gid;

    if (geteuid() != 0 || gvir_sandbox_user_find(DEFAULT_QEMU_USER, &uid, &gid))
        return TRUE;
    g_test_skip("this host has no user for libvirt's machines");
    return FALSE;
}

/* TRUE in the process that is to do the work. */
static gboolean
is_own_process(void)
{
    if (g_test_subprocess())
        return TRUE;
    if (!can_run())
        return FALSE;
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_passed();
    return FALSE;
}

static gchar *
get_root(const gchar *uri)
{
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_NONE, NULL);
    g_autoptr(GHashTable) parameters = g_uri_parse_params(g_uri_get_query(parsed), -1, "&", G_URI_PARAMS_NONE, NULL);

    return g_strdup(g_hash_table_lookup(parameters, "root"));
}

static gchar *
read_settings(const gchar *root)
{
    g_autofree gchar *path = g_build_filename(root, "etc", "qemu.conf", NULL);
    gchar *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

/* In the test's process of its own. */
static void
use_directory(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree gchar *uri = gvir_sandbox_embedded_get_uri(NULL, &error);
    g_autofree gchar *again = NULL;
    g_autofree gchar *root = NULL;
    g_autofree gchar *settings = NULL;

    g_assert_no_error(error);
    g_assert_true(g_str_has_prefix(uri, "qemu:///embed?root=/"));
    again = gvir_sandbox_embedded_get_uri(NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(again, ==, uri);

    root = get_root(uri);
    settings = read_settings(root);
    g_assert_nonnull(strstr(settings, "dynamic_ownership = 0\n"));
    g_assert_cmpint(strstr(settings, "user = \"" DEFAULT_QEMU_USER "\"\n") != NULL, ==, geteuid() == 0);
    g_assert_true(g_file_set_contents(g_getenv(NOTE), root, -1, NULL));
}

/* It goes with the process. */
static void
test_directory_of_ours(void)
{
    g_autoptr(TestDirectory) directory = NULL;
    g_autofree gchar *path = NULL;
    g_autofree gchar *root = NULL;

    if (g_test_subprocess()) {
        use_directory();
        return;
    }
    if (!can_run())
        return;
    directory = test_directory_new();
    path = g_build_filename(directory->path, "root", NULL);
    g_setenv(NOTE, path, TRUE);
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_passed();
    g_assert_true(g_file_get_contents(path, &root, NULL, NULL));
    g_assert_false(g_file_test(root, G_FILE_TEST_EXISTS));
}

static void
test_one_user(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree gchar *uri = NULL;

    if (!is_own_process())
        return;
    uri = gvir_sandbox_embedded_get_uri(NULL, &error);
    g_assert_no_error(error);
    g_assert_null(gvir_sandbox_embedded_get_uri(geteuid() == 0 ? "root" : "nobody", &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR,
                   (geteuid() == 0 ? GVIR_SANDBOX_ERROR_BUSY : GVIR_SANDBOX_ERROR_UNSUPPORTED));
}

static void
test_no_such_user(void)
{
    g_autoptr(GError) error = NULL;

    if (!is_own_process())
        return;
    g_assert_null(gvir_sandbox_embedded_get_uri("no-such-user", &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR,
                   (geteuid() == 0 ? GVIR_SANDBOX_ERROR_INVALID : GVIR_SANDBOX_ERROR_UNSUPPORTED));
}

static void
test_children_ignored(void)
{
    g_autoptr(GError) error = NULL;

    if (!is_own_process())
        return;
    signal(SIGCHLD, SIG_IGN);
    g_assert_null(gvir_sandbox_embedded_get_uri(NULL, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE);
    signal(SIGCHLD, SIG_DFL);
}

/* A directory that the user has named. */
static void
test_directory_of_users(void)
{
    g_autoptr(TestDirectory) directory = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree gchar *root = NULL;
    g_autofree gchar *settings = NULL;

    if (!is_own_process())
        return;
    directory = test_directory_new();
    g_assert_cmpint(g_chmod(directory->path, 0755), ==, 0);
    root = g_build_filename(directory->path, "libvirt", NULL);
    g_assert_true(gvir_sandbox_embedded_prepare(root, NULL, &error));
    g_assert_no_error(error);
    settings = read_settings(root);
    g_assert_nonnull(strstr(settings, "dynamic_ownership = 0\n"));
}

/* Its settings are obeyed, and not changed. */
static void
test_settings_of_users(void)
{
    g_autoptr(TestDirectory) directory = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree gchar *settings = NULL;

    if (!is_own_process())
        return;
    directory = test_directory_new();
    g_assert_cmpint(g_chmod(directory->path, 0755), ==, 0);
    test_directory_write(directory, "etc/qemu.conf", "# mine\n", 7);
    g_assert_true(gvir_sandbox_embedded_prepare(directory->path, NULL, &error));
    g_assert_no_error(error);
    settings = read_settings(directory->path);
    g_assert_cmpstr(settings, ==, "# mine\n");
}

/* Whoever can write to the settings would say whom QEMU runs as. */
static void
test_not_trusted(void)
{
    g_autoptr(TestDirectory) directory = NULL;
    g_autoptr(GError) error = NULL;

    if (!is_own_process())
        return;
    directory = test_directory_new();
    g_assert_cmpint(g_chmod(directory->path, 0777), ==, 0);
    g_assert_false(gvir_sandbox_embedded_prepare(directory->path, NULL, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_DENIED);
    g_assert_true(g_str_has_prefix(error->message, "connection root "));
}

int
main(int argc, char **argv)
{
    g_autofree gchar *helpers = NULL;
    GVirSandboxHelperPlaces places = { 0 };

    g_test_init(&argc, &argv, NULL);
    helpers = g_test_build_filename(G_TEST_BUILT, "..", "..", "libexec", NULL);
    places.helpers = helpers;
    gvir_sandbox_helper_set_places(&places);
    g_test_add_func("/embedded/directory", test_directory_of_ours);
    g_test_add_func("/embedded/one-user", test_one_user);
    g_test_add_func("/embedded/no-such-user", test_no_such_user);
    g_test_add_func("/embedded/children-ignored", test_children_ignored);
    g_test_add_func("/embedded/directory-of-users", test_directory_of_users);
    g_test_add_func("/embedded/settings-of-users", test_settings_of_users);
    g_test_add_func("/embedded/not-trusted", test_not_trusted);
    return g_test_run();
}
