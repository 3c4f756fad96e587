/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/console/changes/layer-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/visible-private.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#define WHITEOUT_PREFIX ".wh."
#define OPAQUE_NAME ".wh..wh..opq"
#define BLOCK_SIZE 512
#define BLOCKS_AT_ONCE 128
/* They are nowhere but in the address space; with these the largest file that is one hole takes some milliseconds. */
#define ZEROS_AT_ONCE (16 * 1024 * 1024)

typedef struct {
    guint64 offset;
    guint64 length;
} Extent;

struct _GVirSandboxLayer {
    GVirSandboxNewFile *file;
    locale_t utf8;
    int fd;
    struct archive *writer;
    int saved_errno; /* why the file could not be written */

    /* Of the file that is being added. */
    GArray *extents;
    guint extent;
    guint64 position;
    guint64 size;
};

typedef struct archive_entry ArchiveEntry;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchiveEntry, archive_entry_free)

/* -- The file -- */

static const gchar *
get_label(const GVirSandboxLayer *layer)
{
    return gvir_sandbox_new_file_get_label(layer->file);
}

static gboolean
set_error(GVirSandboxLayer *layer, GError **error)
{
    if (layer->saved_errno != 0)
        gvir_sandbox_error_set_errno(error, layer->saved_errno, "%s", get_label(layer));
    else
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_FAILED, "%s: %s", get_label(layer),
                    archive_error_string(layer->writer));
    return FALSE;
}

/* libarchive is not told of a failure, after which it would not free all that it has. */
static la_ssize_t
write_block(struct archive *writer G_GNUC_UNUSED, void *user_data, const void *data, size_t length)
{
    GVirSandboxLayer *layer = user_data;
    const guint8 *rest = data;
    gsize left = length;

    while (left > 0 && layer->saved_errno == 0) {
        gssize count = TEMP_FAILURE_RETRY(write(layer->fd, rest, left));

        if (count < 0) {
            layer->saved_errno = errno;
            break;
        }
        rest += count;
        left -= count;
    }
    return length;
}

static gboolean
open_writer(GVirSandboxLayer *layer)
{
    struct archive *writer = layer->writer;

    return archive_write_set_format_pax_restricted(writer) == ARCHIVE_OK &&
           archive_write_set_format_option(writer, "pax", "xattrheader", "SCHILY") == ARCHIVE_OK &&
           archive_write_add_filter_none(writer) == ARCHIVE_OK &&
           archive_write_set_bytes_per_block(writer, BLOCKS_AT_ONCE * BLOCK_SIZE) == ARCHIVE_OK &&
           archive_write_set_bytes_in_last_block(writer, BLOCK_SIZE) == ARCHIVE_OK &&
           archive_write_open(writer, layer, NULL, write_block, NULL) == ARCHIVE_OK;
}

/* Without the better one, names that are not ASCII are written as no text. */
static locale_t
make_locale(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

    return locale ? locale : newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
}

GVirSandboxLayer *
gvir_sandbox_layer_new(GVirSandboxNewFile *file, GError **error)
{
    g_autoptr(GVirSandboxLayer) layer = g_new0(GVirSandboxLayer, 1);

    layer->file = gvir_sandbox_new_file_ref(file);
    layer->utf8 = make_locale();
    layer->writer = archive_write_new();
    layer->extents = g_array_new(FALSE, FALSE, sizeof(Extent));
    layer->fd = gvir_sandbox_new_file_open(layer->file, error);
    if (layer->fd < 0)
        return NULL;
    if (!open_writer(layer)) {
        set_error(layer, error);
        return NULL;
    }
    return g_steal_pointer(&layer);
}

void
gvir_sandbox_layer_free(GVirSandboxLayer *layer)
{
    /* Freeing would write the end of an archive that was given up. */
    if (layer->saved_errno == 0)
        layer->saved_errno = ECANCELED;
    archive_write_free(layer->writer);
    g_array_unref(layer->extents);
    freelocale(layer->utf8);
    gvir_sandbox_new_file_unref(layer->file);
    g_free(layer);
}

gboolean
gvir_sandbox_layer_end(GVirSandboxLayer *layer, GError **error)
{
    return (archive_write_close(layer->writer) == ARCHIVE_OK && layer->saved_errno == 0) || set_error(layer, error);
}

/* -- What is in it -- */

static gboolean
check_name(GVirSandboxLayer *layer, const gchar *path, GError **error)
{
    g_autofree gchar *shown = NULL;

    if (!g_str_has_prefix(path, WHITEOUT_PREFIX) && !strstr(path, "/" WHITEOUT_PREFIX))
        return TRUE;
    shown = gvir_sandbox_visible_line(path, strlen(path));
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                _("%s: /%s: a name that starts with .wh. means a deletion there, and cannot be kept"), get_label(layer),
                shown);
    return FALSE;
}

static ArchiveEntry *
new_entry(const gchar *path, guint type, guint mode)
{
    ArchiveEntry *entry = archive_entry_new();

    archive_entry_copy_pathname(entry, path);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, mode);
    archive_entry_set_uid(entry, 0);
    archive_entry_set_gid(entry, 0);
    archive_entry_set_mtime(entry, 0, 0);
    archive_entry_set_size(entry, 0);
    return entry;
}

static gboolean
write_header(GVirSandboxLayer *layer, ArchiveEntry *entry, GError **error)
{
    locale_t callers = uselocale(layer->utf8);
    /* In any other locale libarchive would take the names for something else. */
    int result = archive_write_header(layer->writer, entry);

    uselocale(callers);
    /* A warning is about a name that is no text, which is written as it is. */
    return ((result == ARCHIVE_OK || result == ARCHIVE_WARN) && layer->saved_errno == 0) || set_error(layer, error);
}

static gboolean
add_deletion(GVirSandboxLayer *layer, const gchar *path, GError **error)
{
    const gchar *slash = strrchr(path, '/');
    gsize directory = slash ? (gsize)(slash + 1 - path) : 0;
    g_autofree gchar *name = g_strdup_printf("%.*s" WHITEOUT_PREFIX "%s", (int)directory, path, path + directory);
    g_autoptr(ArchiveEntry) entry = new_entry(name, AE_IFREG, 0);

    return write_header(layer, entry, error);
}

static gboolean
add_opaque(GVirSandboxLayer *layer, const gchar *path, GError **error)
{
    g_autofree gchar *name = g_strconcat(path, "/" OPAQUE_NAME, NULL);
    g_autoptr(ArchiveEntry) entry = new_entry(name, AE_IFREG, 0);

    return write_header(layer, entry, error);
}

static void
take_extents(GVirSandboxLayer *layer, const struct guest_change *change)
{
    Extent extent;
    size_t position = 0;

    g_array_set_size(layer->extents, 0);
    layer->extent = 0;
    layer->position = 0;
    layer->size = change->size;
    while (guest_change_next_extent(change, &position, &extent.offset, &extent.length))
        g_array_append_val(layer->extents, extent);
}

static void
describe_holes(GVirSandboxLayer *layer, ArchiveEntry *entry)
{
    const Extent *extents = (const Extent *)layer->extents->data;

    if (layer->extents->len == 0 && layer->size > 0)
        archive_entry_sparse_add_entry(entry, 0, 0);
    if (layer->extents->len == 1 && extents[0].length == layer->size)
        return;
    for (guint i = 0; i < layer->extents->len; i++)
        archive_entry_sparse_add_entry(entry, extents[i].offset, extents[i].length);
}

static void
describe_xattrs(const struct guest_change *change, ArchiveEntry *entry)
{
    const guint8 *value;
    const char *name;
    size_t position = 0, length;

    while (guest_change_next_xattr(change, &position, &name, &value, &length))
        archive_entry_xattr_add_entry(entry, name, value, length);
}

static void
describe_link(const struct guest_change *change, ArchiveEntry *entry)
{
    g_autofree gchar *target = NULL;

    if (change->link_length == 0)
        return;
    target = g_strndup(change->link, change->link_length);
    if (change->hard_link)
        archive_entry_copy_hardlink(entry, target);
    else
        archive_entry_copy_symlink(entry, target);
}

/* Writes zeros up to where the data goes on. libarchive wants them, and leaves them out. */
static gboolean
fill_hole(GVirSandboxLayer *layer, guint64 end, GError **error)
{
    static const guint8 zeros[ZEROS_AT_ONCE];

    while (layer->position < end) {
        la_ssize_t count = archive_write_data(layer->writer, zeros, MIN(end - layer->position, ZEROS_AT_ONCE));

        if (count <= 0 || layer->saved_errno != 0)
            return set_error(layer, error);
        layer->position += count;
    }
    return TRUE;
}

static gboolean
fill_to_end(GVirSandboxLayer *layer, GError **error)
{
    return layer->extent < layer->extents->len || fill_hole(layer, layer->size, error);
}

static gboolean
add_file(GVirSandboxLayer *layer, const struct guest_change *change, const gchar *path, GError **error)
{
    g_autoptr(ArchiveEntry) entry = new_entry(path, change->mode & AE_IFMT, change->mode & 07777);

    archive_entry_set_uid(entry, change->uid);
    archive_entry_set_gid(entry, change->gid);
    archive_entry_set_mtime(entry, change->seconds, change->nanoseconds);
    archive_entry_set_size(entry, change->size);
    if (change->major || change->minor) {
        archive_entry_set_rdevmajor(entry, change->major);
        archive_entry_set_rdevminor(entry, change->minor);
    }
    describe_link(change, entry);
    describe_xattrs(change, entry);
    take_extents(layer, change);
    describe_holes(layer, entry);
    return write_header(layer, entry, error) && fill_to_end(layer, error);
}

gboolean
gvir_sandbox_layer_add(GVirSandboxLayer *layer, const struct guest_change *change, GError **error)
{
    g_autofree gchar *path = g_strndup(change->path, change->path_length);

    if (!check_name(layer, path, error))
        return FALSE;
    switch (change->kind) {
    case GUEST_CHANGE_DELETED:
        return add_deletion(layer, path, error);
    case GUEST_CHANGE_OPAQUE:
        return add_opaque(layer, path, error);
    case GUEST_CHANGE_ADDED:
    case GUEST_CHANGE_CHANGED:
        return add_file(layer, change, path, error);
    case GUEST_CHANGE_END:
    case GUEST_CHANGE_FAILED:
        break;
    }
    return TRUE;
}

gboolean
gvir_sandbox_layer_add_data(GVirSandboxLayer *layer, const guint8 *data, gsize length, GError **error)
{
    while (length > 0) {
        const Extent *extent = &g_array_index(layer->extents, Extent, layer->extent);
        guint64 end;
        la_ssize_t count;

        g_return_val_if_fail(layer->extent < layer->extents->len, FALSE);
        end = extent->offset + extent->length;
        if (!fill_hole(layer, extent->offset, error))
            return FALSE;
        count = archive_write_data(layer->writer, data, MIN(length, end - layer->position));
        if (count <= 0 || layer->saved_errno != 0)
            return set_error(layer, error);
        data += count;
        length -= count;
        layer->position += count;
        if (layer->position == end) {
            layer->extent++;
            if (!fill_to_end(layer, error))
                return FALSE;
        }
    }
    return TRUE;
}
