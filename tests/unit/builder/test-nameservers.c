/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/network/nameservers-private.h"

/* Which name servers of the host's resolv.conf a guest can be told. */

static void
test_parse(void)
{
    static const struct {
        const gchar *text, *expected;
    } files[] = {
        { "", "" },
        { "nameserver 192.0.2.1", "192.0.2.1" },
        { "# nameserver 192.0.2.9\nsearch example.com\n nameserver 192.0.2.8\nnameserver 192.0.2.1\n", "192.0.2.1" },
        { "nameserver \t 192.0.2.1 \t\r\nnameserver\t192.0.2.2\r\n", "192.0.2.1 192.0.2.2" },
        { "nameserver 127.0.0.53\n", "" },
        { "nameserver 127.0.0.1\nnameserver 0.0.0.0\nnameserver 192.0.2.1\n", "192.0.2.1" },
        { "nameserver ::1\nnameserver 2001:db8::1\nnameserver fe80::1%eth0\n", "" },
        { "nameserver\nnameserver \nnameserver example.com\nnameservers 192.0.2.1\n", "" },
        { "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n",
          "192.0.2.1 192.0.2.2 192.0.2.3" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_auto(GStrv) found = gvir_sandbox_nameservers_parse(files[i].text);
        g_autofree gchar *joined = g_strjoinv(" ", found);

        g_assert_cmpstr(joined, ==, files[i].expected);
    }
}

static void
test_search(void)
{
    static const struct {
        const gchar *text, *expected;
    } files[] = {
        { "", NULL },
        { "nameserver 192.0.2.1\n", NULL },
        { "search example.com", "example.com" },
        { "search example.com\t sub.example.com \r\n", "example.com sub.example.com" },
        { "domain one.example\nsearch two.example three.example\n", "two.example three.example" },
        { "search two.example\ndomain one.example\n", "one.example" },
        { "search .\n", NULL },
        { "# search example.com\n search example.com\nsearching example.com\nsearch\n", NULL },
        { "search a.example bad\\name $(id) \033[1m b_.example-1.\n", "a.example b_.example-1." },
        { "search a b c d e f g h\n", "a b c d e f" },
    };
    g_autofree gchar *label = g_strnfill(300, 'a');
    g_autofree gchar *line = g_strdup_printf("search %s b\n", label);
    g_autofree gchar *kept = gvir_sandbox_nameservers_parse_search(line);

    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree gchar *found = gvir_sandbox_nameservers_parse_search(files[i].text);

        g_assert_cmpstr(found, ==, files[i].expected);
    }
    g_assert_cmpstr(kept, ==, "b");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nameservers/parse", test_parse);
    g_test_add_func("/nameservers/search", test_search);
    return g_test_run();
}
