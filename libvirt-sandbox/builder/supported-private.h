/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/builder.h"

/* What the builders cannot do yet is said before anything is made. */
gboolean gvir_sandbox_builder_check_supported(GVirSandboxConfig *config, GError **error);
