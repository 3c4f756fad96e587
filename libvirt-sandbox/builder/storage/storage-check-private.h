/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"

/* Says what can be known wrong before anything is made: NOT_FOUND, DENIED, INVALID, BUSY. */
gboolean gvir_sandbox_storage_check(GVirSandboxConfig *config, GError **error);
