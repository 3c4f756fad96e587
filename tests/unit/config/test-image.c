/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/storage/disk-name-private.h"
#include "libvirt-sandbox/builder/storage/image-lock-private.h"
#include "libvirt-sandbox/config/storage/image-format-private.h"
#include "libvirt-sandbox/error.h"
#include "libvirt-sandbox/guest/superblock.h"

#include "tests/unit/test-directory.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Enough for the one whose magic number comes last, of btrfs. */
#define SAMPLE_SIZE (128 * 1024)

static gchar *
write_sample(TestDirectory *directory, const gchar *name, gsize offset, gconstpointer magic, gsize length)
{
    g_autofree guint8 *data = g_malloc0(SAMPLE_SIZE);

    memcpy(data + offset, magic, length);
    test_directory_write(directory, name, data, SAMPLE_SIZE);
    return g_build_filename(directory->path, name, NULL);
}

static void
test_superblock(void)
{
    static const struct {
        const gchar *type;
        gsize offset;
        const gchar *magic;
    } samples[] = {
        { "ext4", 1080, "\x53\xef" },  { "xfs", 0, "XFSB" },      { "btrfs", 65600, "_BHRfS_M" },
        { "vfat", 82, "FAT32   " },    { "vfat", 54, "FAT16" },   { "vfat", 54, "FAT12" },
        { "iso9660", 32769, "CD001" }, { "squashfs", 0, "hsqs" }, { NULL, 0, "XFSb" },
    };
    g_autoptr(TestDirectory) directory = test_directory_new();

    for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autofree gchar *path =
            write_sample(directory, "image", samples[i].offset, samples[i].magic, strlen(samples[i].magic));
        int fd = open(path, O_RDONLY | O_CLOEXEC);

        g_assert_cmpstr(guest_superblock_type(fd), ==, samples[i].type);
        close(fd);
    }
}

static void
test_superblock_short(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *path = g_build_filename(directory->path, "image", NULL);
    int fd;

    test_directory_write(directory, "image", "XFS", 3);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    g_assert_null(guest_superblock_type(fd));
    close(fd);
}

static void
assert_locked(const gchar *path, gboolean read_only, gboolean free)
{
    g_autoptr(GError) error = NULL;
    gboolean locked = gvir_sandbox_image_lock(path, read_only, NULL, &error);

    if (free)
        g_assert_no_error(error);
    else
        g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_BUSY);
    g_assert_cmpint(locked, ==, free);
}

static void
test_lock(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *path = g_build_filename(directory->path, "image", NULL);
    g_autoptr(GError) error = NULL;
    int first, second;

    test_directory_write(directory, "image", "x", 1);
    assert_locked(path, FALSE, TRUE);

    /* Any number may read. */
    g_assert_true(gvir_sandbox_image_lock(path, TRUE, &first, &error));
    g_assert_true(gvir_sandbox_image_lock(path, TRUE, &second, &error));
    assert_locked(path, TRUE, TRUE);
    assert_locked(path, FALSE, FALSE);
    close(first);
    assert_locked(path, FALSE, FALSE);
    close(second);

    /* One may write. */
    g_assert_true(gvir_sandbox_image_lock(path, FALSE, &first, &error));
    assert_locked(path, TRUE, FALSE);
    assert_locked(path, FALSE, FALSE);
    close(first);
    assert_locked(path, FALSE, TRUE);
}

static void
test_disk_name(void)
{
    static const struct {
        guint number;
        const gchar *name;
    } names[] = { { 0, "vda" },   { 25, "vdz" },   { 26, "vdaa" },  { 51, "vdaz" },
                  { 52, "vdba" }, { 701, "vdzz" }, { 702, "vdaaa" } };

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree gchar *name = gvir_sandbox_disk_name("vd", names[i].number);

        g_assert_cmpstr(name, ==, names[i].name);
    }
}

/* The formats whose content is what their name says: one that is alone is guessed, and one that has the host
 * open another file is not. */
static void
test_references(void)
{
    static const struct {
        const gchar *name;
        gsize length;
        const gchar *header;
        gboolean guessed;
    } samples[] = {
        { "a.qcow2", 16, "QFI\xfb\0\0\0\3\0\0\0\0\0\0\0\0", TRUE },
        { "a.qcow2", 16, "QFI\xfb\0\0\0\3\0\0\0\0\0\0\0\1", FALSE },
        { "a.qcow2", 16, "QFI\xfb\0\0\0\2\0\0\0\0\0\0\2\0", FALSE },
        { "a.qcow2", 80,
          "QFI\xfb\0\0\0\3\0\0\0\0\0\0\0\0"
          "01234567890123456789012345678901234567890123456789012345\0\0\0\0\0\0\0\4",
          FALSE },
        { "a.qcow", 16, "QFI\xfb\0\0\0\1\0\0\0\0\0\0\0\0", TRUE },
        { "a.qcow", 16, "QFI\xfb\0\0\0\1\0\0\0\0\0\0\0\1", FALSE },
        { "a.qed", 24, "QED\0............\0\0\0\0\0\0\0\0", TRUE },
        { "a.qed", 24, "QED\0............\1\0\0\0\0\0\0\0", FALSE },
        { "a.vmdk", 44, "KDMV........\1\0\0\0\0\0\0\0........\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", TRUE },
        { "a.vmdk", 44, "KDMV........\0\0\0\0\0\0\0\0........\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", FALSE },
        { "a.vmdk", 44, "KDMV........\1\0\0\0\0\0\0\0........\1\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", FALSE },
        { "a.vmdk", 44, "# Disk DescriptorFile\nRW 1 FLAT \"/etc/shadow\"", FALSE },
    };
    g_autoptr(TestDirectory) directory = test_directory_new();

    for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autofree gchar *path = write_sample(directory, samples[i].name, 0, samples[i].header, samples[i].length);
        g_autoptr(GError) error = NULL;
        GVirConfigDomainDiskFormat format;
        gboolean guessed = gvir_sandbox_image_format_guess(path, &format, &error);

        if (guessed != samples[i].guessed)
            g_test_message("sample %zu: %s", i, error ? error->message : "was guessed");
        g_assert_cmpint(guessed, ==, samples[i].guessed);
        if (!guessed) {
            g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
            g_assert_nonnull(strstr(error->message, "format="));
        }
    }
}

static void
expect_refused(TestDirectory *directory, const gchar *name, const gchar *option)
{
    g_autofree gchar *path = g_build_filename(directory->path, name, NULL);
    g_autoptr(GError) error = NULL;
    GVirConfigDomainDiskFormat format;

    g_assert_false(gvir_sandbox_image_format_guess(path, &format, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "another file"));
    g_assert_nonnull(strstr(error->message, option));
}

/* A parent is named in the description, which QEMU reads in the second sector, and others where the header says. */
static void
test_vmdk_parent(void)
{
    static const gchar description[] = "# Disk DescriptorFile\nparentFileNameHint=\"/etc/shadow\"\n";
    static const struct {
        const gchar *magic;
        guint8 sector; /* what the header says of it */
        guint8 sectors;
        gsize offset; /* where it is */
    } samples[] = {
        { "KDMV", 1, 1, 0x200 },        { "KDMV", 0, 0, 0x200 },     { "KDMV", 2, 1, 0x200 },
        { "KDMV", 1, 1, 0x200 + 9000 }, { "KDMV", 30, 1, 30 * 512 }, { "COWD", 0, 0, 0x200 },
        { "COWD", 0, 0, 0x200 + 100 },
    };
    g_autoptr(TestDirectory) directory = test_directory_new();

    for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autofree guint8 *data = g_malloc0(SAMPLE_SIZE);

        g_test_message("sample %zu", i);
        memcpy(data, samples[i].magic, 4);
        data[12] = 1;
        data[28] = samples[i].sector;
        data[36] = samples[i].sectors;
        memcpy(data + samples[i].offset, description, sizeof description);
        test_directory_write(directory, "a.vmdk", data, SAMPLE_SIZE);
        expect_refused(directory, "a.vmdk", "format=vmdk");
    }
}

static void
test_vpc_parent(void)
{
    static const guint8 types[] = { 3, 4 };
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *path = g_build_filename(directory->path, "a.vhd", NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree guint8 *data = g_malloc0(SAMPLE_SIZE);
        GVirConfigDomainDiskFormat format;

        memcpy(data, "conectix", 8);
        data[63] = types[i];
        test_directory_write(directory, "a.vhd", data, SAMPLE_SIZE);
        if (types[i] == 4)
            expect_refused(directory, "a.vhd", "format=vpc");
        else
            g_assert_true(gvir_sandbox_image_format_guess(path, &format, NULL));
    }
}

static void
make_image(const gchar *options, TestDirectory *directory, const gchar *name)
{
    g_autofree gchar *command =
        g_strdup_printf("qemu-img create -q -f vmdk %s %s/%s 1M", options, directory->path, name);
    g_autoptr(GError) error = NULL;
    gint status;

    g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, &status, &error));
    g_assert_true(g_spawn_check_wait_status(status, &error));
}

/* As QEMU makes them. */
static void
test_vmdk_real(void)
{
    static const gchar *const whole[] = { "monolithicSparse", "streamOptimized" };
    static const gchar *const parts[] = { "monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat" };
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autofree gchar *path = g_build_filename(directory->path, "a.vmdk", NULL);
    g_autofree gchar *parent = NULL;
    g_autofree gchar *program = g_find_program_in_path("qemu-img");
    GVirConfigDomainDiskFormat format;

    if (!program) {
        g_test_skip("no qemu-img");
        return;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree gchar *options = g_strconcat("-o subformat=", parts[i], NULL);

        make_image(options, directory, "a.vmdk");
        expect_refused(directory, "a.vmdk", "format=vmdk");
    }
    for (gsize i = 0; i < G_N_ELEMENTS(whole); i++) {
        g_autofree gchar *options = g_strconcat("-o subformat=", whole[i], NULL);

        make_image(options, directory, "a.vmdk");
        g_assert_true(gvir_sandbox_image_format_guess(path, &format, NULL));
        g_assert_cmpint(format, ==, GVIR_CONFIG_DOMAIN_DISK_FORMAT_VMDK);
    }
    parent = g_strdup_printf("-b %s -F vmdk", path);
    make_image(parent, directory, "b.vmdk");
    expect_refused(directory, "b.vmdk", "format=vmdk");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/image/superblock", test_superblock);
    g_test_add_func("/image/superblock-short", test_superblock_short);
    g_test_add_func("/image/lock", test_lock);
    g_test_add_func("/image/disk-name", test_disk_name);
    g_test_add_func("/image/references", test_references);
    g_test_add_func("/image/vmdk-parent", test_vmdk_parent);
    g_test_add_func("/image/vmdk-real", test_vmdk_real);
    g_test_add_func("/image/vpc-parent", test_vpc_parent);
    return g_test_run();
}
