/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "tests/unit/initrd-listing.h"

#include <archive.h>
#include <archive_entry.h>

static void
add_entry(GString *listing, struct archive_entry *entry)
{
    guint type = archive_entry_filetype(entry);

    g_assert_cmpint(archive_entry_uid(entry), ==, 0);
    g_assert_cmpint(archive_entry_gid(entry), ==, 0);
    g_assert_cmpint(archive_entry_mtime(entry), ==, 0);
    g_string_append_printf(listing, "%s %c %04o ", archive_entry_pathname(entry),
                           type == AE_IFDIR   ? 'd'
                           : type == AE_IFREG ? 'f'
                           : type == AE_IFCHR ? 'c'
                                              : '?',
                           (guint)archive_entry_perm(entry));
    if (type == AE_IFCHR)
        g_string_append_printf(listing, "%d:%d\n", (int)archive_entry_rdevmajor(entry),
                               (int)archive_entry_rdevminor(entry));
    else
        g_string_append_printf(listing, "%d\n", (int)archive_entry_size(entry));
}

gchar *
initrd_listing_read(const gchar *path, gsize skip)
{
    GString *listing = g_string_new(NULL);
    struct archive *reader = archive_read_new();
    struct archive_entry *entry;
    g_autofree gchar *content = NULL;
    gsize length;

    g_assert_true(g_file_get_contents(path, &content, &length, NULL));
    g_assert_cmpuint(length % 512, ==, 0);
    g_assert_cmpuint(length, >=, skip);
    archive_read_support_format_cpio(reader);
    g_assert_cmpint(archive_read_open_memory(reader, content + skip, length - skip), ==, ARCHIVE_OK);
    while (archive_read_next_header(reader, &entry) == ARCHIVE_OK)
        add_entry(listing, entry);
    g_assert_cmpint(archive_format(reader), ==, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC);
    archive_read_free(reader);
    return g_string_free(listing, FALSE);
}
