/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "libvirt-sandbox/guest/change.h"
#include "libvirt-sandbox/util/new-file-private.h"

/*
 * A file with changes in the form of a layer of an OCI image: a tar, with deletions as files whose name
 * starts with ".wh.".
 */
typedef struct _GVirSandboxLayer GVirSandboxLayer;

/* Opens @file. */
GVirSandboxLayer *gvir_sandbox_layer_new(GVirSandboxNewFile *file, GError **error);
/* Of the file only what was written is left, and its name is not taken. */
void gvir_sandbox_layer_free(GVirSandboxLayer *layer);

/* The bytes of its extents, if it has any, follow in any number of pieces. */
gboolean gvir_sandbox_layer_add(GVirSandboxLayer *layer, const struct guest_change *change, GError **error);
gboolean gvir_sandbox_layer_add_data(GVirSandboxLayer *layer, const guint8 *data, gsize length, GError **error);
/* All of it is written. */
gboolean gvir_sandbox_layer_end(GVirSandboxLayer *layer, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxLayer, gvir_sandbox_layer_free)
