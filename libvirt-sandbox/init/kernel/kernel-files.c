/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libvirt-sandbox/init/kernel/kernel-files.h"

#include "libvirt-sandbox/init/fail.h"
#include "libvirt-sandbox/init/kernel/filesystem.h"
#include "libvirt-sandbox/init/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/*
 * A /proc for init itself. It is attached nowhere, so that nobody can cover or replace it.
 */
static int own = -1;

void
kernel_files_open(void)
{
    own = filesystem_new("proc", "proc", "", KERNEL_FILE_ATTRIBUTES);
    if (own < 0) {
        fail(GUEST_STAGE_MOUNTS, errno, "proc");
    }
}

int
kernel_files(void)
{
    return own;
}

bool
kernel_file_write(int directory, const char *path, const char *text)
{
    int fd = openat(directory, path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    int error = errno;

    if (fd >= 0) {
        close(fd);
    }
    errno = error;
    return done;
}

/* A privileged program in a machine may do everything to the machine's kernel. In a container, the kernel is the
 * host's. */
bool
kernel_files_are_protected(const struct settings *settings)
{
    return !settings->machine || !settings->privileged;
}
