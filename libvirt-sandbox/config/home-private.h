/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"
#include "libvirt-sandbox/config/fields-private.h"
#include "libvirt-sandbox/config/format/keyfile-private.h"

/* The program's home directory: with a private home one that can be private. */
gchar *gvir_sandbox_config_dup_home(GVirSandboxConfig *config);
/* What is copied into the private home: from the path below it to the file of the host. */
GHashTable *gvir_sandbox_config_get_home_includes(GVirSandboxConfig *config);

/* What is included in the private home, in the groups [home.include.N]. */
gboolean gvir_sandbox_config_load_home_includes(GVirSandboxConfigPrivate *priv, GVirSandboxKeyfile *file,
                                                GError **error);
void gvir_sandbox_config_save_home_includes(GVirSandboxConfigPrivate *priv, GKeyFile *file);
gboolean gvir_sandbox_config_check_home_includes(GVirSandboxConfigPrivate *priv, GError **error);
