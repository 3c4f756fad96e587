/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/share/git-config-private.h"
#include "tests/unit/saved-text.h"
#include "tests/unit/test-directory.h"
#include "tests/unit/under-valgrind.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Directories that are shared where they are, and what of git comes along with them. */

static TestDirectory *directory;
static gchar *top; /* its path, without symbolic links */

static void write_file(const gchar *name, const gchar *format, ...) G_GNUC_PRINTF(2, 3);

static void
write_file(const gchar *name, const gchar *format, ...)
{
    g_autofree gchar *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    test_directory_write(directory, name, text, strlen(text));
}

static void
make_directory(const gchar *name)
{
    g_autofree gchar *path = g_build_filename(top, name, NULL);

    g_assert_cmpint(g_mkdir_with_parents(path, 0755), ==, 0);
}

static void
make_repository(const gchar *name)
{
    g_autofree gchar *head = g_build_filename(name, "HEAD", NULL);
    g_autofree gchar *objects = g_build_filename(name, "objects", NULL);
    g_autofree gchar *refs = g_build_filename(name, "refs", NULL);

    write_file(head, "ref: refs/heads/main\n");
    make_directory(objects);
    make_directory(refs);
}

/* As "git worktree add ../tree" leaves them. */
static void
make_worktree(void)
{
    make_repository("main/.git");
    make_directory("tree");
    write_file("tree/.git", "gitdir: %s/main/.git/worktrees/tree\n", top);
    write_file("main/.git/worktrees/tree/commondir", "../..\n");
    write_file("main/.git/worktrees/tree/gitdir", "%s/tree/.git\n", top);
}

static void
set_up(void)
{
    directory = test_directory_new();
    top = realpath(directory->path, NULL);
    g_assert_nonnull(top);
    g_assert_cmpint(chmod(top, 0755), ==, 0);
}

static void
tear_down(void)
{
    g_clear_pointer(&directory, test_directory_free);
    g_clear_pointer(&top, free);
}

static gchar *
share(GVirSandboxConfig *config, const gchar *name, gchar **notice)
{
    g_autofree gchar *path = g_build_filename(top, name, NULL);
    GError *error = NULL;
    gchar *shared = gvir_sandbox_config_add_share(config, path, notice, &error);

    g_assert_no_error(error);
    return shared;
}

/* What comes along is opened in a way that valgrind 3.19 does not know. */
static gboolean
skip_without_openat2(void)
{
    if (!runs_under_valgrind())
        return FALSE;
    g_test_skip("valgrind has no openat2()");
    return TRUE;
}

/* Of the tree @name comes along @common, or with NULL nothing, and then it is said. */
static void
assert_common(const gchar *name, const gchar *common)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    g_autofree gchar *notice = NULL;
    g_autofree gchar *path = share(config, name, &notice);
    g_autofree gchar *expected = g_build_filename(top, common, NULL);
    GList *mounts = gvir_sandbox_config_get_mounts(config);

    g_assert_cmpstr(gvir_sandbox_config_mount_get_target(mounts->data), ==, path);
    g_assert_cmpuint(g_list_length(mounts), ==, common ? 2 : 1);
    if (common) {
        g_assert_null(notice);
        g_assert_cmpstr(gvir_sandbox_config_mount_get_target(mounts->next->data), ==, expected);
        g_assert_cmpstr(gvir_sandbox_config_mount_file_get_source(mounts->next->data), ==, expected);
    } else {
        g_assert_nonnull(notice);
        g_assert_true(g_str_has_prefix(notice, path));
    }
    g_list_free_full(mounts, g_object_unref);
}

static void
test_directories(void)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    g_autofree gchar *data = NULL;
    g_autofree gchar *expected = NULL;
    g_autofree gchar *link = NULL;
    GList *mounts;

    set_up();
    make_directory("a/b");
    link = g_build_filename(top, "link", NULL);
    g_assert_cmpint(symlink("a", link), ==, 0);
    g_free(share(config, "link", NULL));
    /* What is in it, and itself, is there already. */
    g_free(share(config, "a/b/../b", NULL));
    g_free(share(config, "a", NULL));
    mounts = gvir_sandbox_config_get_mounts(config);
    g_assert_cmpuint(g_list_length(mounts), ==, 1);
    g_list_free_full(mounts, g_object_unref);
    data = saved_text_round_trip(config);
    expected = g_strdup_printf("type=GVirSandboxConfigMountHostBind\ntarget=%s/a\nsource=%s/a\n", top, top);
    g_assert_nonnull(strstr(data, expected));
    tear_down();
}

static void
refuse(const gchar *path, gint code, const gchar *words)
{
    g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
    GError *error = NULL;

    g_test_message("%s", path);
    g_assert_null(gvir_sandbox_config_add_share(config, path, NULL, &error));
    g_assert_nonnull(strstr(error->message, words));
    assert_one_clear_error(error, code);
    g_assert_false(gvir_sandbox_config_has_mounts(config));
}

static void
test_refused(void)
{
    g_autofree gchar *file = NULL;
    g_autofree gchar *missing = NULL;
    g_autofree gchar *above = NULL;
    g_autofree gchar *alias = NULL;

    set_up();
    write_file("file", "x");
    file = g_build_filename(top, "file", NULL);
    missing = g_build_filename(top, "missing", NULL);
    above = g_path_get_dirname(g_get_home_dir());
    alias = g_build_filename(top, "alias", NULL);
    g_assert_cmpint(symlink(g_get_home_dir(), alias), ==, 0);
    refuse(missing, GVIR_SANDBOX_ERROR_NOT_FOUND, "No such file");
    refuse(file, GVIR_SANDBOX_ERROR_NOT_FOUND, "Not a directory");
    refuse("/", GVIR_SANDBOX_ERROR_INVALID, "all of the host");
    refuse(g_get_home_dir(), GVIR_SANDBOX_ERROR_INVALID, "home directory");
    refuse(alias, GVIR_SANDBOX_ERROR_INVALID, "home directory");
    if (!g_str_equal(above, "/"))
        refuse(above, GVIR_SANDBOX_ERROR_INVALID, "home directory");
    if (geteuid() == 0) {
        g_autofree gchar *foreign = g_build_filename(top, "foreign", NULL);

        make_directory("foreign");
        g_assert_cmpint(chown(foreign, 65534, 65534), ==, 0);
        refuse(foreign, GVIR_SANDBOX_ERROR_DENIED, "65534");
    }
    tear_down();
}

static void
test_worktree(void)
{
    if (skip_without_openat2())
        return;
    set_up();
    make_worktree();
    assert_common("tree", "main/.git");
    /* As git 2.48 can have them, and as an old git wrote them. */
    write_file("tree/.git", "gitdir: ../main/.git/worktrees/tree");
    write_file("main/.git/worktrees/tree/gitdir", "../../../../tree/.git\n");
    assert_common("tree", "main/.git");
    tear_down();
}

static void
test_submodule(void)
{
    if (skip_without_openat2())
        return;
    set_up();
    make_directory("super/libs/sub");
    make_repository("super/.git/modules/libs/sub");
    write_file("super/libs/sub/.git", "gitdir: ../../.git/modules/libs/sub\n");
    write_file("super/.git/modules/libs/sub/config",
               "[core]\n\tbare = false\n\tworktree = ../../../../libs/sub\n[remote \"o\"]\n\turl = x\n");
    assert_common("super/libs/sub", "super/.git/modules/libs/sub");
    write_file("super/.git/modules/libs/sub/config", "[core]\n\tworktree = ../../../../libs\n");
    assert_common("super/libs/sub", NULL);
    write_file("super/.git/modules/libs/sub/config", "[remote \"core\"]\n\tworktree = ../../../../libs/sub\n");
    assert_common("super/libs/sub", NULL);
    tear_down();
}

/* The tree may say what it likes: what is not its own does not come along. */
static void
test_lies(void)
{
    set_up();
    make_worktree();
    make_directory("secret");
    write_file("tree/.git", "gitdir: %s/secret\n", top);
    assert_common("tree", NULL);
    write_file("tree/.git", "gitdir: %s/main/.git\n", top);
    assert_common("tree", NULL);
    write_file("tree/.git", "gitdir: /\n");
    assert_common("tree", NULL);
    write_file("tree/.git", "gitdir: %s/nowhere\n", top);
    assert_common("tree", NULL);

    /* A git directory in the tree, which names another place as that of its objects. */
    write_file("tree/fake/worktrees/w/gitdir", "%s/tree/.git\n", top);
    write_file("tree/fake/worktrees/w/commondir", "%s/main/.git\n", top);
    write_file("tree/.git", "gitdir: fake/worktrees/w\n");
    assert_common("tree", NULL);
    write_file("tree/fake/worktrees/w/commondir", "%s/secret\n", top);
    assert_common("tree", NULL);

    /* The directory of another tree. */
    make_directory("other");
    write_file("other/.git", "gitdir: %s/main/.git/worktrees/tree\n", top);
    assert_common("other", NULL);
    tear_down();
}

/* What is no text of git's is as if there were none. */
static void
test_no_git(void)
{
    static const gchar *const texts[] = { "", "gitdir:", "gitdir: \n", "gitdir: a\nb\n", "x" };

    set_up();
    make_directory("plain/.git/objects");
    make_directory("tree");
    for (gsize i = 0; i <= G_N_ELEMENTS(texts); i++) {
        g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
        g_autofree gchar *notice = NULL;
        GList *mounts;

        if (i < G_N_ELEMENTS(texts))
            write_file("tree/.git", "%s", texts[i]);
        g_free(share(config, i < G_N_ELEMENTS(texts) ? "tree" : "plain", &notice));
        g_assert_null(notice);
        mounts = gvir_sandbox_config_get_mounts(config);
        g_assert_cmpuint(g_list_length(mounts), ==, 1);
        g_list_free_full(mounts, g_object_unref);
    }
    tear_down();
}

static void
test_git_config(void)
{
    static const struct {
        const gchar *text, *worktree;
    } cases[] = {
        { "", NULL },
        { "worktree = /x\n", NULL },
        { "[core]\nworktree=/x", "/x" },
        { "[Core] WorkTree = /x ; and\n", "/x" },
        { "[core]\n\tworktree = \"/a # b \" \r\n", "/a # b " },
        { "[core]\nworktree = /a\\\\b\\\"c\n", "/a\\b\"c" },
        { "[core]\nworktree = /a\n[core \"x\"]\nworktree = /b\n", "/a" },
        { "[core]\nworktree = /a\n[user]\nworktree = /b\n[core]\nworktree = /c\n", "/c" },
        { "[core]\nworktree = /a\\\n/b\n", NULL },
        { "[core]\nworktree = \"/a\n", NULL },
        { "[core]\nworktree = /a\\x\n", NULL },
        { "[core]\nworktree\nworktree =\n", NULL },
        { "[core]\nworktrees = /a\n", NULL },
        { "[core\nworktree = /a\n", NULL },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree gchar *worktree = gvir_sandbox_git_parse_worktree(cases[i].text, strlen(cases[i].text));

        g_test_message("%s", cases[i].text);
        g_assert_cmpstr(worktree, ==, cases[i].worktree);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/share/directories", test_directories);
    g_test_add_func("/share/refused", test_refused);
    g_test_add_func("/share/worktree", test_worktree);
    g_test_add_func("/share/submodule", test_submodule);
    g_test_add_func("/share/lies", test_lies);
    g_test_add_func("/share/no-git", test_no_git);
    g_test_add_func("/share/git-config", test_git_config);
    return g_test_run();
}
