/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/storage/storage-private.h"
#include "libvirt-sandbox/guest/manifest.h"

/* The images of a container: block devices of the host that its init is given, loop devices of ours for
 * those that are files, with the locks that keep others off. */
typedef struct _GVirSandboxContainerImages GVirSandboxContainerImages;

/* What only a container refuses: UNSUPPORTED. */
gboolean gvir_sandbox_container_images_check(GVirSandboxConfig *config, GError **error);

GVirSandboxContainerImages *gvir_sandbox_container_images_attach(const GVirSandboxStorage *storage, GError **error);
void gvir_sandbox_container_images_free(GVirSandboxContainerImages *images);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxContainerImages, gvir_sandbox_container_images_free)

void gvir_sandbox_container_images_append(GString *xml, const GVirSandboxContainerImages *images);
void gvir_sandbox_container_images_append_manifest(struct guest_manifest_text *text,
                                                   const GVirSandboxContainerImages *images);
