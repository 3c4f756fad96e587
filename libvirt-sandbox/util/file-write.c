/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/file-write-private.h"

#include "libvirt-sandbox/util/error-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define COPY_CHUNK ((size_t)1024 * 1024 * 1024)
#define READ_CHUNK 65536

int
gvir_sandbox_file_create(const gchar *path, guint mode, GError **error)
{
    int fd = g_open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

    if (fd < 0)
        gvir_sandbox_error_set_errno(error, errno, "%s", path);
    return fd;
}

gboolean
gvir_sandbox_file_write_fd(int fd, const gchar *path, gconstpointer data, gsize length, GError **error)
{
    const guint8 *rest = data;

    while (length > 0) {
        gssize count = TEMP_FAILURE_RETRY(write(fd, rest, length));

        if (count < 0) {
            gvir_sandbox_error_set_errno(error, errno, "%s", path);
            return FALSE;
        }
        rest += count;
        length -= count;
    }
    return TRUE;
}

gboolean
gvir_sandbox_file_write(const gchar *path, guint mode, gconstpointer data, gsize length, GError **error)
{
    int fd = gvir_sandbox_file_create(path, mode, error);
    gboolean fine;

    if (fd < 0)
        return FALSE;
    fine = gvir_sandbox_file_write_fd(fd, path, data, length, error);
    if (close(fd) < 0 && fine) {
        gvir_sandbox_error_set_errno(error, errno, "%s", path);
        fine = FALSE;
    }
    return fine;
}

static gssize
read_and_write(int from, int to)
{
    g_autofree guint8 *buffer = g_malloc(READ_CHUNK);
    gssize count = TEMP_FAILURE_RETRY(read(from, buffer, READ_CHUNK));

    for (gssize done = 0, written; done < count; done += written) {
        written = TEMP_FAILURE_RETRY(write(to, buffer + done, count - done));
        if (written < 0)
            return -1;
    }
    return count;
}

/* Where the kernel cannot, or says that there is nothing to copy, as it does of files in /proc and of some in FUSE
 * that have no size, reading knows. */
static gssize
copy_some(int from, int to)
{
    gssize count = TEMP_FAILURE_RETRY(copy_file_range(from, NULL, to, NULL, COPY_CHUNK, 0));

    if (count == 0 ||
        (count < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP || errno == EBADF)))
        count = read_and_write(from, to);
    return count;
}

gboolean
gvir_sandbox_file_copy_fd(const gchar *from, int fd, const gchar *path, GError **error)
{
    int source = g_open(from, O_RDONLY | O_CLOEXEC, 0);
    gssize count;

    if (source < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", from);
        return FALSE;
    }
    do
        count = copy_some(source, fd);
    while (count > 0);
    if (count < 0)
        gvir_sandbox_error_set_errno(error, errno, "%s", path);
    close(source);
    return count == 0;
}

gboolean
gvir_sandbox_file_copy(const gchar *from, const gchar *path, guint mode, GError **error)
{
    int fd = gvir_sandbox_file_create(path, mode, error);
    gboolean fine;

    if (fd < 0)
        return FALSE;
    fine = gvir_sandbox_file_copy_fd(from, fd, path, error);
    if (close(fd) < 0 && fine) {
        gvir_sandbox_error_set_errno(error, errno, "%s", path);
        fine = FALSE;
    }
    return fine;
}
