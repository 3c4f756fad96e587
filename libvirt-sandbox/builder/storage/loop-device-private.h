/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A loop device over a raw image: it is there as long as somebody has it open, @fd being the first. */
typedef struct {
    gchar *path; /* "/dev/loop0" */
    int fd;
    gboolean configured; /* so that it is ours to take away */
} GVirSandboxLoopDevice;

/* DENIED, NOT_FOUND or UNSUPPORTED where the host has no loop devices for us. */
GVirSandboxLoopDevice *gvir_sandbox_loop_device_new(const gchar *file, gboolean read_only, GError **error);
void gvir_sandbox_loop_device_free(GVirSandboxLoopDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxLoopDevice, gvir_sandbox_loop_device_free)
