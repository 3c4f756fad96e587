/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/libvirt-sandbox.h"

#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/util/helper-private.h"
#include "libvirt-sandbox/builder/security/security-label-private.h"
#include "libvirt-sandbox/builder/storage/scratch-private.h"
#include "libvirt-sandbox/libvirt/virtualization-private.h"

#include "tests/unit/kernel-samples.h"
#include "tests/unit/test-directory.h"

#include <glib/gstdio.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/*
 * From saved descriptions to domains: domain-xml/saved/NAME.sandbox and, for each kind of domain,
 * domain-xml/KIND/NAME.xml.
 * With REGENERATE=1 in the environment what is made is written to these files; look at the difference then.
 *
 * The builders have a connection to libvirt's test driver, and a host that is made up: its kernel, its firmware and
 * our helper programs are in a directory of the test's, which the files call @HOST@.
 */

#define RELEASE "6.1.0-sample"
#define HELPER "#!/bin/sh\n"
/* Makes no trees of the host's directories: a machine is given these as they are. */
#define EXPORT_HELPER                                                                                                  \
    "#!/bin/bash\nwhile IFS= read -r -d '' word && [ \"$word\" != end ]; do :; done\necho 'refused by the test' >&0\n"

typedef enum { KIND_QEMU, KIND_KVM, KIND_LXC, N_KINDS } Kind;

static const gchar *const kind_names[N_KINDS] = { "qemu", "kvm", "lxc" };

#define ALL ((1 << KIND_QEMU) | (1 << KIND_KVM) | (1 << KIND_LXC))
#define MACHINES ((1 << KIND_QEMU) | (1 << KIND_KVM))
#define CONTAINERS (1 << KIND_LXC)

static const struct {
    const gchar *name;
    guint kinds;
    const gchar *model; /* of the host's security labels; NULL: it has none */
} descriptions[] = {
    { "plain", ALL, NULL },
    { "overlay", ALL, NULL },
    { "overlay-directory", ALL, NULL },
    { "mounts", ALL, NULL },
    { "mount-temporary", ALL, NULL },
    { "mount-root", ALL, NULL },
    /* A container has images on loop devices, which belong to the host that there is. */
    { "images", MACHINES, NULL },
    { "disks", MACHINES, NULL },
    { "disks-crowded", MACHINES, NULL },
    { "network-user", MACHINES, NULL },
    { "network-libvirt", ALL, NULL },
    { "label-default-selinux", ALL, GVIR_SANDBOX_LABELS_SELINUX },
    { "label-default-apparmor", ALL, GVIR_SANDBOX_LABELS_APPARMOR },
    { "label-dynamic", ALL, GVIR_SANDBOX_LABELS_SELINUX },
    { "label-static", ALL, GVIR_SANDBOX_LABELS_SELINUX },
    { "label-unconfined", ALL, GVIR_SANDBOX_LABELS_APPARMOR },
    { "resources", ALL, NULL },
    { "tty", ALL, NULL },
    { "shell", ALL, NULL },
    { "kernel", MACHINES, NULL },
    { "debug", MACHINES, NULL },
    { "service", ALL, NULL },
    { "hidden", ALL, NULL },
    { "home", ALL, NULL },
    { "markup", ALL, NULL },
};

/* --- the host -------------------------------------------------------------------------------- */

/* Of one process, for all tests. */
static struct {
    TestDirectory *directory;
    gchar *helpers;
    gchar *data;
    gchar *cache;
    gchar *firmware;
    GVirSandboxHelperPlaces places;
} host;

static gchar *
host_path(const gchar *name)
{
    return g_build_filename(host.directory->path, name, NULL);
}

static void
write_helper(const gchar *name, const gchar *text)
{
    g_autofree gchar *file = g_build_filename("libexec", name, NULL);
    g_autofree gchar *path = host_path(file);

    test_directory_write(host.directory, file, text, strlen(text));
    g_assert_cmpint(g_chmod(path, 0755), ==, 0);
}

/* A kernel that has all modules built in. */
static void
write_modules(const gchar *release)
{
    static const gchar builtin[] = "kernel/virtio_pci.ko\nkernel/virtio_console.ko\nkernel/virtio_blk.ko\n"
                                   "kernel/virtio_net.ko\nkernel/9p.ko\nkernel/9pnet_virtio.ko\nkernel/overlay.ko\n";
    g_autofree gchar *directory = g_build_filename("lib/modules", release, NULL);
    g_autofree gchar *builtin_file = g_build_filename(directory, "modules.builtin", NULL);
    g_autofree gchar *info_file = g_build_filename(directory, "modules.builtin.modinfo", NULL);
    g_autofree gchar *order_file = g_build_filename(directory, "modules.order", NULL);
    g_autofree gchar *found = g_find_program_in_path("depmod");
    const gchar *arguments[] = { found ? found : "/sbin/depmod", "-b", host.directory->path, release, NULL };
    g_autoptr(GError) error = NULL;

    test_directory_write(host.directory, builtin_file, builtin, sizeof(builtin) - 1);
    test_directory_write(host.directory, info_file, "", 0);
    test_directory_write(host.directory, order_file, "", 0);
    g_spawn_sync(NULL, (gchar **)arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, NULL, &error);
    g_assert_no_error(error);
}

static void
write_kernel(const gchar *name, const gchar *release)
{
    g_autoptr(GByteArray) kernel = kernel_sample_new(release);
    g_autofree gchar *path = host_path(name);

    kernel_sample_write(path, kernel);
    write_modules(release);
}

static void
make_host(void)
{
    host.directory = test_directory_new();
    host.helpers = host_path("libexec");
    host.data = host_path("data");
    host.cache = host_path("cache");
    host.firmware = host_path("qboot.rom");
    host.places = (GVirSandboxHelperPlaces){ host.helpers, host.data, host.cache, host.firmware };
    gvir_sandbox_helper_set_places(&host.places);
    write_helper("libvirt-sandbox-init", HELPER);
    write_helper("libvirt-sandbox-export", EXPORT_HELPER);
    write_kernel("vmlinuz", RELEASE);
    write_kernel("other-kernel", "6.6.6-other");
    test_directory_write(host.directory, "qboot.rom", "rom", 3);
    test_directory_write(host.directory, "data/secrets", "", 0);
    test_directory_write(host.directory, "data/toolchains", "", 0);
    test_directory_write(host.directory, "root/etc/hostname", "sample\n", 7);
    test_directory_write(host.directory, "root/home/user/.profile", "", 0);
    test_directory_write(host.directory, "srv/data/file", "data\n", 5);
    test_directory_write(host.directory, "srv/a<b&'c'/file", "data\n", 5);
    test_directory_write(host.directory, "overlays/.keep", "", 0);
    test_directory_write(host.directory, "disk.img", "", 0);
}

static void
remove_host(void)
{
    gvir_sandbox_helper_set_places(NULL);
    test_directory_free(host.directory);
    g_free(host.helpers);
    g_free(host.data);
    g_free(host.cache);
    g_free(host.firmware);
}

/* --- from a description to a domain ---------------------------------------------------------- */

static gchar *
data_path(const gchar *name)
{
    return g_test_build_filename(G_TEST_DIST, "builder", "domain-xml", name, NULL);
}

static gchar *
replace(const gchar *text, const gchar *from, const gchar *to)
{
    g_autoptr(GString) result = g_string_new(text);

    g_string_replace(result, from, to, 0);
    return g_string_free(g_steal_pointer(&result), FALSE);
}

static GVirSandboxConfig *
load_description(const gchar *name)
{
    g_autofree gchar *file = g_strdup_printf("saved/%s.sandbox", name);
    g_autofree gchar *path = data_path(file);
    g_autofree gchar *text = NULL;
    g_autofree gchar *here = NULL;
    g_autoptr(GError) error = NULL;
    GVirSandboxConfig *config;

    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    here = replace(text, "@HOST@", host.directory->path);
    config = gvir_sandbox_config_load_from_data(here, &error);
    g_assert_no_error(error);
    return config;
}

/* What the description of a test does not say: the host's kernel is not to be looked for. */
static void
choose_kernel(GVirSandboxConfig *config)
{
    g_autofree gchar *kernel = host_path("vmlinuz");
    g_autofree gchar *modules = host_path("lib/modules");

    gvir_sandbox_config_set_arch(config, "x86_64");
    gvir_sandbox_config_set_kmodpath(config, modules);
    if (!gvir_sandbox_config_get_kernpath(config))
        gvir_sandbox_config_set_kernpath(config, kernel);
}

static GVirSandboxBuilder *
make_builder(GVirConnection *connection, GVirSandboxConfig *config, Kind kind)
{
    if (kind == KIND_LXC)
        return GVIR_SANDBOX_BUILDER(gvir_sandbox_builder_container_new(connection));
    choose_kernel(config);
    gvir_sandbox_config_set_virt_type(config, kind == KIND_KVM ? GVIR_SANDBOX_CONFIG_VIRT_TYPE_KVM
                                                               : GVIR_SANDBOX_CONFIG_VIRT_TYPE_QEMU);
    return GVIR_SANDBOX_BUILDER(gvir_sandbox_builder_machine_new(connection));
}

/* One element a line. */
static gchar *
write_pretty(GVirConfigDomain *domain)
{
    g_autofree gchar *xml = gvir_config_object_to_xml(GVIR_CONFIG_OBJECT(domain));
    xmlDocPtr document = xmlReadMemory(xml, (int)strlen(xml), NULL, NULL, XML_PARSE_NOBLANKS);
    xmlChar *text = NULL;
    gchar *copy;
    int length;

    g_assert_nonnull(document);
    xmlDocDumpFormatMemoryEnc(document, &text, &length, "UTF-8", 1);
    copy = g_strdup((const gchar *)text);
    xmlFree(text);
    xmlFreeDoc(document);
    return copy;
}

/* The directory on disk of what the sandbox has besides @statedir, if it has one. */
static gchar *
find_scratch(const gchar *statedir, const gchar *link_name)
{
    g_autofree gchar *link_path = g_build_filename(statedir, link_name, NULL);

    return g_file_read_link(link_path, NULL);
}

/* Names that are other ones each time. */
static gchar *
replace_names(const gchar *text)
{
    static const struct {
        const gchar *pattern, *name;
    } names[] = {
        { "dev=\"sb[0-9a-f]{8}\"", "dev=\"@INTERFACE@\"" },
        { "/cache/[0-9a-f]{32}/", "/cache/@KEY@/" },
    };
    gchar *result = g_strdup(text);

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GRegex) regex = g_regex_new(names[i].pattern, 0, 0, NULL);
        g_autofree gchar *old = result;

        result = g_regex_replace_literal(regex, old, -1, 0, names[i].name, 0, NULL);
    }
    return result;
}

/* A container may have as much memory as its host has. */
static gchar *
host_memory(void)
{
    guint64 bytes = (guint64)sysconf(_SC_PHYS_PAGES) * (guint64)sysconf(_SC_PAGESIZE);

    return g_strdup_printf(">%" G_GUINT64_FORMAT "</memory>", bytes / 1024);
}

/* Nothing of this host, nor of this run. */
static gchar *
make_neutral(const gchar *xml, const gchar *statedir)
{
    g_autofree gchar *memory = host_memory();
    const struct {
        gchar *path;
        const gchar *name;
    } places[] = {
        { find_scratch(statedir, "scratch"), "@SCRATCH@" },
        { find_scratch(statedir, "overlay"), "@OVERLAY@" },
        { g_strdup(statedir), "@STATE@" },
        { g_strdup(host.directory->path), "@HOST@" },
        { g_steal_pointer(&memory), ">@HOST-MEMORY@</memory>" },
    };
    g_autofree gchar *text = g_strdup(xml);

    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        gchar *next = places[i].path ? replace(text, places[i].path, places[i].name) : g_strdup(text);

        g_free(text);
        text = next;
        g_free(places[i].path);
    }
    return replace_names(text);
}

static gchar *
build(const gchar *name, Kind kind, const gchar *model)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVirConnection) connection = gvir_sandbox_connection_open("test:///default", &error);
    g_autoptr(GVirSandboxConfig) config = load_description(name);
    g_autoptr(GVirSandboxBuilder) builder = NULL;
    g_autoptr(TestDirectory) state = test_directory_new();
    g_autoptr(GVirConfigDomain) domain = NULL;
    g_autofree gchar *xml = NULL;
    g_autofree gchar *neutral = NULL;

    g_assert_no_error(error);
    gvir_sandbox_virtualization_set_obstacle(connection, NULL);
    if (model)
        gvir_sandbox_security_label_set_model(connection, model);
    builder = make_builder(connection, config, kind);
    g_object_set(builder, "lasting", GVIR_SANDBOX_IS_CONFIG_SERVICE(config), NULL);
    domain = gvir_sandbox_builder_construct(builder, config, state->path, &error);
    g_assert_no_error(error);
    xml = write_pretty(domain);
    neutral = make_neutral(xml, state->path);
    gvir_sandbox_builder_clean_post_stop(builder, config, state->path, &error);
    g_assert_no_error(error);
    return g_steal_pointer(&neutral);
}

/* --- the tests ------------------------------------------------------------------------------- */

static gboolean
regenerates(void)
{
    return g_strcmp0(g_getenv("REGENERATE"), "1") == 0;
}

static void
compare(const gchar *name, Kind kind, const gchar *xml)
{
    g_autofree gchar *file = g_strdup_printf("%s/%s.xml", kind_names[kind], name);
    g_autofree gchar *path = data_path(file);
    g_autofree gchar *expected = NULL;
    g_autoptr(GError) error = NULL;

    if (regenerates()) {
        g_file_set_contents(path, xml, -1, &error);
        g_assert_no_error(error);
    }
    g_file_get_contents(path, &expected, NULL, &error);
    g_assert_no_error(error);
    if (g_str_equal(xml, expected))
        return;
    g_test_message("%s is not what is made now; if this is right, run the test with REGENERATE=1:\n%s", file, xml);
    g_test_fail();
}

/* Where temporary directories are: only if it does, QEMU notes there who owns a file in the guest. */
static gboolean
takes_attributes(void)
{
    g_autoptr(TestDirectory) state = test_directory_new();
    g_autofree gchar *scratch = gvir_sandbox_scratch_make(state->path, "scratch", NULL, 0, NULL, NULL);
    gboolean takes = scratch && setxattr(scratch, "user.test", "", 0, 0) == 0;

    if (scratch)
        rmdir(scratch);
    return takes;
}

static void
test_description(gconstpointer data)
{
    gsize i = GPOINTER_TO_SIZE(data);

    if (g_str_equal(descriptions[i].name, "mount-temporary") && !takes_attributes()) {
        g_test_skip("no extended attributes where temporary directories are");
        return;
    }
    for (Kind kind = 0; kind < N_KINDS; kind++) {
        g_autofree gchar *xml = NULL;

        if ((descriptions[i].kinds & (1u << kind)) == 0)
            continue;
        xml = build(descriptions[i].name, kind, descriptions[i].model);
        compare(descriptions[i].name, kind, xml);
    }
}

static gsize
count_files(const gchar *folder)
{
    g_autofree gchar *path = data_path(folder);
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    gsize files = 0;

    g_assert_nonnull(directory);
    while (g_dir_read_name(directory))
        files++;
    return files;
}

/* A file that no test reads would be looked at for nothing. */
static void
test_no_others(void)
{
    g_assert_cmpuint(count_files("saved"), ==, G_N_ELEMENTS(descriptions));
    for (Kind kind = 0; kind < N_KINDS; kind++) {
        gsize expected = 0;

        for (gsize i = 0; i < G_N_ELEMENTS(descriptions); i++)
            expected += (descriptions[i].kinds & (1u << kind)) != 0;
        g_assert_cmpuint(count_files(kind_names[kind]), ==, expected);
    }
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    int status;

    g_test_init(&argc, &argv, NULL);
    gvir_sandbox_init(&argc, &argv);
    /* Which of the builders a test has it says itself. */
    gvir_sandbox_builder_register("test", GVIR_SANDBOX_TYPE_BUILDER_MACHINE, &error);
    g_assert_no_error(error);
    make_host();
    for (gsize i = 0; i < G_N_ELEMENTS(descriptions); i++) {
        g_autofree gchar *path = g_strconcat("/domain-xml/", descriptions[i].name, NULL);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_description);
    }
    g_test_add_func("/domain-xml/no-others", test_no_others);
    status = g_test_run();
    remove_host();
    return status;
}
