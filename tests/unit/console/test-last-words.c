/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/last-words-private.h"

#include <string.h>

/* Which line of the log of a dead guest is told. */

static void
assert_chosen(const gchar *text, const gchar *expected)
{
    g_autofree gchar *line = gvir_sandbox_last_words_choose(text, strlen(text));

    g_assert_cmpstr(line, ==, expected);
}

static void
test_empty(void)
{
    assert_chosen("", NULL);
    assert_chosen("\r\n \r\n[    0.500000] \r\n", NULL);
}

static void
test_last_line(void)
{
    assert_chosen("first\r\nsecond\r\n\r\n", "second");
    assert_chosen("[    0.512345] Initramfs unpacking failed", "Initramfs unpacking failed");
    assert_chosen("[not a time]", "[not a time]");
    assert_chosen("[", "[");
    assert_chosen("[ 1", "[ 1");
}

static void
test_panic(void)
{
    assert_chosen("before\r\n[    1.000001] Kernel panic - not syncing: no init\r\n[    1.1] Call Trace:\r\n"
                  "[    1.2] ---[ end Kernel panic - not syncing: no init ]---\r\n",
                  "Kernel panic - not syncing: no init");
}

static void
test_hostile(void)
{
    static const gchar nul[] = "one\ntwo\0three";
    g_autofree gchar *behind_nul = gvir_sandbox_last_words_choose(nul, sizeof(nul) - 1);
    g_autofree gchar *many = g_strnfill(16384, '\033');
    g_autofree gchar *line = gvir_sandbox_last_words_choose(many, strlen(many));

    g_assert_cmpstr(behind_nul, ==, "two three");
    g_assert_cmpuint(strlen(line), <=, 1000);
    g_assert_true(g_str_has_prefix(line, "\\x1b\\x1b"));
    assert_chosen("\033]0;title\007\x9b", "\\x1b]0;title\\x07\xef\xbf\xbd");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);

    g_test_add_func("/last-words/empty", test_empty);
    g_test_add_func("/last-words/last-line", test_last_line);
    g_test_add_func("/last-words/panic", test_panic);
    g_test_add_func("/last-words/hostile", test_hostile);
    return g_test_run();
}
