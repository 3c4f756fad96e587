/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/root/host-submounts-private.h"

#include <unistd.h>

/* What is mounted below the host's root, from a table as the kernel writes it. */

static void
assert_found(const gchar *mountinfo, const gchar *root, const gchar *expected)
{
    g_autoptr(GPtrArray) found = gvir_sandbox_host_submounts_parse(mountinfo, root);
    g_autoptr(GString) joined = g_string_new(NULL);

    for (guint i = 0; i < found->len; i++) {
        const GVirSandboxHostSubmount *submount = g_ptr_array_index(found, i);

        g_string_append_printf(joined, "%s%" G_GUINT64_FORMAT "%s", i > 0 ? "|" : "", submount->mount_id,
                               submount->path);
    }
    g_assert_cmpstr(joined->str, ==, expected);
}

static const gchar table[] = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
                             "23 22 0:21 / /proc rw - proc proc rw\n"
                             "24 22 0:22 / /sys rw - sysfs sysfs rw\n"
                             "25 22 0:5 / /dev rw - devtmpfs udev rw\n"
                             "26 25 0:23 / /dev/pts rw - devpts devpts rw\n"
                             "27 22 0:24 / /run rw - tmpfs tmpfs rw\n"
                             "28 22 0:25 / /tmp rw - tmpfs tmpfs rw\n"
                             "30 29 8:3 / /home/a\\040b\\134c rw shared:2 master:3 - xfs /dev/sdc rw\n"
                             "29 22 8:2 / /home rw - ext4 /dev/sdb rw\n"
                             "31 22 0:30 / /misc rw - autofs systemd-1 rw\n"
                             "32 22 0:31 / /homes rw - nfs server:/x rw\n"
                             "33 29 8:2 / /home rw - ext4 /dev/sdb rw\n"
                             "34 22 0:40 / /var/tmp/x rw - tmpfs tmpfs rw\n"
                             "35 22 0:21 / /srv/root/proc rw - proc proc rw\n"
                             "36 22 0:5 / /srv/root/dev rw - devtmpfs udev rw\n"
                             "37 22 0:50 / /srv/a rw - overlay overlay rw\n"
                             "38 22 0:51 / /srv/b rw - fuse.sshfs host: rw\n"
                             "39 22 0:52 / /srv/c rw - a-later-kernels x rw\n"
                             "40 22 7:0 / /srv/d rw - a-later-disks x rw\n";

static void
test_host_root(void)
{
    assert_found(table, "/", "29/home|33/home|30/home/a b\\c|32/homes|37/srv/a|38/srv/b|40/srv/d");
}

static void
test_other_root(void)
{
    assert_found(table, "/home", "30/a b\\c");
    assert_found(table, "/home/a b\\c", "");
    assert_found(table, "/nowhere", "");
    /* Below another root its own directories are private, too. */
    assert_found("1 0 8:1 / /srv/root/proc rw - proc proc rw\n2 0 8:1 / /srv/root/usr rw - ext4 x rw\n", "/srv/root",
                 "2/usr");
}

static void
test_junk(void)
{
    static const gchar *const junk[] = {
        "",
        "\n\n",
        "x",
        "1 2 3 4",
        "1 2 3 4 /x",
        "1 2 3 4 /x rw",
        "1 2 3 4 /x rw -",
        "1 2 3 4 /x rw - autofs ",
        "1 2 3 4 x rw - t s o",
        "1 2 3 4  rw - t s o",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(junk); i++)
        assert_found(junk[i], "/", "");
    assert_found("1 2 3 4 /x rw - t", "/", "1/x");
}

static void
test_this_host(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) found = gvir_sandbox_host_submounts_list("/", &error);
    int root = gvir_sandbox_host_submounts_open_root("/");

    g_assert_no_error(error);
    g_assert_nonnull(found);
    for (guint i = 0; i < found->len; i++) {
        GVirSandboxHostSubmount *submount = g_ptr_array_index(found, i);
        int fd = gvir_sandbox_host_submount_open(root, submount);

        g_assert_cmpint(submount->path[0], ==, '/');
        g_assert_false(g_str_has_prefix(submount->path, "/proc/"));
        g_assert_true(i == 0 || g_strcmp0(((GVirSandboxHostSubmount *)g_ptr_array_index(found, i - 1))->path,
                                          submount->path) < 0);
        g_assert_nonnull(submount->identity);
        /* Unless it was unmounted just now. */
        if (fd >= 0)
            close(fd);
        submount->mount_id++;
        g_assert_cmpint(gvir_sandbox_host_submount_open(root, submount), <, 0);
    }
    close(root);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/host-submounts/host-root", test_host_root);
    g_test_add_func("/host-submounts/other-root", test_other_root);
    g_test_add_func("/host-submounts/junk", test_junk);
    g_test_add_func("/host-submounts/this-host", test_this_host);
    return g_test_run();
}
