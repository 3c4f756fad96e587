/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "tests/unit/saved-text.h"

/* Mounts of every kind, disks, and what goes into an initrd, as objects. */

static void
count_notify(GObject *object G_GNUC_UNUSED, GParamSpec *property G_GNUC_UNUSED, gpointer user_data)
{
    ++*(guint *)user_data;
}

static void
test_file_mounts(void)
{
    GVirSandboxConfigMount *mounts[] = {
        GVIR_SANDBOX_CONFIG_MOUNT(gvir_sandbox_config_mount_host_bind_new("/s", "/t")),
        GVIR_SANDBOX_CONFIG_MOUNT(gvir_sandbox_config_mount_guest_bind_new("/s", "/t")),
        GVIR_SANDBOX_CONFIG_MOUNT(
            gvir_sandbox_config_mount_host_image_new("/s", "/t", GVIR_CONFIG_DOMAIN_DISK_FORMAT_QED)),
    };

    for (gsize i = 0; i < G_N_ELEMENTS(mounts); i++) {
        GVirSandboxConfigMountFile *file = GVIR_SANDBOX_CONFIG_MOUNT_FILE(mounts[i]);
        g_autofree gchar *target = NULL;
        guint notified = 0;

        g_signal_connect(file, "notify::source", G_CALLBACK(count_notify), &notified);
        g_object_get(file, "target", &target, NULL);
        g_assert_cmpstr(target, ==, "/t");
        g_assert_cmpstr(gvir_sandbox_config_mount_get_target(mounts[i]), ==, "/t");
        g_assert_cmpstr(gvir_sandbox_config_mount_file_get_source(file), ==, "/s");
        gvir_sandbox_config_mount_file_set_source(file, "/other");
        gvir_sandbox_config_mount_file_set_source(file, "/other");
        g_assert_cmpstr(gvir_sandbox_config_mount_file_get_source(file), ==, "/other");
        g_assert_cmpuint(notified, ==, 1);
    }
    g_assert_cmpint(gvir_sandbox_config_mount_host_image_get_format(GVIR_SANDBOX_CONFIG_MOUNT_HOST_IMAGE(mounts[2])),
                    ==, GVIR_CONFIG_DOMAIN_DISK_FORMAT_QED);
    for (gsize i = 0; i < G_N_ELEMENTS(mounts); i++)
        g_object_unref(mounts[i]);
}

static void
test_ram(void)
{
    g_autoptr(GVirSandboxConfigMountRam) ram = gvir_sandbox_config_mount_ram_new("/t", 10);
    guint64 usage;
    guint notified = 0;

    g_signal_connect(ram, "notify", G_CALLBACK(count_notify), &notified);
    g_assert_cmpuint(gvir_sandbox_config_mount_ram_get_usage(ram), ==, 10);
    gvir_sandbox_config_mount_ram_set_usage(ram, G_MAXUINT64);
    gvir_sandbox_config_mount_ram_set_usage(ram, G_MAXUINT64);
    g_object_get(ram, "usage", &usage, NULL);
    g_assert_cmpuint(usage, ==, G_MAXUINT64);
    g_assert_cmpuint(notified, ==, 1);
    gvir_sandbox_config_mount_set_read_only(GVIR_SANDBOX_CONFIG_MOUNT(ram), 5);
    gvir_sandbox_config_mount_set_read_only(GVIR_SANDBOX_CONFIG_MOUNT(ram), TRUE);
    g_assert_true(gvir_sandbox_config_mount_get_read_only(GVIR_SANDBOX_CONFIG_MOUNT(ram)));
    g_assert_cmpuint(notified, ==, 2);
}

static void
test_includes(void)
{
    g_autoptr(GVirSandboxConfigMountRam) ram = gvir_sandbox_config_mount_ram_new("/t", 10);
    GVirSandboxConfigMount *mount = GVIR_SANDBOX_CONFIG_MOUNT(ram);
    g_autoptr(GHashTable) includes = NULL;
    g_autoptr(GHashTable) later = NULL;

    gvir_sandbox_config_mount_add_include(mount, "/etc/passwd", "/passwd");
    gvir_sandbox_config_mount_add_include(mount, "/etc/group", "/group");
    gvir_sandbox_config_mount_add_include(mount, "/etc/shadow", "/passwd");
    includes = gvir_sandbox_config_mount_get_includes(mount);
    g_assert_cmpuint(g_hash_table_size(includes), ==, 2);
    g_assert_cmpstr(g_hash_table_lookup(includes, "/passwd"), ==, "/etc/shadow");
    g_hash_table_remove_all(includes);
    later = gvir_sandbox_config_mount_get_includes(mount);
    g_assert_cmpstr(g_hash_table_lookup(later, "/group"), ==, "/etc/group");
}

static void
test_wrong_include(void)
{
    static const struct {
        const gchar *target;
        const gchar *source;
        const gchar *message;
    } mistakes[] = {
        { "", "/x", "mount /t: include: must not be empty" },
        { "a/../../b", "/x", "mount /t: include: \"/a/../../b\" must not have a \"..\" in it" },
        { "a", "x\n", "mount /t: include: \"x\\n\" is not an absolute path" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autoptr(GVirSandboxConfig) config = GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
        g_autoptr(GVirSandboxConfigMountRam) ram = gvir_sandbox_config_mount_ram_new("/t", 10);
        GError *error = NULL;

        gvir_sandbox_config_mount_add_include(GVIR_SANDBOX_CONFIG_MOUNT(ram), mistakes[i].source, mistakes[i].target);
        gvir_sandbox_config_add_mount(config, GVIR_SANDBOX_CONFIG_MOUNT(ram));
        g_assert_null(gvir_sandbox_config_save_to_data(config, &error));
        assert_invalid(error, mistakes[i].message);
    }
}

static void
test_disk(void)
{
    g_autoptr(GVirSandboxConfigDisk) disk =
        g_object_new(GVIR_SANDBOX_TYPE_CONFIG_DISK, "type", GVIR_CONFIG_DOMAIN_DISK_BLOCK, "tag", "t", "source", "/x",
                     "format", GVIR_CONFIG_DOMAIN_DISK_FORMAT_VMDK, NULL);
    g_autofree gchar *tag = NULL;
    g_autofree gchar *source = NULL;
    GVirConfigDomainDiskType type;
    GVirConfigDomainDiskFormat format;

    g_object_get(disk, "type", &type, "tag", &tag, "source", &source, "format", &format, NULL);
    g_assert_cmpint(type, ==, GVIR_CONFIG_DOMAIN_DISK_BLOCK);
    g_assert_cmpint(gvir_sandbox_config_disk_get_disk_type(disk), ==, GVIR_CONFIG_DOMAIN_DISK_BLOCK);
    g_assert_cmpstr(tag, ==, "t");
    g_assert_cmpstr(gvir_sandbox_config_disk_get_tag(disk), ==, "t");
    g_assert_cmpstr(source, ==, "/x");
    g_assert_cmpstr(gvir_sandbox_config_disk_get_source(disk), ==, "/x");
    g_assert_cmpint(format, ==, GVIR_CONFIG_DOMAIN_DISK_FORMAT_VMDK);
    g_assert_cmpint(gvir_sandbox_config_disk_get_format(disk), ==, GVIR_CONFIG_DOMAIN_DISK_FORMAT_VMDK);
}

static void
test_initrd(void)
{
    g_autoptr(GVirSandboxConfigInitrd) initrd = gvir_sandbox_config_initrd_new();
    guint notified = 0;
    GList *modules;

    g_signal_connect(initrd, "notify", G_CALLBACK(count_notify), &notified);
    g_assert_null(gvir_sandbox_config_initrd_get_modules(initrd));
    g_object_set(initrd, "kver", "6.1", "kmoddir", "/lib/modules", "init", "/init", NULL);
    g_object_set(initrd, "kver", "6.1", "kmoddir", "/lib/modules", "init", "/init", NULL);
    g_assert_cmpuint(notified, ==, 3);
    g_assert_cmpstr(gvir_sandbox_config_initrd_get_kver(initrd), ==, "6.1");
    g_assert_cmpstr(gvir_sandbox_config_initrd_get_kmoddir(initrd), ==, "/lib/modules");
    g_assert_cmpstr(gvir_sandbox_config_initrd_get_init(initrd), ==, "/init");
    gvir_sandbox_config_initrd_add_module(initrd, "9p");
    gvir_sandbox_config_initrd_add_module(initrd, "overlay");
    modules = gvir_sandbox_config_initrd_get_modules(initrd);
    g_assert_cmpuint(g_list_length(modules), ==, 2);
    g_assert_cmpstr(modules->data, ==, "9p");
    g_assert_cmpstr(modules->next->data, ==, "overlay");
    g_list_free(modules);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mount/file-mounts", test_file_mounts);
    g_test_add_func("/mount/ram", test_ram);
    g_test_add_func("/mount/includes", test_includes);
    g_test_add_func("/mount/wrong-include", test_wrong_include);
    g_test_add_func("/mount/disk", test_disk);
    g_test_add_func("/mount/initrd", test_initrd);
    return g_test_run();
}
