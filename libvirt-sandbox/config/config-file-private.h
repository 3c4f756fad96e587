/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"

/* The saved description that @data is, whatever bytes these are. */
GVirSandboxConfig *gvir_sandbox_config_load_from_bytes(const gchar *data, gsize length, GError **error);
