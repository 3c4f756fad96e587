/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"

/*
 * What a sandbox has of the host's files and disks besides its root, the same for every driver: the lists
 * that a builder writes into the domain and the manifest. Every path in them can be put into XML.
 */

/* A host directory, or a file, that is mounted. */
typedef struct {
    gchar *source;
    gchar *target;
    gboolean read_only;
    gboolean is_file;
    gboolean temporary; /* made for this sandbox, for anybody in it to write */
} GVirSandboxStorageBind;

/* A directory whose content is copied into the mount @target when that is there. */
typedef struct {
    gchar *source;
    gchar *target;
} GVirSandboxStorageInclude;

/* A file or block device of the host that is a disk (@tag), or whose file system is mounted (@target), on / as the
 * root and only to be read. */
typedef struct {
    gchar *source;
    const gchar *format; /* as libvirt names it */
    gboolean block;
    gboolean read_only;
    gchar *tag;
    gchar *target;
    gboolean root;
    gboolean overlay; /* neither: what is written to the root goes there */
} GVirSandboxStorageImage;

typedef struct {
    GPtrArray *binds;
    GPtrArray *includes;
    GPtrArray *images;
} GVirSandboxStorage;

/* Who serves the files to the guest where that is another than this process; 0 and 0: nobody. */
typedef struct {
    guint uid;
    guint gid;
} GVirSandboxStorageServer;

/* Makes what is to be made on the host: temporary directories, and copies of what is included. All of it
 * goes with @statedir. */
GVirSandboxStorage *gvir_sandbox_storage_prepare(GVirSandboxConfig *config, const gchar *statedir,
                                                 const GVirSandboxStorageServer *server, GError **error);
void gvir_sandbox_storage_free(GVirSandboxStorage *storage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxStorage, gvir_sandbox_storage_free)

/* The images that the configuration names, as storage has them; their sources are as they were given. */
GPtrArray *gvir_sandbox_storage_list_images(GVirSandboxConfig *config);
