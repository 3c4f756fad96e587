/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bin/options/time-span.h"

static void
assert_span(const gchar *text, gdouble expected)
{
    gdouble seconds = -1;

    g_test_message("%s", text);
    g_assert_true(time_span_parse(text, &seconds));
    g_assert_cmpfloat_with_epsilon(seconds, expected, 1e-9);
}

static void
assert_none(const gchar *text)
{
    gdouble seconds;

    g_test_message("\"%s\"", text);
    g_assert_false(time_span_parse(text, &seconds));
}

static void
test_spans(void)
{
    assert_span("0", 0);
    assert_span("90", 90);
    assert_span("0.05", 0.05);
    assert_span(".5", 0.5);
    assert_span("1000000000", 1e9);
    assert_span("200ms", 0.2);
    assert_span("1.5s", 1.5);
    assert_span("5m", 300);
    assert_span("5min", 300);
    assert_span("2h", 7200);
    assert_span("1d", 86400);
    assert_span("1h 30m", 5400);
    assert_span("1h30min10s", 5410);
    assert_span(" 2 hours 5 ", 7205);
}

static void
test_mistakes(void)
{
    static const gchar *const texts[] = { "",         " ",          "m",      "s5",    "-1",  "+1",
                                          "5x",       "5 mm",       "1,5",    "1..5",  ".",   "0x5",
                                          "1e3",      "nan",        "inf",    "5M",    "5\n", "5m -1s",
                                          "infinity", "1000000001", "12000d", "1e400", "5m;", "\xc3\xa9" };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        assert_none(texts[i]);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/time-span/spans", test_spans);
    g_test_add_func("/time-span/mistakes", test_mistakes);
    return g_test_run();
}
