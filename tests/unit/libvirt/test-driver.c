/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "tests/unit/saved-text.h"

#include "libvirt-sandbox/libvirt/driver-private.h"

#include <string.h>

/* Connection URIs: what is ours, and what is said of the others. */

static void
test_good(void)
{
    static const struct {
        const gchar *uri;
        const gchar *driver;
        const gchar *path;
        const gchar *root;
    } uris[] = {
        { "lxc:///", "lxc", "", NULL },
        { "lxc:///system", "lxc", "system", NULL },
        { "qemu:///system", "qemu", "system", NULL },
        { "qemu:///session", "qemu", "session", NULL },
        { "qemu:///embed?root=/tmp/x", "qemu", "embed", "/tmp/x" },
        { "qemu:///embed?other=1&root=%2Ftmp%2Fa%20b", "qemu", "embed", "/tmp/a b" },
        { "qemu+unix:///session", "qemu", "session", NULL },
        { "qemu+unix:///system?socket=/run/x", "qemu", "system", NULL },
        { "lxc+unix:///", "lxc", "", NULL },
        { "test:///default", "test", "default", NULL },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(uris); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_parse(uris[i].uri, &error);

        g_assert_no_error(error);
        g_assert_cmpstr(driver->driver, ==, uris[i].driver);
        g_assert_cmpstr(driver->path, ==, uris[i].path);
        g_assert_cmpstr(driver->root, ==, uris[i].root);
        g_assert_cmpint(gvir_sandbox_driver_is_embedded(driver), ==, uris[i].root != NULL);
    }
}

static void
refuse(const gchar *uri, gint code)
{
    GError *error = NULL;

    g_test_message("%s", uri);
    g_assert_null(gvir_sandbox_driver_parse(uri, &error));
    g_assert_true(g_str_has_prefix(error->message, "connection "));
    g_assert_cmpuint(strlen(error->message), <, 400);
    assert_one_clear_error(error, code);
}

static void
test_remote(void)
{
    static const gchar *const uris[] = {
        "qemu+ssh://host/system",      "qemu://host/system",      "lxc://user@host/",
        "qemu+tcp:///system",          "qemu+tls:///system",      "qemu+ssh:///system",
        "qemu+libssh2://[::1]/system", "qemu+unix://host/system", "qemu://localhost/session",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(uris); i++)
        refuse(uris[i], GVIR_SANDBOX_ERROR_UNSUPPORTED);
}

static void
test_wrong(void)
{
    static const gchar *const uris[] = {
        "",
        "x",
        "/",
        ":///",
        "qemu",
        "qemu:",
        "qemu:/system",
        "qemu://",
        "lxc://",
        "QEMU:///system",
        "1x:///",
        "qemu:///\n",
        "qemu:///embed",
        "qemu:///embed?root=",
        "qemu:///embed?root=relative",
        "qemu:///embed?root=%zz",
        "\033[31m",
        "\xff",
    };
    g_autofree gchar *long_uri = g_strnfill(100000, 'q');

    for (gsize i = 0; i < G_N_ELEMENTS(uris); i++)
        refuse(uris[i], GVIR_SANDBOX_ERROR_INVALID);
    refuse(long_uri, GVIR_SANDBOX_ERROR_INVALID);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/driver/good", test_good);
    g_test_add_func("/driver/remote", test_remote);
    g_test_add_func("/driver/wrong", test_wrong);
    return g_test_run();
}
