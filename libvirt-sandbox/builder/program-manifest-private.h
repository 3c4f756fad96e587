/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"
#include "libvirt-sandbox/guest/manifest.h"

/* The parts of the manifest that do not depend on the driver. */

/* Version, driver, name, and whether init talks. */
void gvir_sandbox_manifest_append_start(struct guest_manifest_text *text, GVirSandboxConfig *config,
                                        const gchar *driver);
/* Whether the root can be written to, and what is told of it. @place: where, in the first root; "" for memory. */
void gvir_sandbox_manifest_append_overlay(struct guest_manifest_text *text, GVirSandboxConfig *config,
                                          const gchar *place);
/* Memory and guest-bind mounts; those that need the host are the builder's. */
void gvir_sandbox_manifest_append_guest_mounts(struct guest_manifest_text *text, GVirSandboxConfig *config);
/* Who runs what, where, and the end. @shell: the device of the shell console, or NULL without one. */
void gvir_sandbox_manifest_append_program(struct guest_manifest_text *text, GVirSandboxConfig *config,
                                          const gchar *shell);
