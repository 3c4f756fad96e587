/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>

/* A libvirt connection URI, as far as a sandbox needs to know it. */
typedef struct {
    gchar *driver; /* "qemu", "lxc", … */
    gchar *path;   /* "system", "session", "embed" or "" */
    gchar *root;   /* of an embedded driver its directory, else NULL */
    gchar *socket; /* of the daemon, where the URI names it */
} GVirSandboxDriver;

/* INVALID for what is no URI, UNSUPPORTED for a remote host: its files are not ours. */
GVirSandboxDriver *gvir_sandbox_driver_parse(const gchar *uri, GError **error);
/* The same for the URI of an open connection. */
GVirSandboxDriver *gvir_sandbox_driver_of_connection(GVirConnection *connection, GError **error);
void gvir_sandbox_driver_free(GVirSandboxDriver *driver);
gboolean gvir_sandbox_driver_is_embedded(const GVirSandboxDriver *driver);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxDriver, gvir_sandbox_driver_free)
