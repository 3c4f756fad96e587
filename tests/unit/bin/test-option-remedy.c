/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/options/option-remedy.h"

#include <glib.h>

static void
check(const gchar *property, const gchar *expected)
{
    g_autofree gchar *text = option_remedy_explain("no kernel", property);

    g_assert_cmpstr(text, ==, expected);
}

static void
test_explain(void)
{
    check(NULL, "no kernel");
    check("kernpath", "no kernel (use --kernpath)");
    check("kernrelease", "no kernel (use --kernver)");
    check("overlay-dir", "no kernel (use --overlay)");
    check("qemu-user", "no kernel (use --qemu-user)");
    /* A property that has no option. */
    check("uuid", "no kernel");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/option-remedy/explain", test_explain);
    return g_test_run();
}
