/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/visible-private.h"

#include <string.h>

/* What a hostile guest writes, as a terminal may be shown it. */

static void
assert_line(const gchar *text, gsize length, const gchar *expected)
{
    g_autofree gchar *line = gvir_sandbox_visible_line(text, length);

    g_assert_cmpstr(line, ==, expected);
}

static void
test_line(void)
{
    assert_line("", 0, "");
    assert_line("plain grüße 你好", strlen("plain grüße 你好"), "plain grüße 你好");
    assert_line("a\033[31mb\n\r\t\x7f", 11, "a\\x1b[31mb\\x0a\\x0d\\x09\\x7f");
    assert_line("\xff\xc3", 2, "\xef\xbf\xbd\xef\xbf\xbd");
    assert_line("a\0b", 3,
                "a\xef\xbf\xbd"
                "b");
    /* What turns the writing direction, and the control characters above ASCII. */
    assert_line("\xe2\x80\xaex\xc2\x9b", 6, "\\u202ex\\x9b");
}

static void
test_long_line(void)
{
    g_autofree gchar *text = g_strnfill(1024 * 1024, 'x');
    g_autofree gchar *line = gvir_sandbox_visible_line(text, strlen(text));

    g_assert_cmpuint(g_utf8_strlen(line, -1), ==, 1001);
    g_assert_true(g_str_has_suffix(line, "x…"));
}

static void
test_append(void)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    static const guint8 all[] = "ok\r\n\ttab\033]0;title\a\x7f\xc3\xa9\0";
    static const gchar expected[] = "ok\n\ttab^[]0;title^G\\x7f\\xc3\\xa9^@";

    gvir_sandbox_visible_append(out, all, sizeof all - 1);
    g_assert_cmpmem(out->data, out->len, expected, sizeof expected - 1);
    /* It appends. */
    gvir_sandbox_visible_append(out, (const guint8 *)"!", 1);
    g_assert_cmpuint(out->len, ==, sizeof expected);
}

/* Of no byte does anything come out that a terminal would obey. */
static void
test_every_byte(void)
{
    for (guint byte = 0; byte < 256; byte++) {
        g_autoptr(GByteArray) out = g_byte_array_new();
        guint8 data = (guint8)byte;
        g_autofree gchar *line = gvir_sandbox_visible_line((const gchar *)&data, 1);

        gvir_sandbox_visible_append(out, &data, 1);
        for (guint i = 0; i < out->len; i++)
            g_assert_true(out->data[i] == '\n' || out->data[i] == '\t' ||
                          (out->data[i] >= 0x20 && out->data[i] < 0x7f));
        for (const gchar *at = line; *at; at = g_utf8_next_char(at))
            g_assert_true(g_unichar_isprint(g_utf8_get_char(at)));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/visible/line", test_line);
    g_test_add_func("/visible/long-line", test_long_line);
    g_test_add_func("/visible/append", test_append);
    g_test_add_func("/visible/every-byte", test_every_byte);
    return g_test_run();
}
