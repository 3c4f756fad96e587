/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/changes/changes-stream-private.h"
#include "libvirt-sandbox/console/changes/layer-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/visible-private.h"

#include <gio/gio.h>

/* What one layer may have: more than any program leaves, and less than would keep this side busy for long. */
#define FILES_MAX (16 * 1024 * 1024)
#define EXTENTS_MAX (16 * 1024 * 1024)
#define SIZES_MAX (G_GUINT64_CONSTANT(1) << 46)

/* While a thread completes the file; that outlives the changes if it has to. */
typedef struct {
    GVirSandboxChanges *changes; /* NULL: freed meanwhile */
    GVirSandboxChangesKept kept;
} Keeping;

struct _GVirSandboxChanges {
    GVirSandboxWire *wire;
    GMainContext *context;
    GVirSandboxNewFile *file; /* NULL: told, not kept */
    GVirSandboxLayer *layer;
    GVirSandboxChangesTell tell;
    gpointer user_data;
    GByteArray *waiting; /* a record that is not whole yet */
    guint64 data_left;   /* bytes of the file that was told last */
    gsize granted;       /* the guest may still send so much */
    gsize taken;         /* since the last grant */
    gboolean complete;   /* the last record came */
    gboolean ended;
    Keeping *keeping;
    GError *failure;

    /* Of all files so far */
    guint64 files;
    guint64 extents;
    guint64 sizes;
};

GVirSandboxChanges *
gvir_sandbox_changes_new(GVirSandboxWire *wire, GVirSandboxNewFile *file, GVirSandboxChangesTell tell,
                         gpointer user_data)
{
    GVirSandboxChanges *changes = g_new0(GVirSandboxChanges, 1);

    changes->wire = wire;
    changes->context = g_main_context_ref_thread_default();
    changes->file = file ? gvir_sandbox_new_file_ref(file) : NULL;
    changes->tell = tell;
    changes->user_data = user_data;
    changes->waiting = g_byte_array_new();
    return changes;
}

static void
drop_layer(GVirSandboxChanges *changes)
{
    g_clear_pointer(&changes->layer, gvir_sandbox_layer_free);
    if (changes->file)
        gvir_sandbox_new_file_abandon(changes->file);
}

void
gvir_sandbox_changes_free(GVirSandboxChanges *changes)
{
    if (changes->keeping)
        changes->keeping->changes = NULL;
    drop_layer(changes);
    g_clear_pointer(&changes->file, gvir_sandbox_new_file_unref);
    g_byte_array_unref(changes->waiting);
    g_clear_error(&changes->failure);
    g_main_context_unref(changes->context);
    g_free(changes);
}

static void
send_credit(GVirSandboxChanges *changes, gsize bytes)
{
    guint8 frame[GUEST_FRAME_CONTROL_MAX];

    changes->granted += bytes;
    gvir_sandbox_wire_send(changes->wire, frame, guest_frame_encode_credit(frame, GUEST_STREAM_CHANGES, bytes));
}

void
gvir_sandbox_changes_grant(GVirSandboxChanges *changes)
{
    send_credit(changes, GUEST_STREAM_WINDOW);
}

/* What it still sends is thrown away. */
static void
give_up(GVirSandboxChanges *changes)
{
    guint8 frame[GUEST_FRAME_CONTROL_MAX];

    drop_layer(changes);
    gvir_sandbox_wire_send(changes->wire, frame,
                           guest_frame_encode_empty(frame, GUEST_FRAME_CLOSE, GUEST_STREAM_CHANGES));
}

static void
take_failure(GVirSandboxChanges *changes, const struct guest_change *change)
{
    g_autofree gchar *text = gvir_sandbox_visible_line(change->link, change->link_length);

    g_set_error(&changes->failure, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST, _("changes: %s"), text);
}

static void
keep(GVirSandboxChanges *changes, const struct guest_change *change)
{
    if (!changes->layer)
        changes->layer = gvir_sandbox_layer_new(changes->file, &changes->failure);
    if (changes->layer && change)
        gvir_sandbox_layer_add(changes->layer, change, &changes->failure);
}

static void
tell(GVirSandboxChanges *changes, const struct guest_change *change)
{
    gboolean is_root = change->path_length == 1 && *change->path == '.';
    g_autofree gchar *path = g_strdup_printf("/%.*s", is_root ? 0 : (int)change->path_length, change->path);

    if (change->kind != GUEST_CHANGE_OPAQUE)
        changes->tell(change->kind, path, changes->user_data);
}

static void
set_too_much(GVirSandboxChanges *changes, const gchar *what)
{
    g_set_error(&changes->failure, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST,
                _("changes: %s, which are more than one layer may have"), what);
}

/* FALSE where it is too much. */
static gboolean
count(GVirSandboxChanges *changes, const struct guest_change *change)
{
    changes->files++;
    changes->extents += guest_change_extent_count(change);
    changes->sizes += change->size;
    if (changes->files > FILES_MAX)
        set_too_much(changes, _("over 16777216 files"));
    else if (changes->extents > EXTENTS_MAX)
        set_too_much(changes, _("files in over 16777216 pieces"));
    else if (changes->sizes > SIZES_MAX)
        set_too_much(changes, _("files of over 64 TiB"));
    return !changes->failure;
}

static void
take_record(GVirSandboxChanges *changes, const struct guest_change *change)
{
    switch (change->kind) {
    case GUEST_CHANGE_FAILED:
        take_failure(changes, change);
        break;
    case GUEST_CHANGE_END:
        changes->complete = TRUE;
        /* No change is a file, too. */
        if (changes->file)
            keep(changes, NULL);
        break;
    case GUEST_CHANGE_ADDED:
    case GUEST_CHANGE_CHANGED:
    case GUEST_CHANGE_DELETED:
    case GUEST_CHANGE_OPAQUE:
        if (!count(changes, change))
            break;
        if (changes->file)
            keep(changes, change);
        else
            tell(changes, change);
        changes->data_left = guest_change_data_length(change);
        break;
    }
}

/* Returns how many of the bytes are done with; 0 if there are too few. */
static gsize
take_some(GVirSandboxChanges *changes, const guint8 *data, gsize length, GError **error)
{
    struct guest_change change;
    const char *reason;
    size_t used;

    if (changes->data_left > 0) {
        used = MIN(changes->data_left, length);
        if (changes->layer)
            gvir_sandbox_layer_add_data(changes->layer, data, used, &changes->failure);
        changes->data_left -= used;
        return used;
    }
    switch (guest_change_decode(data, length, &change, &used, &reason)) {
    case GUEST_CHANGE_COMPLETE:
        if (changes->complete)
            gvir_sandbox_wire_refuse(error, _("changes after their end"));
        else
            take_record(changes, &change);
        return used;
    case GUEST_CHANGE_INCOMPLETE:
        return 0;
    case GUEST_CHANGE_BROKEN:
        break;
    }
    gvir_sandbox_wire_refuse(error, reason);
    return 0;
}

static void
take_data(GVirSandboxChanges *changes, const struct guest_frame *frame, GError **error)
{
    g_autoptr(GError) refused = NULL;
    gsize start = 0, used;

    g_byte_array_append(changes->waiting, frame->payload, frame->length);
    while (start < changes->waiting->len && !changes->failure &&
           (used = take_some(changes, changes->waiting->data + start, changes->waiting->len - start, &refused)) > 0 &&
           !refused)
        start += used;
    if (refused) {
        g_propagate_error(error, g_steal_pointer(&refused));
        return;
    }
    if (changes->failure) {
        g_byte_array_set_size(changes->waiting, 0);
        give_up(changes);
    } else if (start > 0) {
        g_byte_array_remove_range(changes->waiting, 0, start);
    }
}

void
gvir_sandbox_changes_handle(GVirSandboxChanges *changes, const struct guest_frame *frame, GError **error)
{
    if (frame->type != GUEST_FRAME_DATA && frame->type != GUEST_FRAME_EOF) {
        gvir_sandbox_wire_refuse(error, _("it answers for a stream that it sends"));
        return;
    }
    if (changes->ended || (frame->type == GUEST_FRAME_DATA && frame->length > changes->granted)) {
        gvir_sandbox_wire_refuse(error, _("more changes than were asked for"));
        return;
    }
    if (frame->type == GUEST_FRAME_EOF) {
        changes->ended = TRUE;
        return;
    }
    changes->granted -= frame->length;
    changes->taken += frame->length;
    if (!changes->failure)
        take_data(changes, frame, error);
    if (changes->taken >= GUEST_STREAM_WINDOW / 4) {
        send_credit(changes, changes->taken);
        changes->taken = 0;
    }
}

gboolean
gvir_sandbox_changes_have_ended(const GVirSandboxChanges *changes)
{
    return changes->ended;
}

static void
complete_file(GTask *task, gpointer source G_GNUC_UNUSED, gpointer file, GCancellable *cancellable G_GNUC_UNUSED)
{
    GError *error = NULL;

    if (gvir_sandbox_new_file_complete(file, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static void
file_completed(GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user_data)
{
    g_autofree Keeping *keeping = user_data;
    GVirSandboxChanges *changes = keeping->changes;
    GError *failure = NULL;

    g_task_propagate_boolean(G_TASK(result), &failure);
    if (!changes) {
        g_clear_error(&failure);
        return;
    }
    changes->keeping = NULL;
    if (failure)
        drop_layer(changes);
    /* The last statement: it may free the changes. */
    keeping->kept(failure, changes->user_data);
}

/* In a thread of its own: a disk may take minutes, in which signals are to be heard. */
static void
start_completing(GVirSandboxChanges *changes, GVirSandboxChangesKept kept)
{
    g_autoptr(GTask) task = NULL;

    changes->keeping = g_new0(Keeping, 1);
    changes->keeping->changes = changes;
    changes->keeping->kept = kept;
    g_main_context_push_thread_default(changes->context);
    task = g_task_new(NULL, NULL, file_completed, changes->keeping);
    g_main_context_pop_thread_default(changes->context);
    g_task_set_task_data(task, gvir_sandbox_new_file_ref(changes->file), (GDestroyNotify)gvir_sandbox_new_file_unref);
    g_task_run_in_thread(task, complete_file);
}

void
gvir_sandbox_changes_finish(GVirSandboxChanges *changes, GVirSandboxChangesKept kept)
{
    if (!changes->failure && !changes->complete)
        g_set_error(&changes->failure, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_GUEST,
                    _("changes: the guest did not tell them to the end"));
    if (!changes->failure && changes->layer)
        gvir_sandbox_layer_end(changes->layer, &changes->failure);
    if (!changes->failure && changes->layer) {
        start_completing(changes, kept);
        return;
    }
    drop_layer(changes);
    kept(g_steal_pointer(&changes->failure), changes->user_data);
}
