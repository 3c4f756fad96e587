/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/file-private.h"

#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/new-file-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536

typedef gint Descriptor;

static void
descriptor_close(Descriptor *fd)
{
    if (*fd >= 0)
        close(*fd);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Descriptor, descriptor_close)

static gboolean
set_errno(GError **error, int saved_errno, const gchar *path)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(path);

    gvir_sandbox_error_set_errno(error, saved_errno, "%s", shown);
    return FALSE;
}

gchar *
gvir_sandbox_file_read(const gchar *path, gsize maximum, gsize *length, GError **error)
{
    g_auto(Descriptor) fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    g_autoptr(GByteArray) data = g_byte_array_new();
    g_autofree guint8 *chunk = g_malloc(CHUNK);

    if (fd < 0) {
        set_errno(error, errno, path);
        return NULL;
    }
    for (;;) {
        gssize got = read(fd, chunk, CHUNK);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            set_errno(error, errno, path);
            return NULL;
        }
        if (got == 0)
            break;
        if ((gsize)got > maximum - data->len) {
            g_autofree gchar *shown = gvir_sandbox_text_show(path);

            gvir_sandbox_text_invalid(error, _("%s: larger than %" G_GSIZE_FORMAT " bytes"), shown, maximum);
            return NULL;
        }
        g_byte_array_append(data, chunk, (guint)got);
    }
    *length = data->len;
    g_byte_array_append(data, (const guint8 *)"", 1);
    return (gchar *)g_byte_array_free(g_steal_pointer(&data), FALSE);
}

gchar **
gvir_sandbox_file_read_lines(const gchar *path, gsize maximum, GError **error)
{
    gsize length;
    g_autofree gchar *data = gvir_sandbox_file_read(path, maximum, &length, error);

    if (!data)
        return NULL;
    if (strlen(data) != length) {
        g_autofree gchar *shown = gvir_sandbox_text_show(path);

        gvir_sandbox_text_invalid(error, _("%s: it is not a text"), shown);
        return NULL;
    }
    return g_strsplit(data, "\n", -1);
}

gboolean
gvir_sandbox_file_write_all(int fd, const gchar *data, gsize length)
{
    while (length > 0) {
        gssize written = write(fd, data, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return FALSE;
        data += written;
        length -= (gsize)written;
    }
    return TRUE;
}

static gboolean
write_in_place(const gchar *path, const gchar *data, gsize length, GError **error)
{
    g_auto(Descriptor) fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0 || !gvir_sandbox_file_write_all(fd, data, length))
        return set_errno(error, errno, path);
    return TRUE;
}

static gboolean
replace(const gchar *path, const gchar *data, gsize length, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(path);
    g_autoptr(GVirSandboxNewFile) file = gvir_sandbox_new_file_hold(shown, path, error);
    int fd = file ? gvir_sandbox_new_file_open(file, error) : -1;

    if (fd < 0)
        return FALSE;
    if (gvir_sandbox_file_write_all(fd, data, length) ? gvir_sandbox_new_file_complete(file, error)
                                                      : set_errno(error, errno, path))
        return TRUE;
    gvir_sandbox_new_file_abandon(file);
    return FALSE;
}

gboolean
gvir_sandbox_file_replace(const gchar *path, const gchar *data, gsize length, GError **error)
{
    g_autofree gchar *resolved = NULL;
    struct stat status;

    if (stat(path, &status) < 0)
        return replace(path, data, length, error);
    if (!S_ISREG(status.st_mode))
        return write_in_place(path, data, length, error);
    /* A link goes on pointing to what it points to. */
    resolved = realpath(path, NULL);
    return replace(resolved ? resolved : path, data, length, error);
}
