/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/builder.h"
#include "libvirt-sandbox/context/running-domain-private.h"
#include "libvirt-sandbox/context/state-private.h"

/* The steps from a configuration to a running domain. */

/* The builder for the connection. Everything of @config that can be known wrong is said here, before
 * anything is made. */
GVirSandboxBuilder *gvir_sandbox_creation_choose_builder(GVirConnection *connection, GVirSandboxConfig *config,
                                                         GError **error);

/* The directory for the files of the sandbox @name, of @builder; what others left is swept first. */
GVirSandboxState *gvir_sandbox_creation_make_state(GVirSandboxBuilder *builder, const gchar *name, GError **error);

/* The domain's description as XML, and the files that it names in @directory. */
gchar *gvir_sandbox_creation_describe(GVirSandboxBuilder *builder, GVirSandboxConfig *config, const gchar *directory,
                                      GError **error);

/* Creates the domain. @descriptor: set to our end of the socket to its init, or to -1. */
GVirSandboxRunningDomain *gvir_sandbox_creation_run(GVirConnection *connection, GVirSandboxConfig *config,
                                                    GVirSandboxBuilder *builder, const gchar *xml, int *descriptor,
                                                    GError **error);

/* Ends what a lost or dead libvirtd has left of the domain, so that its state can be removed. */
void gvir_sandbox_creation_clear(GVirSandboxBuilder *builder, GVirSandboxState *state);

/* Two may have found an image free at the same moment: then it fails in the driver, for one of them, and
 * @error is made to say so. Once our own locks are released, which would be taken for another's. */
void gvir_sandbox_creation_find_busy(GVirSandboxBuilder *builder, GVirSandboxConfig *config, GError **error);
