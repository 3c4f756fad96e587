/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/builder.h"

/* What a container finds of what it needs on this host. */
GList *gvir_sandbox_container_validate(GVirSandboxBuilder *builder, GVirSandboxConfig *config);
