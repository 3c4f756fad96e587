/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/overlay/overlay-directory-private.h"
#include "libvirt-sandbox/builder/storage/storage-private.h"

#include <libvirt-gobject/libvirt-gobject.h>

/*
 * What QEMU shows a machine of the host's directories: trees made for it, in a mount namespace of a process
 * of ours (libvirt-sandbox-export), in which all is covered that is not the machine's to see. Where that
 * cannot be, the directories as they are.
 */
typedef struct _GVirSandboxExport GVirSandboxExport;

typedef struct {
    GVirConnection *connection;
    GVirSandboxConfig *config;
    const gchar *statedir;
    const GVirSandboxStorage *storage;
    const GVirSandboxOverlayDirectory *overlay; /* or NULL */
    gboolean lasting;                           /* QEMU is started later, without us */
} GVirSandboxExportRequest;

/* Begins to make the trees, which may be done beside other work. */
GVirSandboxExport *gvir_sandbox_export_new(const GVirSandboxExportRequest *request, GError **error);
/* Waits until they are made. */
gboolean gvir_sandbox_export_await(GVirSandboxExport *export, GError **error);
/* Why there are none; NULL: there are. */
const gchar *gvir_sandbox_export_get_obstacle(const GVirSandboxExport *export);
/* Where QEMU finds the directory @source that it shows as @tag. */
gchar *gvir_sandbox_export_path(const GVirSandboxExport *export, const gchar *tag, const gchar *source);
/* QEMU keeps what it has opened. */
void gvir_sandbox_export_free(GVirSandboxExport *export);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxExport, gvir_sandbox_export_free)

/* Why a machine of @config would get none; NULL: it would. */
gchar *gvir_sandbox_export_find_obstacle(GVirConnection *connection, GVirSandboxConfig *config);
