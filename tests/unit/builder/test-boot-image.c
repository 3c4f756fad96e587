/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/boot-cache-private.h"
#include "libvirt-sandbox/builder/boot/boot-cache-prune-private.h"
#include "libvirt-sandbox/builder/boot/boot-image-private.h"
#include "libvirt-sandbox/builder/boot/run-initrd-private.h"
#include "libvirt-sandbox/error.h"

#include "tests/unit/initrd-listing.h"
#include "tests/unit/kernel-samples.h"
#include "tests/unit/test-directory.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEY "0123456789abcdef0123456789abcdef"
#define DAY (24 * 3600)

/* A made-up kernel, an init and an empty cache. */
typedef struct {
    TestDirectory *directory;
    gchar *kernel;
    gchar *init;
    gchar *cache;
    gint told;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GByteArray) content = kernel_sample_new("6.1.0-sample");

    fixture->directory = test_directory_new();
    fixture->kernel = g_build_filename(fixture->directory->path, "vmlinuz", NULL);
    fixture->init = g_build_filename(fixture->directory->path, "the-init", NULL);
    fixture->cache = g_build_filename(fixture->directory->path, "cache/boot", NULL);
    kernel_sample_write(fixture->kernel, content);
    test_directory_write(fixture->directory, "the-init", "#!/bin/true\n", 12);
}

static void
tear_down(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    test_directory_free(fixture->directory);
    g_free(fixture->kernel);
    g_free(fixture->init);
    g_free(fixture->cache);
}

static void
count_progress(const gchar *text G_GNUC_UNUSED, gpointer user_data)
{
    g_atomic_int_inc((gint *)user_data);
}

static GVirSandboxBootImageRequest
make_request(Fixture *fixture)
{
    return (GVirSandboxBootImageRequest){ .kernel = { .path = fixture->kernel },
                                          .init = fixture->init,
                                          .cache = fixture->cache,
                                          .progress = count_progress,
                                          .progress_data = &fixture->told };
}

static GVirSandboxBootImage *
obtain(const GVirSandboxBootImageRequest *request)
{
    g_autoptr(GError) error = NULL;
    GVirSandboxBootImage *image = gvir_sandbox_boot_image_obtain(request, NULL, &error);

    g_assert_no_error(error);
    return image;
}

static void
expect_error(const GVirSandboxBootImageRequest *request, GVirSandboxError code, const gchar *text)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(gvir_sandbox_boot_image_obtain(request, NULL, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, (gint)code);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, text));
}

static guint
count_in_cache(const gchar *cache)
{
    g_autoptr(GDir) directory = g_dir_open(cache, 0, NULL);
    guint count = 0;

    while (directory && g_dir_read_name(directory))
        count++;
    return count;
}

/* -- The image -- */

static void
test_build_then_cached(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    const GVirSandboxBootImageRequest request = make_request(fixture);
    g_autoptr(GVirSandboxBootImage) first = obtain(&request);
    g_autoptr(GVirSandboxBootImage) second = NULL;
    g_autofree gchar *listing = NULL;
    struct stat status;

    g_assert_false(first->cached);
    g_assert_cmpint(fixture->told, ==, 1);
    g_assert_true(first->pvh);
    g_assert_true(g_str_has_suffix(first->kernel, "/vmlinux"));
    g_assert_cmpstr(first->release, ==, "6.1.0-sample");
    g_assert_cmpuint(g_strv_length(first->modules), ==, 0);
    listing = initrd_listing_read(first->initrd, 0);
    g_assert_cmpstr(listing, ==,
                    "dev d 0755 0\nmodules d 0755 0\nproc d 0755 0\nsys d 0755 0\n"
                    "dev/console c 0600 5:1\ninit f 0755 12\nmodules/order f 0644 0\n");
    g_assert_cmpint(stat(first->initrd, &status), ==, 0);
    g_assert_cmpuint(status.st_mode & 07777, ==, 0644);

    second = obtain(&request);
    g_assert_true(second->cached);
    g_assert_cmpint(fixture->told, ==, 1);
    g_assert_cmpstr(second->kernel, ==, first->kernel);
    g_assert_cmpuint(count_in_cache(fixture->cache), ==, 1);
}

static void
test_plain_kernel(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    GVirSandboxBootImageRequest request = make_request(fixture);
    g_autoptr(GVirSandboxBootImage) image = NULL;
    g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(FALSE);
    g_autoptr(GByteArray) payload = kernel_sample_compress(vmlinux, KERNEL_SAMPLE_GZIP);
    g_autoptr(GByteArray) without_pvh = kernel_sample_bzimage("6.1.0-sample", payload, FALSE);

    request.plain_kernel = TRUE;
    image = obtain(&request);
    g_assert_false(image->pvh);
    g_assert_cmpstr(image->kernel, ==, fixture->kernel);

    g_clear_pointer(&image, gvir_sandbox_boot_image_free);
    request.plain_kernel = FALSE;
    kernel_sample_write(fixture->kernel, without_pvh);
    image = obtain(&request);
    g_assert_false(image->pvh);
    g_assert_cmpstr(image->kernel, ==, fixture->kernel);
}

static void
test_key_changes(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    GVirSandboxBootImageRequest request = make_request(fixture);
    g_autoptr(GVirSandboxBootImage) first = obtain(&request);
    g_autoptr(GVirSandboxBootImage) other_init = NULL;
    g_autoptr(GVirSandboxBootImage) other_kernel = NULL;
    g_autoptr(GVirSandboxBootImage) other_modules = NULL;
    g_autoptr(GByteArray) content = kernel_sample_new("6.1.1-sample");
    const gchar *const optional[] = { "9p", NULL };

    test_directory_write(fixture->directory, "the-init", "#!/bin/false\n", 13);
    other_init = obtain(&request);
    g_assert_false(other_init->cached);
    g_assert_cmpstr(other_init->initrd, !=, first->initrd);

    kernel_sample_write(fixture->kernel, content);
    other_kernel = obtain(&request);
    g_assert_false(other_kernel->cached);
    g_assert_cmpstr(other_kernel->release, ==, "6.1.1-sample");

    request.optional = optional;
    other_modules = obtain(&request);
    g_assert_false(other_modules->cached);
}

static void
test_damaged_is_built_anew(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    const GVirSandboxBootImageRequest request = make_request(fixture);
    static const gchar *const files[] = { "vmlinux", "initrd", "modules", "complete" };

    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(GVirSandboxBootImage) before = obtain(&request);
        g_autoptr(GVirSandboxBootImage) after = NULL;
        g_autofree gchar *directory = g_path_get_dirname(before->initrd);
        g_autofree gchar *file = g_build_filename(directory, files[i], NULL);

        g_assert_cmpint(i == 3 ? g_unlink(file) : truncate(file, 17), ==, 0);
        after = obtain(&request);
        g_assert_false(after->cached);
        g_assert_true(g_file_test(file, G_FILE_TEST_EXISTS));
        /* The old one is still there for its user, out of the way. */
        g_assert_cmpuint(count_in_cache(fixture->cache), >=, 2);
    }
}

static void
test_run_initrd(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    const GVirSandboxBootImageRequest request = make_request(fixture);
    g_autoptr(GVirSandboxBootImage) image = obtain(&request);
    g_autofree gchar *path = g_build_filename(fixture->directory->path, "run", NULL);
    g_autofree gchar *content = NULL;
    g_autofree gchar *base = NULL;
    g_autofree gchar *listing = NULL;
    g_autoptr(GError) error = NULL;
    struct stat status;
    gsize length, base_length;

    g_assert_true(gvir_sandbox_boot_image_write_run_initrd(image, "manifest 1\n", 11, path, NULL));
    g_assert_cmpint(stat(path, &status), ==, 0);
    g_assert_cmpuint(status.st_mode & 07777, ==, 0600);
    g_assert_true(g_file_get_contents(path, &content, &length, NULL));
    g_assert_true(g_file_get_contents(image->initrd, &base, &base_length, NULL));
    g_assert_cmpmem(content, base_length, base, base_length);
    listing = initrd_listing_read(path, base_length);
    g_assert_cmpstr(listing, ==, "manifest f 0600 11\n");

    g_assert_false(gvir_sandbox_boot_image_write_run_initrd(image, "x", 1, path, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_BUSY);
}

static void
test_errors(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    GVirSandboxBootImageRequest request = make_request(fixture);
    g_autoptr(GByteArray) vmlinux = kernel_sample_vmlinux(FALSE);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;

    g_cancellable_cancel(cancellable);
    g_assert_null(gvir_sandbox_boot_image_obtain(&request, cancellable, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

    kernel_sample_write(fixture->kernel, vmlinux);
    expect_error(&request, GVIR_SANDBOX_ERROR_UNSUPPORTED, "PVH");
    g_assert_cmpuint(count_in_cache(fixture->cache), ==, 0);

    request.init = "/nonexistent/init";
    expect_error(&request, GVIR_SANDBOX_ERROR_NOT_FOUND, "/nonexistent/init");
}

static void
test_cache_not_writable(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    GVirSandboxBootImageRequest request = make_request(fixture);
    g_autofree gchar *below_file = g_build_filename(fixture->init, "cache", NULL);

    request.cache = below_file;
    expect_error(&request, GVIR_SANDBOX_ERROR_NOT_FOUND, below_file);
    if (geteuid() != 0) {
        g_assert_cmpint(g_mkdir_with_parents(fixture->cache, 0755), ==, 0);
        g_assert_cmpint(g_chmod(fixture->cache, 0555), ==, 0);
        request.cache = fixture->cache;
        expect_error(&request, GVIR_SANDBOX_ERROR_DENIED, fixture->cache);
    }
}

static void
test_disk_full(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    const GVirSandboxBootImageRequest request = make_request(fixture);
    g_autofree gchar *large = g_malloc0(64 * 1024);

    g_assert_cmpint(g_mkdir_with_parents(fixture->cache, 0755), ==, 0);
    if (mount("tmpfs", fixture->cache, "tmpfs", 0, "size=8k,mode=755") < 0) {
        g_test_skip("not allowed to mount");
        return;
    }
    /* Once while the vmlinux is written, once within the initrd. */
    expect_error(&request, GVIR_SANDBOX_ERROR_FAILED, fixture->cache);
    g_assert_cmpuint(count_in_cache(fixture->cache), ==, 0);
    test_directory_write(fixture->directory, "the-init", large, 64 * 1024);
    expect_error(&request, GVIR_SANDBOX_ERROR_FAILED, "/initrd: ");
    g_assert_cmpuint(count_in_cache(fixture->cache), ==, 0);
    g_assert_cmpint(umount(fixture->cache), ==, 0);
}

/* -- Several at once -- */

static gpointer
obtain_in_thread(gpointer data)
{
    return obtain(data);
}

static void
test_threads(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    GVirSandboxBootImageRequest request = make_request(fixture);
    GThread *threads[8];
    guint built = 0;

    request.progress = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("builder", obtain_in_thread, &request);
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_autoptr(GVirSandboxBootImage) image = g_thread_join(threads[i]);

        built += !image->cached;
    }
    g_assert_cmpuint(built, ==, 1);
    g_assert_cmpuint(count_in_cache(fixture->cache), ==, 1);
}

static void
test_processes(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    GVirSandboxBootImageRequest request = make_request(fixture);
    guint built = 0;
    pid_t children[4];

    request.progress = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(children); i++) {
        children[i] = fork();
        if (children[i] == 0) {
            GVirSandboxBootImage *image = gvir_sandbox_boot_image_obtain(&request, NULL, NULL);
            int status = !image ? 2 : image->cached ? 0 : 1;

            g_clear_pointer(&image, gvir_sandbox_boot_image_free);
            _exit(status);
        }
    }
    for (gsize i = 0; i < G_N_ELEMENTS(children); i++) {
        int status;

        g_assert_cmpint(waitpid(children[i], &status, 0), ==, children[i]);
        g_assert_true(WIFEXITED(status));
        g_assert_cmpint(WEXITSTATUS(status), <=, 1);
        built += WEXITSTATUS(status);
    }
    g_assert_cmpuint(built, ==, 1);
    g_assert_cmpuint(count_in_cache(fixture->cache), ==, 1);
}

/* -- The cache -- */

static gboolean
build_small(const gchar *directory, gpointer user_data, GCancellable *cancellable G_GNUC_UNUSED,
            GError **error G_GNUC_UNUSED)
{
    g_autofree gchar *path = g_build_filename(directory, "file", NULL);

    if (user_data)
        (*(guint *)user_data)++;
    return g_file_set_contents(path, "x", 1, NULL);
}

static GVirSandboxBootCacheEntry *
obtain_entry(const gchar *cache, guint number)
{
    g_autofree gchar *key = g_strdup_printf("%032u", number);
    g_autoptr(GError) error = NULL;
    GVirSandboxBootCacheEntry *entry =
        gvir_sandbox_boot_cache_obtain(cache, key, build_small, NULL, NULL, NULL, &error);

    g_assert_no_error(error);
    return entry;
}

static void
set_age(const gchar *path, gint64 seconds)
{
    const struct timespec time = { .tv_sec = g_get_real_time() / G_USEC_PER_SEC - seconds };
    const struct timespec times[] = { time, time };

    g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
}

static void
test_prune_count(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GVirSandboxBootCacheEntry) in_use = obtain_entry(fixture->cache, 0);

    set_age(in_use->path, 100 * DAY);
    for (guint i = 1; i <= 7; i++) {
        g_autoptr(GVirSandboxBootCacheEntry) entry = obtain_entry(fixture->cache, i);

        set_age(entry->path, i * 60);
    }
    gvir_sandbox_boot_cache_prune(fixture->cache);
    g_assert_cmpuint(count_in_cache(fixture->cache), ==, 5);
    for (guint i = 0; i <= 4; i++) {
        g_autofree gchar *path = g_strdup_printf("%s/%032u/file", fixture->cache, i);

        g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    }
}

static void
test_prune_age(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    for (guint i = 0; i < 3; i++) {
        g_autoptr(GVirSandboxBootCacheEntry) entry = obtain_entry(fixture->cache, i);

        set_age(entry->path, i * 16 * DAY);
    }
    gvir_sandbox_boot_cache_prune(fixture->cache);
    g_assert_cmpuint(count_in_cache(fixture->cache), ==, 2);
}

/* Its locks are beside the directory, and not beside the link. */
static void
test_prune_behind_link(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree gchar *link = g_build_filename(fixture->directory->path, "link", NULL);
    g_autoptr(GVirSandboxBootCacheEntry) in_use = obtain_entry(fixture->cache, 0);
    g_autoptr(GVirSandboxBootImage) image = NULL;
    GVirSandboxBootImageRequest request = make_request(fixture);

    g_assert_cmpint(symlink(fixture->cache, link), ==, 0);
    set_age(in_use->path, 100 * DAY);
    request.cache = link;
    image = obtain(&request);
    g_assert_true(g_file_test(in_use->path, G_FILE_TEST_IS_DIR));
    g_assert_cmpuint(count_in_cache(fixture->cache), ==, 2);
}

static void
test_prune_leftovers(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree gchar *old = g_build_filename(fixture->cache, ".old.new", NULL);
    g_autofree gchar *young = g_build_filename(fixture->cache, ".young.new", NULL);

    test_directory_write(fixture->directory, "cache/boot/.old.new/initrd", "x", 1);
    test_directory_write(fixture->directory, "cache/boot/.young.new/initrd", "x", 1);
    set_age(old, 2 * DAY);
    gvir_sandbox_boot_cache_prune(fixture->cache);
    g_assert_false(g_file_test(old, G_FILE_TEST_EXISTS));
    g_assert_true(g_file_test(young, G_FILE_TEST_EXISTS));
}

static void
test_killed_builder(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    guint builds = 0;
    g_autofree gchar *half = g_strdup_printf("%s/" KEY "/half", fixture->cache);
    g_autoptr(GVirSandboxBootCacheEntry) entry = NULL;

    test_directory_write(fixture->directory, "cache/boot/." KEY ".new/half", "x", 1);
    entry = gvir_sandbox_boot_cache_obtain(fixture->cache, KEY, build_small, NULL, &builds, NULL, NULL);
    g_assert_nonnull(entry);
    g_assert_cmpuint(builds, ==, 1);
    g_assert_false(g_file_test(half, G_FILE_TEST_EXISTS));
    g_assert_cmpuint(count_in_cache(fixture->cache), ==, 1);
}

/* All that who may read a file of the cache can lock. */
static void
lock_as_reader(const gchar *path, int *fd)
{
    struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

    *fd = open(path, O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(*fd, >=, 0);
    g_assert_cmpint(flock(*fd, LOCK_EX | LOCK_NB), ==, 0);
    g_assert_cmpint(fcntl(*fd, F_OFD_SETLK, &lock), ==, 0);
}

/* Who sees the cache, and it only to read, keeps nobody from using an entry or from making it anew. */
static void
test_locked_by_readers(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree gchar *path = g_strdup_printf("%s/%032u", fixture->cache, 0);
    g_autofree gchar *complete = g_build_filename(path, "complete", NULL);
    g_autofree gchar *lock = g_strdup_printf("%s-locks/%032u", fixture->cache, 0);
    int fds[2];
    gint64 began;

    gvir_sandbox_boot_cache_entry_free(obtain_entry(fixture->cache, 0));
    lock_as_reader(path, &fds[0]);
    lock_as_reader(lock, &fds[1]);
    for (guint i = 0; i < 2; i++) {
        g_autoptr(GVirSandboxBootCacheEntry) entry = NULL;

        began = g_get_monotonic_time();
        entry = obtain_entry(fixture->cache, 0);
        g_assert_cmpint(entry->built, ==, i == 1);
        g_assert_cmpint(g_get_monotonic_time() - began, <, 20 * G_USEC_PER_SEC);
        g_unlink(complete);
    }
    close(fds[0]);
    close(fds[1]);
}

static void
expect_denied(const gchar *cache)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(gvir_sandbox_boot_cache_obtain(cache, KEY, build_small, NULL, NULL, NULL, &error));
    g_assert_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_DENIED);
    g_assert_nonnull(strstr(error->message, cache));
}

/* Neither the cache nor an entry in it is believed that is another user's. */
static void
test_of_another(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    guint builds = 0;
    g_autofree gchar *path = g_build_filename(fixture->cache, KEY, NULL);
    g_autoptr(GVirSandboxBootCacheEntry) entry = NULL;

    if (geteuid() != 0) {
        g_test_skip("only root can make directories of others");
        return;
    }
    gvir_sandbox_boot_cache_entry_free(
        gvir_sandbox_boot_cache_obtain(fixture->cache, KEY, build_small, NULL, &builds, NULL, NULL));
    g_assert_cmpint(chown(path, 65534, 65534), ==, 0);
    entry = gvir_sandbox_boot_cache_obtain(fixture->cache, KEY, build_small, NULL, &builds, NULL, NULL);
    g_assert_nonnull(entry);
    g_assert_cmpuint(builds, ==, 2);
    g_assert_cmpint(g_chmod(fixture->cache, 0777), ==, 0);
    expect_denied(fixture->cache);
    g_assert_cmpint(g_chmod(fixture->cache, 0755), ==, 0);
    g_assert_cmpint(chown(fixture->cache, 65534, 65534), ==, 0);
    expect_denied(fixture->cache);
}

/* -- The kernel installed here -- */

static void
test_real_kernel(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    static const gchar *const needed[] = { "9p", "virtio_pci", NULL };
    GVirSandboxBootImageRequest request = make_request(fixture);
    g_autoptr(GVirSandboxBootImage) image = NULL;
    g_autoptr(GVirSandboxKernel) kernel = NULL;
    g_autofree gchar *listing = NULL;

    request.kernel = (GVirSandboxKernelRequest){ .needed = needed };
    kernel = gvir_sandbox_kernel_choose(&request.kernel, NULL);
    if (!kernel) {
        g_test_skip("no kernel with 9p is installed");
        return;
    }
    image = obtain(&request);
    g_assert_cmpstr(image->release, ==, kernel->release);
    listing = initrd_listing_read(image->initrd, 0);
    for (gsize i = 0; image->modules[i]; i++) {
        g_autofree gchar *line = g_strdup_printf("\n%s f 0644 ", &image->modules[i][1]);

        g_assert_true(g_str_has_prefix(image->modules[i], "/modules/"));
        g_assert_nonnull(strstr(listing, line));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add("/boot-image/" name, Fixture, NULL, set_up, function, tear_down)
    TEST("build-then-cached", test_build_then_cached);
    TEST("plain-kernel", test_plain_kernel);
    TEST("key-changes", test_key_changes);
    TEST("damaged", test_damaged_is_built_anew);
    TEST("run-initrd", test_run_initrd);
    TEST("errors", test_errors);
    TEST("cache-not-writable", test_cache_not_writable);
    TEST("disk-full", test_disk_full);
    TEST("threads", test_threads);
    TEST("processes", test_processes);
    TEST("prune/count", test_prune_count);
    TEST("prune/age", test_prune_age);
    TEST("prune/behind-link", test_prune_behind_link);
    TEST("prune/leftovers", test_prune_leftovers);
    TEST("killed-builder", test_killed_builder);
    TEST("locked-by-readers", test_locked_by_readers);
    TEST("of-another", test_of_another);
    TEST("real-kernel", test_real_kernel);
#undef TEST
    return g_test_run();
}
