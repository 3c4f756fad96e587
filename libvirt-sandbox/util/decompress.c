/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/decompress-private.h"

#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <archive.h>
#include <archive_entry.h>

typedef struct archive ArchiveReader;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchiveReader, archive_read_free)

/* A filter that libarchive would run as another program answers ARCHIVE_WARN: that one is not
 * taken, and the data is then not recognized. */
static void
add_filters(ArchiveReader *reader)
{
    archive_read_support_filter_gzip(reader);
    archive_read_support_filter_xz(reader);
    archive_read_support_filter_lzma(reader);
    archive_read_support_filter_bzip2(reader);
    archive_read_support_filter_lz4(reader);
    archive_read_support_filter_zstd(reader);
    archive_read_support_format_raw(reader);
    archive_read_support_format_empty(reader);
}

static gboolean
set_damaged(ArchiveReader *reader, GError **error)
{
    const gchar *reason = archive_error_string(reader);

    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, _("the compressed data is damaged: %s"),
                reason ? reason : _("unexpected end"));
    return FALSE;
}

static gboolean
read_all(ArchiveReader *reader, GByteArray *output, gsize limit, GError **error)
{
    const void *block;
    size_t length;
    la_int64_t offset;
    int status;

    while ((status = archive_read_data_block(reader, &block, &length, &offset)) == ARCHIVE_OK) {
        if (length > limit - output->len) {
            g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                        _("more than %" G_GSIZE_FORMAT " MiB when unpacked"), limit / 1024 / 1024);
            return FALSE;
        }
        g_byte_array_append(output, block, length);
    }
    return status == ARCHIVE_EOF || set_damaged(reader, error);
}

GBytes *
gvir_sandbox_decompress(const guint8 *data, gsize length, gsize limit, GError **error)
{
    g_autoptr(ArchiveReader) reader = archive_read_new();
    g_autoptr(GByteArray) output = g_byte_array_new();
    struct archive_entry *entry;

    /* GByteArray counts in 32 bits. */
    limit = MIN(limit, G_MAXINT32);

    add_filters(reader);
    if (archive_read_open_memory(reader, data, length) != ARCHIVE_OK ||
        archive_read_next_header(reader, &entry) != ARCHIVE_OK) {
        set_damaged(reader, error);
        return NULL;
    }
    /* The last "filter" is the input itself: no other means that the data was not recognized. */
    if (archive_filter_count(reader) < 2) {
        g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                            _("compressed in a way that libarchive cannot read here"));
        return NULL;
    }
    if (!read_all(reader, output, limit, error))
        return NULL;
    return g_byte_array_free_to_bytes(g_steal_pointer(&output));
}
