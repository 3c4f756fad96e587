/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include <glib.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* What stands in for libFuzzer in an ordinary build: every file of the corpus goes through once. */

static void
test_file(gconstpointer path)
{
    g_autofree gchar *content = NULL;
    gsize length;

    g_assert_true(g_file_get_contents(path, &content, &length, NULL));
    g_assert_cmpint(LLVMFuzzerTestOneInput((const guint8 *)content, length), ==, 0);
}

static void
test_nothing(void)
{
    g_assert_cmpint(LLVMFuzzerTestOneInput((const guint8 *)"", 0), ==, 0);
}

int
main(int argc, char **argv)
{
    g_autofree gchar *corpus = NULL;
    g_autoptr(GDir) directory = NULL;
    g_autoptr(GError) error = NULL;
    const gchar *name;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/" FUZZ_SUBJECT "/nothing", test_nothing);
    corpus = g_test_build_filename(G_TEST_DIST, "..", "fuzz", "corpus", FUZZ_SUBJECT, NULL);
    directory = g_dir_open(corpus, 0, &error);
    g_assert_no_error(error);
    while ((name = g_dir_read_name(directory))) {
        g_autofree gchar *test = g_strconcat("/" FUZZ_SUBJECT "/", name, NULL);

        g_test_add_data_func_full(test, g_build_filename(corpus, name, NULL), test_file, g_free);
    }
    return g_test_run();
}
