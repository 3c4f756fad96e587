/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "tests/unit/test-directory.h"

#include "libvirt-sandbox/error.h"
#include "libvirt-sandbox/util/trusted-directory-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Which directories are believed, by root and by another user. */

#define USER 65533
#define STRANGER 65532

typedef struct {
    const gchar *path; /* below the test's directory */
    uid_t owner;
    mode_t mode;
    const gchar *target; /* of a symbolic link */
} Entry;

typedef struct {
    const gchar *path;
    GVirSandboxTrustedFlags flags;
    const gchar *resolved; /* NULL: refused */
    const gchar *message;  /* what is said then */
} Expectation;

#define MAKE GVIR_SANDBOX_TRUSTED_MAKE
#define SHARED GVIR_SANDBOX_TRUSTED_SHARED

static const Entry entries[] = {
    { "root", 0, 0755, NULL },
    { "root/sub", 0, 0755, NULL },
    { "root/closed", 0, 0700, NULL },
    { "root/group", 0, 0775, NULL },
    { "root/open", 0, 0757, NULL },
    { "root/open/sub", 0, 0755, NULL },
    { "root/sticky", 0, 01777, NULL },
    { "root/sticky/root", 0, 0755, NULL },
    { "root/sticky/stranger", STRANGER, 0755, NULL },
    { "root/sticky/stranger/root", 0, 0755, NULL },
    { "root/sticky/stranger/user", USER, 0755, NULL },
    { "root/sticky/user", USER, 0700, NULL },
    { "root/sticky/link-of-stranger", STRANGER, 0, "../sub" },
    { "root/sticky/link-of-root", 0, 0, "../sub" },
    { "root/link", 0, 0, "sticky/../sub" },
    { "root/link-to-stranger", 0, 0, "../stranger/root" },
    { "root/loop", 0, 0, "loop" },
    { "root/file", 0, 0644, "" },
    { "stranger", STRANGER, 0755, NULL },
    { "stranger/root", 0, 0755, NULL },
    { "stranger/user", USER, 0755, NULL },
    { "user", USER, 0755, NULL },
    { "user/group", USER, 0770, NULL },
};

static void
make_entry(const gchar *top, const Entry *entry)
{
    g_autofree gchar *path = g_build_filename(top, entry->path, NULL);

    if (entry->target && !*entry->target)
        g_assert_true(g_file_set_contents(path, "", 0, NULL));
    else if (entry->target)
        g_assert_cmpint(symlink(entry->target, path), ==, 0);
    else
        g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
    if (!entry->target)
        g_assert_cmpint(g_chmod(path, entry->mode), ==, 0);
    g_assert_cmpint(lchown(path, entry->owner, entry->owner), ==, 0);
}

static TestDirectory *
make_tree(void)
{
    TestDirectory *directory = test_directory_new();

    g_assert_cmpint(g_chmod(directory->path, 0755), ==, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(entries); i++)
        make_entry(directory->path, &entries[i]);
    return directory;
}

static void
check_one(const gchar *top, const Expectation *expected)
{
    g_autofree gchar *path = g_build_filename(top, expected->path, NULL);
    g_autofree gchar *resolved = expected->resolved ? g_build_filename(top, expected->resolved, NULL) : NULL;
    g_autofree gchar *found = NULL;
    g_autoptr(GError) error = NULL;
    int fd = gvir_sandbox_trusted_directory_open(path, expected->flags, 0711, &found, &error);

    g_test_message("%s: %s", path, error ? error->message : "trusted");
    if (resolved) {
        g_assert_no_error(error);
        g_assert_cmpstr(found, ==, resolved);
        close(fd);
        return;
    }
    g_assert_cmpint(fd, ==, -1);
    g_assert_nonnull(strstr(error->message, expected->message));
    g_assert_null(strchr(error->message, '\n'));
}

static void
check_all(const gchar *top, const Expectation *expectations, gsize count)
{
    for (gsize i = 0; i < count; i++)
        check_one(top, &expectations[i]);
}

static gboolean
skip_unless_root(void)
{
    if (geteuid() == 0)
        return FALSE;
    g_test_skip("only root can make directories of others");
    return TRUE;
}

static void
test_root(void)
{
    static const Expectation expectations[] = {
        { "root", 0, "root", NULL },
        { "root/sub", 0, "root/sub", NULL },
        { "root//./sub/", 0, "root/sub", NULL },
        { "root/closed/../sub", 0, "root/sub", NULL },
        { "root/link", 0, "root/sub", NULL },
        { "root/sticky/root", 0, "root/sticky/root", NULL },
        { "root/sticky/link-of-root", 0, "root/sub", NULL },
        { "root/sticky", SHARED, "root/sticky", NULL },
        { "root/sticky", 0, NULL, "others can change" },
        { "root/sticky/link-of-stranger", 0, NULL, "link-of-stranger belongs to uid 65532" },
        { "root/sticky/stranger", 0, NULL, "belongs to uid 65532" },
        { "root/sticky/stranger/root", 0, NULL, "sticky/stranger belongs to uid 65532" },
        { "root/link-to-stranger", 0, NULL, "/stranger belongs to uid 65532" },
        { "root/loop", 0, NULL, "Too many levels" },
        { "root/file", 0, NULL, "root/file: Not a directory" },
        { "root/group", SHARED, "root/group", NULL },
        { "root/open", SHARED, NULL, "(mode 0757)" },
        { "root/open/sub", 0, NULL, "root/open (mode 0757)" },
        { "root/open/made", MAKE, NULL, "root/open (mode 0757)" },
        { "stranger", 0, NULL, "belongs to uid 65532, whom root does not trust" },
        { "stranger/root", 0, NULL, "/stranger belongs to uid 65532" },
        { "stranger/made/deep", MAKE, NULL, "/stranger belongs to uid 65532" },
        { "root/missing/deep", 0, NULL, "root/missing: No such file" },
        { "root/made/deep", MAKE, "root/made/deep", NULL },
        { "root/sticky/made", MAKE, "root/sticky/made", NULL },
    };
    g_autoptr(TestDirectory) tree = NULL;
    g_autofree gchar *made = NULL;
    struct stat status;
    mode_t mask;

    if (skip_unless_root())
        return;
    tree = make_tree();
    mask = umask(077);
    check_all(tree->path, expectations, G_N_ELEMENTS(expectations));
    umask(mask);
    made = g_build_filename(tree->path, "root/made/deep", NULL);
    g_assert_cmpint(stat(made, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 07777, ==, 0711);
    g_clear_pointer(&made, g_free);
    made = g_build_filename(tree->path, "stranger/made", NULL);
    g_assert_false(g_file_test(made, G_FILE_TEST_EXISTS));
}

static void
be_user(const gchar *top)
{
    static const Expectation expectations[] = {
        { "user", 0, "user", NULL },
        { "root/sub", 0, "root/sub", NULL },
        { "root/sticky/user", 0, "root/sticky/user", NULL },
        { "stranger/user", 0, "stranger/user", NULL },
        { "user/made", MAKE, "user/made", NULL },
        { "user/group", 0, NULL, "others can change" },
        { "stranger", 0, NULL, "belongs to uid 65532; use a place that only you can change" },
        { "root/sticky/stranger/user", 0, NULL, "sticky/stranger belongs to uid 65532" },
        { "root/sticky/link-of-stranger", 0, NULL, "link-of-stranger belongs to uid 65532" },
        { "root/open/sub", 0, NULL, "root/open (mode 0757)" },
        { "root/closed/deep", 0, NULL, "Permission denied" },
        { "stranger/made", MAKE, NULL, "Permission denied" },
    };

    g_assert_cmpint(setresgid(USER, USER, USER), ==, 0);
    g_assert_cmpint(setresuid(USER, USER, USER), ==, 0);
    check_all(top, expectations, G_N_ELEMENTS(expectations));
}

static void
test_user(void)
{
    g_autoptr(TestDirectory) tree = NULL;
    int status;
    pid_t child;

    if (skip_unless_root())
        return;
    tree = make_tree();
    child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        be_user(tree->path);
        g_free(tree->path);
        g_free(g_steal_pointer(&tree));
        _exit(0);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
}

/* What is found is not looked up again by its name. */
static void
test_held(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *path = g_build_filename(directory->path, "taken", NULL);
    g_autofree gchar *moved = g_build_filename(directory->path, "moved", NULL);
    g_autofree gchar *file = g_build_filename(moved, "file", NULL);
    int fd = gvir_sandbox_trusted_directory_open(path, MAKE, 0700, NULL, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(g_rename(path, moved), ==, 0);
    g_assert_cmpint(symlink("/etc", path), ==, 0);
    close(openat(fd, "file", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    g_assert_true(g_file_test(file, G_FILE_TEST_IS_REGULAR));
    close(fd);
}

static void
test_check(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(gvir_sandbox_trusted_directory_check("/", FALSE, &error));
    g_assert_no_error(error);
    g_assert_true(gvir_sandbox_trusted_directory_check("/usr/nowhere/at/all", TRUE, &error));
    g_assert_no_error(error);
    g_assert_false(gvir_sandbox_trusted_directory_check("/usr/nowhere/at/all", FALSE, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trusted-directory/root", test_root);
    g_test_add_func("/trusted-directory/user", test_user);
    g_test_add_func("/trusted-directory/held", test_held);
    g_test_add_func("/trusted-directory/check", test_check);
    return g_test_run();
}
