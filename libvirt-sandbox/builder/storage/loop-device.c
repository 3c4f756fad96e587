/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/storage/loop-device-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CONTROL "/dev/loop-control"
/* Somebody else may take the free device first, but not for ever. */
#define TRIES 64

/* A program that had the device may have taken away that it goes by itself, or made it have partitions: so it is
 * told to go, now or with the last who has it open. */
void
gvir_sandbox_loop_device_free(GVirSandboxLoopDevice *device)
{
    if (device->configured)
        (void)ioctl(device->fd, LOOP_CLR_FD);
    if (device->fd >= 0)
        close(device->fd);
    g_free(device->path);
    g_free(device);
}

static gboolean
configure(int device, int file, gboolean read_only)
{
    struct loop_config config = {
        .fd = file,
        .info.lo_flags = LO_FLAGS_AUTOCLEAR | (read_only ? LO_FLAGS_READ_ONLY : 0),
    };

    return ioctl(device, LOOP_CONFIGURE, &config) == 0;
}

static GVirSandboxLoopDevice *
take_free(int control, int file, gboolean read_only)
{
    g_autoptr(GVirSandboxLoopDevice) device = g_new0(GVirSandboxLoopDevice, 1);
    int number = ioctl(control, LOOP_CTL_GET_FREE);
    int saved_errno;

    device->fd = -1;
    if (number < 0)
        return NULL;
    device->path = g_strdup_printf("/dev/loop%d", number);
    device->fd = open(device->path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    device->configured = device->fd >= 0 && configure(device->fd, file, read_only);
    if (device->configured)
        return g_steal_pointer(&device);
    saved_errno = errno;
    g_clear_pointer(&device, gvir_sandbox_loop_device_free);
    errno = saved_errno;
    return NULL;
}

static GVirSandboxLoopDevice *
take_some(int file, gboolean read_only, GError **error)
{
    GVirSandboxLoopDevice *device = NULL;
    int control = open(CONTROL, O_RDWR | O_CLOEXEC);
    int saved_errno = errno;

    for (guint i = 0; control >= 0 && !device && i < TRIES; i++) {
        device = take_free(control, file, read_only);
        saved_errno = errno;
        if (!device && saved_errno != EBUSY)
            break;
    }
    if (control >= 0)
        close(control);
    if (!device)
        gvir_sandbox_error_set_errno(error, saved_errno, _("no loop device for it"));
    return device;
}

GVirSandboxLoopDevice *
gvir_sandbox_loop_device_new(const gchar *file, gboolean read_only, GError **error)
{
    int fd = open(file, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOCTTY);
    GVirSandboxLoopDevice *device;

    if (fd < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", file);
        return NULL;
    }
    device = take_some(fd, read_only, error);
    close(fd);
    if (!device)
        gvir_sandbox_error_prefix(error, "%s", file);
    return device;
}
