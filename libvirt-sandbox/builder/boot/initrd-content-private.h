/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "libvirt-sandbox/builder/boot/initrd-archive-private.h"

G_BEGIN_DECLS

/* In every initrd: the modules' paths in it, one a line, in the order to load them. */
#define GVIR_SANDBOX_INITRD_MODULES_DIRECTORY "modules"
#define GVIR_SANDBOX_INITRD_MODULES_ORDER "modules/order"

/* Writes to @fd (@path, for the messages) the initrd that the kernel starts @init from: the program
 * as /init, @modules (of GVirSandboxModule) unpacked as /modules/NAME.ko, /dev/console, and empty
 * /proc and /sys. */
gboolean gvir_sandbox_initrd_content_write(int fd, const gchar *path, const gchar *init, GPtrArray *modules,
                                           GCancellable *cancellable, GError **error);

/* The paths in the initrd of @modules, in the order to load them, a line each. */
gchar *gvir_sandbox_initrd_content_list_modules(GPtrArray *modules);

G_END_DECLS
