/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/changes/changes-stream-private.h"
#include "libvirt-sandbox/error.h"

#include "tests/unit/test-directory.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TIB (G_GUINT64_CONSTANT(1) << 40)

/* A disk that is as slow as a test wants it to be: what is linked to this program calls it in place of the C library's.
 */
static gint slow; /* atomic */

int
fsync(int fd)
{
    while (g_atomic_int_get(&slow))
        g_usleep(1000);
    return (int)syscall(SYS_fsync, fd);
}

typedef struct {
    TestDirectory *directory;
    gchar *path;
    GVirSandboxWire *wire;
    GVirSandboxChanges *changes;
    GMainLoop *loop;
    gboolean kept;
    GError *failure;
} Fixture;

static const GVirSandboxWireHandlers handlers = { NULL, NULL, NULL, NULL };

/* The guest has hung up: what is sent to it goes nowhere. */
static void
set_up(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GVirSandboxNewFile) file = NULL;
    g_autoptr(GError) error = NULL;
    int ends[2];

    fixture->directory = test_directory_new();
    fixture->path = g_build_filename(fixture->directory->path, "layer.tar", NULL);
    fixture->loop = g_main_loop_new(NULL, FALSE);
    file = gvir_sandbox_new_file_hold("changes", fixture->path, &error);
    g_assert_no_error(error);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
    close(ends[1]);
    fixture->wire = gvir_sandbox_wire_new(ends[0], &handlers, NULL);
    fixture->changes = gvir_sandbox_changes_new(fixture->wire, file, NULL, fixture);
    gvir_sandbox_changes_grant(fixture->changes);
}

static void
tear_down(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    g_clear_pointer(&fixture->changes, gvir_sandbox_changes_free);
    gvir_sandbox_wire_free(fixture->wire);
    g_main_loop_unref(fixture->loop);
    g_clear_error(&fixture->failure);
    test_directory_free(fixture->directory);
    g_free(fixture->path);
}

static void
send_record(Fixture *fixture, struct guest_change change)
{
    static guint8 buffer[4096];
    struct guest_change_writer writer = { .data = buffer, .size = sizeof(buffer) };
    struct guest_frame frame = { .type = GUEST_FRAME_DATA, .stream = GUEST_STREAM_CHANGES, .payload = buffer };
    g_autoptr(GError) error = NULL;

    change.path_length = change.path ? strlen(change.path) : 0;
    guest_change_begin(&writer, &change);
    frame.length = (guint32)guest_change_finish(&writer);
    gvir_sandbox_changes_handle(fixture->changes, &frame, &error);
    g_assert_no_error(error);
}

static void
send_hole(Fixture *fixture)
{
    send_record(fixture, (struct guest_change){
                             .kind = GUEST_CHANGE_ADDED, .mode = S_IFREG | 0644, .size = TIB, .path = "hole" });
}

static void
send_end(Fixture *fixture)
{
    send_record(fixture, (struct guest_change){ .kind = GUEST_CHANGE_END });
}

static void
kept(GError *failure, gpointer user_data)
{
    Fixture *fixture = user_data;

    fixture->kept = TRUE;
    fixture->failure = failure;
    g_main_loop_quit(fixture->loop);
}

static gboolean
quit(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_REMOVE;
}

static void
assert_empty(Fixture *fixture)
{
    g_autoptr(GDir) directory = g_dir_open(fixture->directory->path, 0, NULL);

    g_assert_cmpstr(g_dir_read_name(directory), ==, NULL);
}

/* While the disk takes its time others have theirs, and may give it up: then there is no file, also not later. */
static void
test_slow_disk(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    send_hole(fixture);
    send_end(fixture);
    g_atomic_int_set(&slow, TRUE);
    gvir_sandbox_changes_finish(fixture->changes, kept);
    g_timeout_add(20, quit, fixture->loop);
    g_main_loop_run(fixture->loop);
    g_assert_false(fixture->kept);
    g_clear_pointer(&fixture->changes, gvir_sandbox_changes_free);
    assert_empty(fixture);
    g_atomic_int_set(&slow, FALSE);
    g_timeout_add(100, quit, fixture->loop);
    g_main_loop_run(fixture->loop);
    g_assert_false(fixture->kept);
    assert_empty(fixture);
}

static void
test_kept(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    struct stat status;

    send_hole(fixture);
    send_end(fixture);
    gvir_sandbox_changes_finish(fixture->changes, kept);
    g_main_loop_run(fixture->loop);
    g_assert_no_error(fixture->failure);
    g_assert_cmpint(stat(fixture->path, &status), ==, 0);
    g_assert_cmpint(status.st_size, <, 10000);
}

/* As many holes as a layer may have take no second, and one more is too much. */
static void
test_huge_holes(Fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
    gint64 start = g_get_monotonic_time();

    for (guint i = 0; i < 65; i++)
        send_hole(fixture);
    g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_USEC_PER_SEC);
    assert_empty(fixture);
    gvir_sandbox_changes_finish(fixture->changes, kept);
    g_assert_true(fixture->kept);
    g_assert_error(fixture->failure, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST);
    g_assert_cmpstr(fixture->failure->message, ==,
                    "changes: files of over 64 TiB, which are more than one layer may have");
}

static void
add(const gchar *name, void (*test)(Fixture *, gconstpointer))
{
    g_test_add(name, Fixture, NULL, set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/layer/kept", test_kept);
    add("/layer/slow-disk", test_slow_disk);
    add("/layer/huge-holes", test_huge_holes);
    return g_test_run();
}
