/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "expect.h"

#include "libvirt-sandbox/console/changes/changes-stream-private.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static const GVirSandboxWireHandlers handlers = { NULL, NULL, NULL, NULL };
static gchar *directory;
static gchar *path;

static void
remove_directory(void)
{
    g_unlink(path);
    g_rmdir(directory);
}

/* In memory, where there is such a place: every input is a file. */
static void
make_directory(void)
{
    const gchar *base = g_access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : g_get_tmp_dir();

    directory = g_build_filename(base, "fuzz-change.XXXXXX", NULL);
    g_assert_nonnull(g_mkdtemp(directory));
    path = g_build_filename(directory, "layer.tar", NULL);
    atexit(remove_directory);
}

/* The guest has hung up: what is sent to it goes nowhere. */
static GVirSandboxWire *
make_wire(void)
{
    int ends[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
    close(ends[1]);
    return gvir_sandbox_wire_new(ends[0], &handlers, NULL);
}

static void
told(enum guest_change_kind kind, const gchar *told_path, gpointer user_data G_GNUC_UNUSED)
{
    g_assert_nonnull(memchr("ACD", (int)kind, 3));
    g_assert_cmpint(*told_path, ==, '/');
    g_assert_null(strstr(told_path, "/../"));
}

/* What a program that unpacks the layer is told. */
static void
expect_sound_name(const gchar *name)
{
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);

    for (guint i = 0; parts[i]; i++) {
        g_assert_cmpstr(parts[i], !=, "..");
        /* But for the slash after a directory. */
        g_assert_true(*parts[i] || (i > 0 && !parts[i + 1]));
    }
}

static void
expect_layer(void)
{
    struct archive *reader = archive_read_new();
    struct archive_entry *entry;
    int result;

    g_assert_cmpint(archive_read_support_format_tar(reader), ==, ARCHIVE_OK);
    g_assert_cmpint(archive_read_open_filename(reader, path, 65536), ==, ARCHIVE_OK);
    while ((result = archive_read_next_header(reader, &entry)) == ARCHIVE_OK || result == ARCHIVE_WARN)
        expect_sound_name(archive_entry_pathname(entry));
    archive_read_free(reader);
}

typedef struct {
    gboolean done;
    GError *failure;
} End;

static End end;

static void
kept(GError *failure, gpointer user_data G_GNUC_UNUSED)
{
    end.failure = failure;
    end.done = TRUE;
}

static void
finish(GVirSandboxChanges *changes, gboolean to_file)
{
    end.done = FALSE;
    gvir_sandbox_changes_finish(changes, kept);
    while (!end.done)
        g_main_context_iteration(NULL, TRUE);
    if (end.failure)
        expect_clear_error(end.failure);
    else if (to_file)
        expect_layer();
    g_clear_error(&end.failure);
}

/* Whether all of it was believed, in frames of @piece bytes. */
static gboolean
send_frames(GVirSandboxChanges *changes, const guint8 *data, gsize size, gsize piece)
{
    struct guest_frame frame = { .type = GUEST_FRAME_DATA, .stream = GUEST_STREAM_CHANGES };
    g_autoptr(GError) refused = NULL;

    while (size > 0 && !refused) {
        /* A copy of just these bytes: reading past them is found. */
        g_autofree guint8 *copy = g_memdup2(data, MIN(size, piece));

        frame.payload = copy;
        frame.length = (guint32)MIN(size, piece);
        gvir_sandbox_changes_handle(changes, &frame, &refused);
        data += frame.length;
        size -= frame.length;
    }
    if (!refused) {
        frame.type = GUEST_FRAME_EOF;
        frame.length = 0;
        gvir_sandbox_changes_handle(changes, &frame, &refused);
    }
    if (refused)
        expect_clear_error(refused);
    return !refused;
}

static void
run(const guint8 *data, gsize size, gsize piece, gboolean to_file)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVirSandboxNewFile) file = to_file ? gvir_sandbox_new_file_hold("changes", path, &error) : NULL;
    GVirSandboxWire *wire = make_wire();
    g_autoptr(GVirSandboxChanges) changes = gvir_sandbox_changes_new(wire, file, told, NULL);

    g_assert_no_error(error);
    gvir_sandbox_changes_grant(changes);
    if (send_frames(changes, data, size, piece))
        finish(changes, to_file);
    gvir_sandbox_wire_free(wire);
}

/* The first byte says how long the frames are; the rest is a stream of records, listed and then kept. */
int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    gsize piece;

    if (!directory)
        make_directory();
    if (size == 0)
        return 0;
    piece = data[0] == 0 ? GUEST_FRAME_PAYLOAD_MAX : data[0];
    run(data + 1, size - 1, piece, FALSE);
    run(data + 1, size - 1, piece, TRUE);
    return 0;
}
