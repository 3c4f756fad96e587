/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/initrd-archive-private.h"

#include "libvirt-sandbox/util/error-private.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <unistd.h>

#define BLOCK_SIZE 512

struct _GVirSandboxInitrdArchive {
    struct archive *writer;
    int fd;
    gchar *path;
    int saved_errno;  /* why the file could not be written */
    gboolean discard; /* what libarchive still writes is of no use */
};

typedef struct archive_entry ArchiveEntry;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchiveEntry, archive_entry_free)

static gboolean
set_error(GVirSandboxInitrdArchive *archive, GError **error)
{
    if (archive->saved_errno != 0)
        gvir_sandbox_error_set_errno(error, archive->saved_errno, "%s", archive->path);
    else
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_FAILED, "%s: %s", archive->path,
                    archive_error_string(archive->writer));
    return FALSE;
}

/* libarchive is not told of a failure, after which it would not free all that it has. */
static la_ssize_t
write_block(struct archive *writer G_GNUC_UNUSED, void *user_data, const void *data, size_t length)
{
    GVirSandboxInitrdArchive *archive = user_data;
    const guint8 *rest = data;
    const guint8 *end = rest + length;

    while (rest < end && archive->saved_errno == 0 && !archive->discard) {
        gssize count = TEMP_FAILURE_RETRY(write(archive->fd, rest, end - rest));

        if (count < 0)
            archive->saved_errno = errno;
        else
            rest += count;
    }
    return length;
}

GVirSandboxInitrdArchive *
gvir_sandbox_initrd_archive_new(int fd, const gchar *path, GError **error)
{
    g_autoptr(GVirSandboxInitrdArchive) archive = g_new0(GVirSandboxInitrdArchive, 1);
    struct archive *writer = archive_write_new();

    archive->writer = writer;
    archive->fd = fd;
    archive->path = g_strdup(path);
    if (archive_write_set_format_cpio_newc(writer) != ARCHIVE_OK ||
        archive_write_add_filter_none(writer) != ARCHIVE_OK ||
        archive_write_set_bytes_per_block(writer, 128 * BLOCK_SIZE) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(writer, BLOCK_SIZE) != ARCHIVE_OK ||
        archive_write_open(writer, archive, NULL, write_block, NULL) != ARCHIVE_OK) {
        set_error(archive, error);
        return NULL;
    }
    return g_steal_pointer(&archive);
}

/* The writer numbers the inodes itself; a file without one would get 0. */
static ArchiveEntry *
new_entry(const gchar *path, guint type, guint mode)
{
    ArchiveEntry *entry = archive_entry_new();

    archive_entry_set_pathname(entry, path);
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, mode);
    archive_entry_set_uid(entry, 0);
    archive_entry_set_gid(entry, 0);
    archive_entry_set_nlink(entry, 1);
    archive_entry_set_mtime(entry, 0, 0);
    archive_entry_set_ino(entry, 1);
    archive_entry_set_size(entry, 0);
    return entry;
}

static gboolean
write_header(GVirSandboxInitrdArchive *archive, ArchiveEntry *entry, GError **error)
{
    return (archive_write_header(archive->writer, entry) == ARCHIVE_OK && archive->saved_errno == 0) ||
           set_error(archive, error);
}

gboolean
gvir_sandbox_initrd_archive_add_directory(GVirSandboxInitrdArchive *archive, const gchar *path, guint mode,
                                          GError **error)
{
    g_autoptr(ArchiveEntry) entry = new_entry(path, AE_IFDIR, mode);

    return write_header(archive, entry, error);
}

gboolean
gvir_sandbox_initrd_archive_add_file(GVirSandboxInitrdArchive *archive, const gchar *path, guint mode,
                                     gconstpointer data, gsize length, GError **error)
{
    g_autoptr(ArchiveEntry) entry = new_entry(path, AE_IFREG, mode);
    gsize written = 0;

    archive_entry_set_size(entry, length);
    if (!write_header(archive, entry, error))
        return FALSE;
    while (written < length) {
        la_ssize_t count = archive_write_data(archive->writer, (const gchar *)data + written, length - written);

        if (count <= 0)
            return set_error(archive, error);
        written += count;
    }
    return TRUE;
}

gboolean
gvir_sandbox_initrd_archive_add_character_device(GVirSandboxInitrdArchive *archive, const gchar *path, guint mode,
                                                 guint major, guint minor, GError **error)
{
    g_autoptr(ArchiveEntry) entry = new_entry(path, AE_IFCHR, mode);

    archive_entry_set_rdevmajor(entry, major);
    archive_entry_set_rdevminor(entry, minor);
    return write_header(archive, entry, error);
}

gboolean
gvir_sandbox_initrd_archive_finish(GVirSandboxInitrdArchive *archive, GError **error)
{
    return (archive_write_close(archive->writer) == ARCHIVE_OK && archive->saved_errno == 0) ||
           set_error(archive, error);
}

void
gvir_sandbox_initrd_archive_free(GVirSandboxInitrdArchive *archive)
{
    /* Freeing would write the end of an archive that was given up. */
    archive->discard = TRUE;
    archive_write_free(archive->writer);
    g_free(archive->path);
    g_free(archive);
}
