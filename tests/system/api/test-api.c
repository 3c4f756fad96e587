/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "support.h"
#include "tests.h"

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;

    g_setenv("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null", FALSE);
    if (argc == 3 && argv[1][0] != '-') {
        gvir_sandbox_init(NULL, NULL);
        if (g_str_equal(argv[1], "exit-while-probing"))
            test_life_exit_while_probing(argv[2]);
        test_attached_run(argv[1], argv[2]);
        return 0;
    }
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    gvir_sandbox_init_check(&argc, &argv, &error);
    g_assert_no_error(error);

    test_life_add();
    test_streams_add();
    test_attached_add();
    test_old_style_add();
    test_run_add();
    return g_test_run();
}
