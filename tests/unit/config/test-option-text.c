/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/format/option-text-private.h"
#include "libvirt-sandbox/config/format/size-private.h"
#include "libvirt-sandbox/config/security-private.h"
#include "libvirt-sandbox/config/storage/image-format-private.h"
#include "tests/unit/saved-text.h"
#include "tests/unit/test-directory.h"

#include <string.h>
#include <unistd.h>

/* The texts of --mount, --disk, --network, --env, --include, --includefile, --security and --memory. */

typedef gboolean (*Add)(GVirSandboxConfig *config, const gchar *text, GError **error);

typedef struct {
    const gchar *text;
    const gchar *message;
} Mistake;

static GVirSandboxConfig *
config_new(void)
{
    return GVIR_SANDBOX_CONFIG(gvir_sandbox_config_interactive_new("n"));
}

static void
accept(Add add, GVirSandboxConfig *config, const gchar *text)
{
    GError *error = NULL;

    g_test_message("%s", text);
    add(config, text, &error);
    g_assert_no_error(error);
}

static void
refuse(Add add, GVirSandboxConfig *config, const gchar *text, const gchar *message)
{
    GError *error = NULL;

    g_test_message("%s", message);
    g_assert_false(add(config, text, &error));
    assert_invalid(error, message);
}

static void
refuse_all(Add add, const Mistake *mistakes, gsize count)
{
    g_autoptr(GVirSandboxConfig) config = config_new();
    g_autofree gchar *before = gvir_sandbox_config_save_to_data(config, NULL);
    g_autofree gchar *after = NULL;

    for (gsize i = 0; i < count; i++)
        refuse(add, config, mistakes[i].text, mistakes[i].message);
    /* A wrong text leaves nothing behind. */
    after = gvir_sandbox_config_save_to_data(config, NULL);
    g_assert_cmpstr(before, ==, after);
}

static gboolean
add_include(GVirSandboxConfig *config, const gchar *text, GError **error)
{
    const gchar *texts[] = { text, NULL };

    return gvir_sandbox_config_add_host_include_strv(config, (gchar **)texts, error);
}

static GVirSandboxConfigMount *
parse_mount(GVirSandboxConfig *config, const gchar *text, const gchar *target)
{
    accept(gvir_sandbox_config_add_mount_opts, config, text);
    return gvir_sandbox_config_find_mount(config, target);
}

static void
test_mount_binds(void)
{
    g_autoptr(GVirSandboxConfig) config = config_new();
    g_autoptr(GVirSandboxConfigMount) bind = parse_mount(config, "host-bind:/data=/srv/x", "/data");
    g_autoptr(GVirSandboxConfigMount) temporary = parse_mount(config, "host-bind:/tmp=", "/tmp");
    g_autoptr(GVirSandboxConfigMount) odd = parse_mount(config, "host-bind:/a:b=/c=d\\,e,ro", "/a:b");
    g_autoptr(GVirSandboxConfigMount) guest = parse_mount(config, "guest-bind:/home=/tmp/home,rw", "/home");

    g_assert_true(GVIR_SANDBOX_IS_CONFIG_MOUNT_HOST_BIND(bind));
    g_assert_cmpstr(gvir_sandbox_config_mount_file_get_source(GVIR_SANDBOX_CONFIG_MOUNT_FILE(bind)), ==, "/srv/x");
    g_assert_false(gvir_sandbox_config_mount_get_read_only(bind));
    g_assert_cmpstr(gvir_sandbox_config_mount_file_get_source(GVIR_SANDBOX_CONFIG_MOUNT_FILE(temporary)), ==, "");
    g_assert_cmpstr(gvir_sandbox_config_mount_file_get_source(GVIR_SANDBOX_CONFIG_MOUNT_FILE(odd)), ==, "/c=d,e");
    g_assert_true(gvir_sandbox_config_mount_get_read_only(odd));
    g_assert_true(GVIR_SANDBOX_IS_CONFIG_MOUNT_GUEST_BIND(guest));
    g_assert_false(gvir_sandbox_config_mount_get_read_only(guest));
}

/* What is not absolute is meant where the caller is. */
static void
test_relative_paths(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autoptr(GVirSandboxConfig) config = config_new();
    g_autofree gchar *before = g_get_current_dir();
    g_autofree gchar *here = NULL;
    g_autofree gchar *data = NULL;
    g_autofree gchar *expected = NULL;

    test_directory_write(directory, "image.raw", "", 0);
    g_assert_cmpint(chdir(directory->path), ==, 0);
    here = getcwd(NULL, 0);
    accept(gvir_sandbox_config_add_mount_opts, config, "host-bind:out=out/../.");
    accept(gvir_sandbox_config_add_mount_opts, config, "host-image:../i=./image.raw");
    accept(gvir_sandbox_config_add_mount_opts, config, "ram:/t=1M");
    accept(add_include, config, "/t/x=x");
    accept(gvir_sandbox_config_add_disk_opts, config, "file:d=image.raw,format=raw");
    g_assert_cmpint(chdir(before), ==, 0);

    data = gvir_sandbox_config_save_to_data(config, NULL);
    expected = g_strdup_printf("target=%s/out\nsource=%s\n", here, here);
    g_assert_nonnull(strstr(data, expected));
    g_free(expected);
    expected = g_strdup_printf("/i\nsource=%s/image.raw\n", here);
    g_assert_nonnull(strstr(data, expected));
    g_free(expected);
    expected = g_strdup_printf("src=%s/x\n", here);
    g_assert_nonnull(strstr(data, expected));
    g_free(expected);
    expected = g_strdup_printf("tag=d\nsource=%s/image.raw\n", here);
    g_assert_nonnull(strstr(data, expected));
}

/* A "=" in a name is written "\=". */
static void
test_equals(void)
{
    g_autoptr(GVirSandboxConfig) config = config_new();
    g_autoptr(GVirSandboxConfigMount) bind = parse_mount(config, "host-bind:/a\\=b\\,c=/d\\=e=f", "/a=b,c");
    g_autoptr(GVirSandboxConfigMount) ram = parse_mount(config, "ram:/r\\=\\=/x=1M", "/r==/x");
    g_autoptr(GHashTable) includes = NULL;

    g_assert_cmpstr(gvir_sandbox_config_mount_file_get_source(GVIR_SANDBOX_CONFIG_MOUNT_FILE(bind)), ==, "/d\\=e=f");
    accept(add_include, config, "/r\\=\\=/x/k\\=v=/s=t");
    accept(add_include, config, "/r\\=\\=/x/u");
    includes = gvir_sandbox_config_mount_get_includes(ram);
    g_assert_cmpstr(g_hash_table_lookup(includes, "/k=v"), ==, "/s=t");
    g_assert_cmpstr(g_hash_table_lookup(includes, "/u"), ==, "/r==/x/u");
}

static void
test_mount_sizes(void)
{
    static const struct {
        const gchar *text;
        guint64 bytes;
    } sizes[] = {
        { "1", 1 },
        { "4096", 4096 },
        { "2K", 2048 },
        { "2k", 2048 },
        { "3M", 3 << 20 },
        { "1G", 1 << 30 },
        { "2KiB", 2048 },
        { "500MiB", 500 << 20 },
        { "1GiB", 1 << 30 },
        { "1T", G_GUINT64_CONSTANT(1) << 40 },
        { "18446744073709551615", G_MAXUINT64 },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(GVirSandboxConfig) config = config_new();
        g_autofree gchar *text = g_strdup_printf("ram:/x=%s", sizes[i].text);
        g_autoptr(GVirSandboxConfigMount) mount = parse_mount(config, text, "/x");

        g_assert_cmpuint(gvir_sandbox_config_mount_ram_get_usage(GVIR_SANDBOX_CONFIG_MOUNT_RAM(mount)), ==,
                         sizes[i].bytes);
    }
}

#define SIZE_EXPECTED " is not a size: expected bytes, or a number with K, M, G, T, KiB, MiB, GiB or TiB"
#define COMMA " (a comma in a value is written \"\\,\")"

static void
test_mount_mistakes(void)
{
    static const Mistake mistakes[] = {
        { "", "mount : expected TYPE:TARGET=SOURCE[,OPTION...]" },
        { "ram", "mount ram: expected TYPE:TARGET=SOURCE[,OPTION...]" },
        { "ram:/x", "mount ram:/x: expected TYPE:TARGET=SOURCE[,OPTION...]" },
        { "ram,:/x=1", "mount ram,:/x=1: expected TYPE:TARGET=SOURCE[,OPTION...]" },
        { "disk:/x=/y", "mount disk:/x=/y: \"disk\" is not one of host-bind, host-image, guest-bind, ram" },
        { ":/x=/y", "mount :/x=/y: \"\" is not one of host-bind, host-image, guest-bind, ram" },
        { "ram:/x=", "mount ram:/x=: \"\"" SIZE_EXPECTED },
        { "ram:/x=-1", "mount ram:/x=-1: \"-1\"" SIZE_EXPECTED },
        { "ram:/x=1.5G", "mount ram:/x=1.5G: \"1.5G\"" SIZE_EXPECTED },
        { "ram:/x=1 M", "mount ram:/x=1 M: \"1 M\"" SIZE_EXPECTED },
        { "ram:/x=1MB", "mount ram:/x=1MB: \"1MB\"" SIZE_EXPECTED },
        { "ram:/x=0", "mount ram:/x=0: usage: must be more than 0 bytes" },
        { "ram:/x=16777216T", "mount ram:/x=16777216T: \"16777216T\" is too large a size" },
        { "ram:/x=18446744073709551616",
          "mount ram:/x=18446744073709551616: \"18446744073709551616\" is too large a size" },
        { "ram:=1", "mount ram:=1: target: must not be empty" },
        { "ram:/a/../b=1", "mount ram:/a/../b=1: target: \"/a/../b\" must not have a \"..\" in it" },
        { "ram:/x=1,", "mount ram:/x=1,: unknown option \"\"" COMMA },
        { "ram:/x=1,fast", "mount ram:/x=1,fast: unknown option \"fast\"" COMMA },
        { "ram:/x=1,ro,rw", "mount ram:/x=1,ro,rw: ro or rw is there twice" },
        { "host-bind:/x=/y,format=raw", "mount host-bind:/x=/y,format=raw: unknown option \"format=raw\"" COMMA },
        { "guest-bind:/x=", "mount guest-bind:/x=: source: must not be empty" },
        { "host-image:/x=", "mount host-image:/x=: source: must not be empty" },
        { "host-image:/x=/i,format=raw,format=raw",
          "mount host-image:/x=/i,format=raw,format=raw: format is there twice" },
        { "ram:/x\033[31m=1\n", "mount ram:/x\\x1b[31m=1\\n: \"1\\n\"" SIZE_EXPECTED },
        { "ram:/\xff=", "mount ram:/\\xff=: \"\"" SIZE_EXPECTED },
    };
    g_autoptr(GVirSandboxConfig) config = config_new();
    GError *error = NULL;

    refuse_all(gvir_sandbox_config_add_mount_opts, mistakes, G_N_ELEMENTS(mistakes));
    accept(gvir_sandbox_config_add_mount_opts, config, "ram:/x=1");
    accept(gvir_sandbox_config_add_mount_opts, config, "host-bind:/x/=/y");
    g_assert_false(gvir_sandbox_config_add_mount_opts(config, "host-image:/i=/i,format=floppy", &error));
    g_assert_nonnull(strstr(error->message, "format: \"floppy\" is not one of "));
    assert_one_clear_error(error, GVIR_SANDBOX_ERROR_INVALID);
}

/* A long text is shown in part. */
static void
test_long_text(void)
{
    g_autoptr(GVirSandboxConfig) config = config_new();
    g_autofree gchar *long_text = g_strnfill(10 * 1024 * 1024, 'x');
    static const Add adds[] = {
        gvir_sandbox_config_add_mount_opts,   gvir_sandbox_config_add_disk_opts,
        gvir_sandbox_config_add_network_opts, gvir_sandbox_config_set_security_opts,
        gvir_sandbox_config_set_memory_opts,
    };

    for (gsize i = 0; i < G_N_ELEMENTS(adds); i++) {
        GError *error = NULL;

        g_assert_false(adds[i](config, long_text, &error));
        g_assert_cmpuint(strlen(error->message), <, 500);
        assert_one_clear_error(error, GVIR_SANDBOX_ERROR_INVALID);
    }
}

static void
check_format(const gchar *name, const gchar *content, gsize length, const gchar *option, gint expected)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autoptr(GVirSandboxConfig) config = config_new();
    g_autofree gchar *text = g_strdup_printf("file:t=%s/%s%s", directory->path, name, option);
    g_autofree gchar *mount_text = g_strdup_printf("host-image:/i=%s/%s%s", directory->path, name, option);
    g_autoptr(GVirSandboxConfigMount) mount = NULL;
    GError *error = NULL;
    GList *disks;

    if (content)
        test_directory_write(directory, name, content, (gssize)length);
    if (expected < 0) {
        g_assert_false(gvir_sandbox_config_add_disk_opts(config, text, &error));
        g_assert_nonnull(strstr(error->message, name));
        assert_one_clear_error(error, GVIR_SANDBOX_ERROR_INVALID);
        return;
    }
    accept(gvir_sandbox_config_add_disk_opts, config, text);
    disks = gvir_sandbox_config_get_disks(config);
    g_assert_cmpint(gvir_sandbox_config_disk_get_format(disks->data), ==, expected);
    g_list_free_full(disks, g_object_unref);
    mount = parse_mount(config, mount_text, "/i");
    g_assert_cmpint(gvir_sandbox_config_mount_host_image_get_format(GVIR_SANDBOX_CONFIG_MOUNT_HOST_IMAGE(mount)), ==,
                    expected);
}

/* A format is what the content says, then the name; where they differ it must be said which is meant. */
static void
test_disk_formats(void)
{
    static const gchar qcow2[512] = "QFI\xfb\0\0\0\3";
    static const gchar vmdk[512] = "KDMV\1\0\0\0\3\0\0\0\1";
    static const gchar vhdx[512] = "vhdxfile";
    static const gchar vdi[512] = { [64] = '\x7f', '\x10', (gchar)0xda, (gchar)0xbe };

    check_format("right.vdi", vdi, sizeof vdi, "", GVIR_SANDBOX_IMAGE_FORMAT_VDI);
    check_format("hidden.img", vdi, sizeof vdi, "", -1);
    check_format("hidden.img", vdi, sizeof vdi, ",format=vdi", GVIR_SANDBOX_IMAGE_FORMAT_VDI);
    check_format("none.img", NULL, 0, "", GVIR_CONFIG_DOMAIN_DISK_FORMAT_RAW);
    check_format("none.qcow2", NULL, 0, "", GVIR_CONFIG_DOMAIN_DISK_FORMAT_QCOW2);
    check_format("none.vmdk", NULL, 0, "", GVIR_CONFIG_DOMAIN_DISK_FORMAT_VMDK);
    check_format("empty.qcow2", "", 0, "", GVIR_CONFIG_DOMAIN_DISK_FORMAT_QCOW2);
    check_format("right.qcow2", qcow2, sizeof qcow2, "", GVIR_CONFIG_DOMAIN_DISK_FORMAT_QCOW2);
    check_format("right.vmdk", vmdk, sizeof vmdk, "", GVIR_CONFIG_DOMAIN_DISK_FORMAT_VMDK);
    check_format("hidden.img", qcow2, sizeof qcow2, "", -1);
    check_format("hidden.img", qcow2, sizeof qcow2, ",format=qcow2", GVIR_CONFIG_DOMAIN_DISK_FORMAT_QCOW2);
    check_format("hidden.img", qcow2, sizeof qcow2, ",format=raw", GVIR_CONFIG_DOMAIN_DISK_FORMAT_RAW);
    check_format("wrong.qcow2", vmdk, sizeof vmdk, "", -1);
    check_format("text.qcow2", "hello", 5, "", -1);
    check_format("other.img", vhdx, sizeof vhdx, "", -1);
}

static void
test_disks(void)
{
    static const Mistake mistakes[] = {
        { "", "disk : expected TYPE:TAG=SOURCE[,format=FORMAT]" },
        { "file:t", "disk file:t: expected TYPE:TAG=SOURCE[,format=FORMAT]" },
        { "dir:t=/x", "disk dir:t=/x: \"dir\" is neither file nor block" },
        { "file:=/x", "disk file:=/x: tag: must not be empty" },
        { "file:a/b=/x", "disk file:a/b=/x: tag: \"a/b\" must not have a slash in it" },
        { "file:..=/x", "disk file:..=/x: tag: \"..\" is not a valid name" },
        { "file:t=", "disk file:t=: source: must not be empty" },
        { "file:t=/x,raw", "disk file:t=/x,raw: unknown option \"raw\"" COMMA },
        { "file:t=/x,ro", "disk file:t=/x,ro: unknown option \"ro\"" COMMA },
        { "file:t=/x,format=raw,ro", "disk file:t=/x,format=raw,ro: unknown option \"ro\"" COMMA },
    };
    g_autoptr(GVirSandboxConfig) config = config_new();
    GList *disks;

    refuse_all(gvir_sandbox_config_add_disk_opts, mistakes, G_N_ELEMENTS(mistakes));
    accept(gvir_sandbox_config_add_disk_opts, config, "block:b=/nowhere/b\\,c,format=raw");
    refuse(gvir_sandbox_config_add_disk_opts, config, "file:b=/x,format=raw",
           "disk file:b=/x,format=raw: tag: there is a disk b already");
    disks = gvir_sandbox_config_get_disks(config);
    g_assert_cmpint(gvir_sandbox_config_disk_get_disk_type(disks->data), ==, GVIR_CONFIG_DOMAIN_DISK_BLOCK);
    g_assert_cmpstr(gvir_sandbox_config_disk_get_source(disks->data), ==, "/nowhere/b,c");
    g_assert_null(disks->next);
    g_list_free_full(disks, g_object_unref);
}

static void
test_environment(void)
{
    static const Mistake mistakes[] = {
        { "", "env : \"\" is not a valid variable name" },
        { "=", "env =: \"\" is not a valid variable name" },
        { "=x\n", "env =x\\n: \"\" is not a valid variable name" },
    };
    const gchar *texts[] = { "A=b=c,d\n", "EMPTY=", "GVIR_TEST_GIVEN", "GVIR_TEST_NOT_GIVEN", NULL };
    g_autoptr(GVirSandboxConfig) config = config_new();
    g_autoptr(GHashTable) envs = NULL;
    GError *error = NULL;

    refuse_all(gvir_sandbox_config_add_env_opts, mistakes, G_N_ELEMENTS(mistakes));
    g_setenv("GVIR_TEST_GIVEN", "from us", TRUE);
    g_unsetenv("GVIR_TEST_NOT_GIVEN");
    g_assert_true(gvir_sandbox_config_add_env_strv(config, (gchar **)texts, &error));
    g_assert_no_error(error);
    envs = gvir_sandbox_config_get_envs(config);
    g_assert_cmpuint(g_hash_table_size(envs), ==, 3);
    g_assert_cmpstr(g_hash_table_lookup(envs, "A"), ==, "b=c,d\n");
    g_assert_cmpstr(g_hash_table_lookup(envs, "EMPTY"), ==, "");
    g_assert_cmpstr(g_hash_table_lookup(envs, "GVIR_TEST_GIVEN"), ==, "from us");
}

static void
assert_includes(GVirSandboxConfig *config, const gchar *target, guint count, const gchar *inside, const gchar *host)
{
    g_autoptr(GVirSandboxConfigMount) mount = gvir_sandbox_config_find_mount(config, target);
    g_autoptr(GHashTable) includes = gvir_sandbox_config_mount_get_includes(mount);

    g_assert_cmpuint(g_hash_table_size(includes), ==, count);
    g_assert_cmpstr(g_hash_table_lookup(includes, inside), ==, host);
}

static void
test_includes(void)
{
    static const Mistake mistakes[] = {
        { "", "include : path in the sandbox: must not be empty" },
        { "=", "include =: path in the sandbox: must not be empty" },
        { "/tmp/x=", "include /tmp/x=: path on the host: must not be empty" },
        { "/tmp/../x=/x", "include /tmp/../x=/x: path in the sandbox: \"/tmp/../x\" must not have a \"..\" in it" },
        { "/tmp/x=/y",
          "include /tmp/x=/y: no mount covers /tmp/x: give one first, as ram or as host-bind without a source" },
    };
    g_autoptr(GVirSandboxConfig) config = config_new();
    g_autofree gchar *here = g_get_current_dir();
    g_autofree gchar *relative = g_build_filename(here, "rel", NULL);

    refuse_all(add_include, mistakes, G_N_ELEMENTS(mistakes));
    accept(gvir_sandbox_config_add_mount_opts, config, "ram:/tmp=1M");
    accept(gvir_sandbox_config_add_mount_opts, config, "host-bind:/tmp/deeper=");
    accept(gvir_sandbox_config_add_mount_opts, config, "host-bind:/data=/srv");
    accept(add_include, config, "/tmp/a=/etc/../etc/passwd");
    accept(add_include, config, "/tmp/b");
    accept(add_include, config, "/tmp/c=rel");
    accept(add_include, config, "/tmp/deeper/d=/x=y");
    accept(add_include, config, "//tmp/./deeperer=/z");
    accept(add_include, config, "/tmp=/whole");
    assert_includes(config, "/tmp", 5, "/a", "/etc/passwd");
    assert_includes(config, "/tmp", 5, "/b", "/tmp/b");
    assert_includes(config, "/tmp", 5, "/c", relative);
    assert_includes(config, "/tmp", 5, "/deeperer", "/z");
    assert_includes(config, "/tmp", 5, "/", "/whole");
    assert_includes(config, "/tmp/deeper", 1, "/d", "/x=y");
    refuse(add_include, config, "/data/x=/y",
           "include /data/x=/y: the mount on /data is not temporary: only ram and host-bind without a source are");
    refuse(add_include, config, "/tmpx=/y",
           "include /tmpx=/y: no mount covers /tmpx: give one first, as ram or as host-bind without a source");
}

/* As docker and podman read it. */
static void
test_env_file(void)
{
    static const gchar text[] = "# a comment\n\n  A=1 2 \nB=\"quoted\"\r\nC=\n\tD=x=#y\nGIVEN\nNOT_GIVEN\nA=last";
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autoptr(GVirSandboxConfig) config = config_new();
    g_autofree gchar *good = g_build_filename(directory->path, "good", NULL);
    g_autofree gchar *wrong = g_build_filename(directory->path, "wrong", NULL);
    g_autofree gchar *missing = g_build_filename(directory->path, "missing", NULL);
    g_autofree gchar *message = g_strdup_printf("env-file %s: env =x: \"\" is not a valid variable name", wrong);
    g_autoptr(GHashTable) envs = NULL;
    GError *error = NULL;

    g_setenv("GIVEN", "ours", TRUE);
    g_unsetenv("NOT_GIVEN");
    test_directory_write(directory, "good", text, -1);
    test_directory_write(directory, "wrong", "A=1\n=x\n", -1);
    accept(gvir_sandbox_config_add_env_file, config, good);
    envs = gvir_sandbox_config_get_envs(config);
    g_assert_cmpuint(g_hash_table_size(envs), ==, 5);
    g_assert_cmpstr(g_hash_table_lookup(envs, "A"), ==, "last");
    g_assert_cmpstr(g_hash_table_lookup(envs, "B"), ==, "\"quoted\"");
    g_assert_cmpstr(g_hash_table_lookup(envs, "C"), ==, "");
    g_assert_cmpstr(g_hash_table_lookup(envs, "D"), ==, "x=#y");
    g_assert_cmpstr(g_hash_table_lookup(envs, "GIVEN"), ==, "ours");
    refuse(gvir_sandbox_config_add_env_file, config, wrong, message);
    g_assert_false(gvir_sandbox_config_add_env_file(config, missing, &error));
    assert_one_clear_error(error, GVIR_SANDBOX_ERROR_NOT_FOUND);
}

static void
test_include_file(void)
{
    g_autoptr(TestDirectory) directory = test_directory_new();
    g_autoptr(GVirSandboxConfig) config = config_new();
    g_autofree gchar *good = g_build_filename(directory->path, "good", NULL);
    g_autofree gchar *wrong = g_build_filename(directory->path, "wrong\n", NULL);
    g_autofree gchar *binary = g_build_filename(directory->path, "binary", NULL);
    g_autofree gchar *missing = g_build_filename(directory->path, "missing", NULL);
    g_autofree gchar *message = g_strdup_printf(
        "includefile %s/wrong\\n: include =/y: path in the sandbox: must not be empty", directory->path);
    g_autofree gchar *binary_message = g_strdup_printf("%s: it is not a text", binary);
    GError *error = NULL;

    test_directory_write(directory, "good", "/tmp/a=/etc/passwd\n\n/tmp/b b=/etc/group", -1);
    test_directory_write(directory, "wrong\n", "/tmp/c=/x\n=/y\n", -1);
    test_directory_write(directory, "binary", "/tmp/d=/x\0y", 11);
    accept(gvir_sandbox_config_add_mount_opts, config, "ram:/tmp=1M");
    accept(gvir_sandbox_config_add_host_include_file, config, good);
    assert_includes(config, "/tmp", 2, "/b b", "/etc/group");
    refuse(gvir_sandbox_config_add_host_include_file, config, wrong, message);
    refuse(gvir_sandbox_config_add_host_include_file, config, binary, binary_message);
    g_assert_false(gvir_sandbox_config_add_host_include_file(config, missing, &error));
    assert_one_clear_error(error, GVIR_SANDBOX_ERROR_NOT_FOUND);
}

/* One that was asked for is refused where it cannot be had, also later and by others. */
static void
check_asked_is_saved(GVirSandboxConfig *config)
{
    g_autofree gchar *text = NULL;
    g_autoptr(GVirSandboxConfig) loaded = NULL;
    gchar *command[] = { (gchar *)"/bin/true", NULL };

    gvir_sandbox_config_interactive_set_command(GVIR_SANDBOX_CONFIG_INTERACTIVE(config), command);
    text = saved_text_round_trip(config);
    loaded = saved_text_load(text);
    g_assert_true(gvir_sandbox_config_get_security_required(loaded));
}

static void
test_security(void)
{
#define SECURITY_EXPECTED ": it must be dynamic[,label=LABEL], static,label=LABEL, inherit or seccomp=off"
    static const Mistake mistakes[] = {
        { "", "security " SECURITY_EXPECTED },
        { "none", "security none" SECURITY_EXPECTED },
        { "static", "security static: static needs a label=LABEL" },
        { "static,label=", "security static,label=: label is empty" },
        { "static,label=a,label=b", "security static,label=a,label=b: label is there twice" },
        { "dynamic,x", "security dynamic,x: unknown option \"x\"" COMMA },
        { "inherit,label=x", "security inherit,label=x: unknown option \"label=x\"" COMMA },
        { "label=x", "security label=x" SECURITY_EXPECTED },
        { "seccomp=off,label=x", "security seccomp=off,label=x" SECURITY_EXPECTED },
        { "seccomp=", "security seccomp=: seccomp is neither on nor off" },
        { "dynamic,seccomp=no", "security dynamic,seccomp=no: seccomp is neither on nor off" },
        { "seccomp=on,dynamic,seccomp=on", "security seccomp=on,dynamic,seccomp=on: seccomp is there twice" },
        { "seccomp=off,dynamic,x", "security seccomp=off,dynamic,x: unknown option \"x\"" COMMA },
    };
    g_autoptr(GVirSandboxConfig) config = config_new();

    refuse_all(gvir_sandbox_config_set_security_opts, mistakes, G_N_ELEMENTS(mistakes));
    accept(gvir_sandbox_config_set_security_opts, config, "static,label=system_u:system_r:svirt_t:s0:c1\\,c2");
    g_assert_false(gvir_sandbox_config_get_security_dynamic(config));
    g_assert_cmpstr(gvir_sandbox_config_get_security_label(config), ==, "system_u:system_r:svirt_t:s0:c1,c2");
    accept(gvir_sandbox_config_set_security_opts, config, "dynamic,label=x");
    g_assert_true(gvir_sandbox_config_get_security_dynamic(config));
    g_assert_cmpstr(gvir_sandbox_config_get_security_label(config), ==, "x");
    accept(gvir_sandbox_config_set_security_opts, config, "dynamic");
    g_assert_null(gvir_sandbox_config_get_security_label(config));
    check_asked_is_saved(config);

    g_assert_true(gvir_sandbox_config_get_seccomp(config));
    accept(gvir_sandbox_config_set_security_opts, config, "static,seccomp=off,label=x");
    g_assert_false(gvir_sandbox_config_get_seccomp(config));
    g_assert_cmpstr(gvir_sandbox_config_get_security_label(config), ==, "x");
    /* Alone it changes no label. */
    accept(gvir_sandbox_config_set_security_opts, config, "seccomp=on");
    g_assert_true(gvir_sandbox_config_get_seccomp(config));
    g_assert_false(gvir_sandbox_config_get_security_dynamic(config));
    g_assert_cmpstr(gvir_sandbox_config_get_security_label(config), ==, "x");
}

/* With labels on the host it is the caller's, without them it cannot be done. */
static void
test_security_inherit(void)
{
    g_autoptr(GVirSandboxConfig) config = config_new();
    g_autofree gchar *label = NULL;
    GError *error = NULL;

    if (g_file_get_contents("/proc/self/attr/current", &label, NULL, NULL) && *g_strstrip(label)) {
        gvir_sandbox_security_text_trim(label);
        accept(gvir_sandbox_config_set_security_opts, config, "inherit");
        g_assert_cmpstr(gvir_sandbox_config_get_security_label(config), ==, label);
        g_assert_false(gvir_sandbox_config_get_security_dynamic(config));
        return;
    }
    g_assert_false(gvir_sandbox_config_set_security_opts(config, "inherit", &error));
    assert_one_clear_error(error, GVIR_SANDBOX_ERROR_UNSUPPORTED);
    g_assert_true(gvir_sandbox_config_get_security_dynamic(config));
}

static void
test_memory(void)
{
    static const Mistake mistakes[] = {
        { "", "memory : \"\"" SIZE_EXPECTED },
        { "lots", "memory lots: \"lots\"" SIZE_EXPECTED },
        { "0", "memory 0: must be more than 0 bytes" },
        { "1023K", "memory 1023K: memory: 1047552 bytes: must be 1 MiB at least and 1 EiB at most" },
        { "2097152T", "memory 2097152T: memory: 2305843009213693952 bytes: must be 1 MiB at least and 1 EiB at most" },
        { "99999999999999999999", "memory 99999999999999999999: \"99999999999999999999\" is too large a size" },
        { "1M\n", "memory 1M\\n: \"1M\\n\"" SIZE_EXPECTED },
    };
    g_autoptr(GVirSandboxConfig) config = config_new();

    refuse_all(gvir_sandbox_config_set_memory_opts, mistakes, G_N_ELEMENTS(mistakes));
    accept(gvir_sandbox_config_set_memory_opts, config, "256MiB");
    g_assert_cmpuint(gvir_sandbox_config_get_memory(config), ==, 256 << 20);
    accept(gvir_sandbox_config_set_memory_opts, config, "1048576");
    g_assert_cmpuint(gvir_sandbox_config_get_memory(config), ==, 1 << 20);
}

/* What many a locale cannot show is not in it. */
static void
test_size_shown(void)
{
    g_autofree gchar *large = gvir_sandbox_size_show(G_GUINT64_CONSTANT(12) << 30);
    g_autofree gchar *small = gvir_sandbox_size_show(512);

    g_assert_cmpstr(large, ==, "12.0 GiB");
    g_assert_cmpstr(small, ==, "512 bytes");
}

/* The first that is wrong is named. */
static void
test_several(void)
{
    const gchar *texts[] = { "ram:/a=1", "ram:/b", "ram:/c", NULL };
    const gchar *none[] = { NULL };
    g_autoptr(GVirSandboxConfig) config = config_new();
    GError *error = NULL;

    g_assert_false(gvir_sandbox_config_add_mount_strv(config, (gchar **)texts, &error));
    assert_invalid(g_steal_pointer(&error), "mount ram:/b: expected TYPE:TARGET=SOURCE[,OPTION...]");
    g_assert_true(gvir_sandbox_config_add_mount_strv(config, (gchar **)none, &error));
    g_assert_true(gvir_sandbox_config_add_mount_strv(config, NULL, &error));
    g_assert_false(gvir_sandbox_config_add_mount_strv(config, (gchar **)texts, NULL));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/option-text/mount-binds", test_mount_binds);
    g_test_add_func("/option-text/env-file", test_env_file);
    g_test_add_func("/option-text/relative-paths", test_relative_paths);
    g_test_add_func("/option-text/equals", test_equals);
    g_test_add_func("/option-text/mount-sizes", test_mount_sizes);
    g_test_add_func("/option-text/mount-mistakes", test_mount_mistakes);
    g_test_add_func("/option-text/long-text", test_long_text);
    g_test_add_func("/option-text/disk-formats", test_disk_formats);
    g_test_add_func("/option-text/disks", test_disks);
    g_test_add_func("/option-text/environment", test_environment);
    g_test_add_func("/option-text/includes", test_includes);
    g_test_add_func("/option-text/include-file", test_include_file);
    g_test_add_func("/option-text/security", test_security);
    g_test_add_func("/option-text/security-inherit", test_security_inherit);
    g_test_add_func("/option-text/memory", test_memory);
    g_test_add_func("/option-text/size-shown", test_size_shown);
    g_test_add_func("/option-text/several", test_several);
    return g_test_run();
}
