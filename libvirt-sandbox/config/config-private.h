/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"
#include "libvirt-sandbox/config/format/keyfile-private.h"
#include "libvirt-sandbox/config/settings-private.h"

GVirSandboxConfigPrivate *gvir_sandbox_config_get_private(GVirSandboxConfig *config);

/* What a class of descriptions has beyond what all have: each may be NULL. */
typedef struct {
    gboolean (*load)(GVirSandboxConfig *config, GVirSandboxKeyfile *file, GError **error);
    void (*save)(GVirSandboxConfig *config, GKeyFile *file);
    gboolean (*check)(GVirSandboxConfig *config, GError **error);
} GVirSandboxConfigHooks;

/* They are in the private part of @class, so that the public structure does not show them. */
GVirSandboxConfigHooks *gvir_sandbox_config_class_get_hooks(GVirSandboxConfigClass *class);
