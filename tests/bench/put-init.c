/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * put-init INITRD PROGRAM
 *
 * Appends PROGRAM as /init to INITRD: the kernel unpacks one archive after the other, and the last file of a
 * name is the one that stays.
 */

#include "libvirt-sandbox/builder/boot/initrd-archive-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static gboolean
put_init(int fd, const gchar *initrd, const gchar *program, GError **error)
{
    g_autoptr(GVirSandboxInitrdArchive) archive = NULL;
    g_autofree gchar *content = NULL;
    gsize length;

    if (!g_file_get_contents(program, &content, &length, error))
        return FALSE;
    archive = gvir_sandbox_initrd_archive_new(fd, initrd, error);
    return archive && gvir_sandbox_initrd_archive_add_file(archive, "init", 0755, content, length, error) &&
           gvir_sandbox_initrd_archive_finish(archive, error);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    int fd;

    if (argc != 3) {
        g_printerr("usage: put-init INITRD PROGRAM\n");
        return 2;
    }
    fd = open(argv[1], O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0) {
        g_printerr("put-init: %s: %s\n", argv[1], g_strerror(errno));
        return 1;
    }
    if (!put_init(fd, argv[1], argv[2], &error)) {
        g_printerr("put-init: %s\n", error->message);
        return 1;
    }
    close(fd);
    return 0;
}
