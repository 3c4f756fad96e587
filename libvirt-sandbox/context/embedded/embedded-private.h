/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>

/*
 * The embedded QEMU driver: libvirt inside our process, without a daemon. It wants a directory of its own
 * for each process, and nobody but us ends its machines when the process is killed.
 */

/* The URI of this process's embedded driver, its directory made and watched over. @qemu_user: whom root's
 * machines run as; NULL for the usual one. BUSY where the process has it for another user already. */
gchar *gvir_sandbox_embedded_get_uri(const gchar *qemu_user, GError **error);

/* Makes the directory @path fit for the embedded driver that is to run in it, where it is not yet. */
gboolean gvir_sandbox_embedded_prepare(const gchar *path, const gchar *qemu_user, GError **error);
