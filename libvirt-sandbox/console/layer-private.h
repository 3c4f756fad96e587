/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "libvirt-sandbox/guest/change.h"

/*
 * A file with changes in the form of a layer of an OCI image: a tar, with deletions as files whose name
 * starts with ".wh.". It appears when it is finished, or not at all.
 */
typedef struct _GVirSandboxLayer GVirSandboxLayer;

/* Whether there can be a file @path, as far as can be known before. */
gboolean gvir_sandbox_layer_check(const gchar *path, GError **error);

GVirSandboxLayer *gvir_sandbox_layer_new(const gchar *path, GError **error);
/* A file that is not finished is gone. */
void gvir_sandbox_layer_free(GVirSandboxLayer *layer);

/* The bytes of its extents, if it has any, follow in any number of pieces. */
gboolean gvir_sandbox_layer_add(GVirSandboxLayer *layer, const struct guest_change *change, GError **error);
gboolean gvir_sandbox_layer_add_data(GVirSandboxLayer *layer, const guint8 *data, gsize length, GError **error);
/* On the disk, and under its name. */
gboolean gvir_sandbox_layer_finish(GVirSandboxLayer *layer, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxLayer, gvir_sandbox_layer_free)
