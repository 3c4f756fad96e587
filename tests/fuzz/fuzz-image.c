/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "expect.h"

#include "libvirt-sandbox/config/storage/image-format-private.h"
#include "libvirt-sandbox/config/storage/image-reference-private.h"
#include "libvirt-sandbox/guest/superblock.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* Where formats and file systems have what they are known by. */
static const goffset offsets[] = { 0, 54, 64, 512, 0x400, 0x8000, 0x10000 };
static const gchar *const suffixes[] = { "img", "qcow", "qcow2", "qed", "vmdk", "vpc", "vhdx", "vdi" };
static gchar *directory;

static void
remove_directory(void)
{
    g_rmdir(directory);
}

static void
make_directory(void)
{
    directory = g_build_filename(g_get_tmp_dir(), "fuzz-image.XXXXXX", NULL);
    g_assert_nonnull(g_mkdtemp(directory));
    atexit(remove_directory);
}

static void
guess(int fd, gboolean empty, const gchar *suffix)
{
    g_autofree gchar *path = g_strdup_printf("%s/image.%s", directory, suffix);
    g_autofree gchar *target = g_strdup_printf("/proc/self/fd/%d", fd);
    GVirConfigDomainDiskFormat format;
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(symlink(target, path), ==, 0);
    /* What is taken for good without being asked names no other file. An empty one is what its name says. */
    if (gvir_sandbox_image_format_guess(path, &format, &error))
        g_assert_true(empty || format == GVIR_CONFIG_DOMAIN_DISK_FORMAT_RAW ||
                      !gvir_sandbox_image_names_other_file(fd, format));
    else
        expect_clear_error(error);
    g_assert_cmpint(g_unlink(path), ==, 0);
}

/* The first byte chooses the end of the name, the second where in the image the rest is. */
int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    int fd;

    if (!directory)
        make_directory();
    if (size < 2)
        return 0;
    fd = memfd_create("image", MFD_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(pwrite(fd, data + 2, size - 2, offsets[data[1] % G_N_ELEMENTS(offsets)]), ==, (gssize)size - 2);
    guess(fd, size == 2, suffixes[data[0] % G_N_ELEMENTS(suffixes)]);
    guest_superblock_type(fd);
    close(fd);
    return 0;
}
