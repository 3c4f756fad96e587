/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/builder.h"
#include "libvirt-sandbox/context/running-domain-private.h"
#include "libvirt-sandbox/context/state-private.h"

/* Of a sandbox that its context has left: it runs on, and ends with the connection that it was started with. Takes over
 * all but the connection and the description. */
void gvir_sandbox_left_keep(GVirConnection *connection, GVirSandboxConfig *config, GVirSandboxRunningDomain *domain,
                            GVirSandboxBuilder *builder, GVirSandboxState *state);
