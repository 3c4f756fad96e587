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

/* The saved description that @data is, whatever bytes these are. */
GVirSandboxConfig *gvir_sandbox_config_load_from_bytes(const gchar *data, gsize length, GError **error);

/*
 * Whether the whole description can be meant: what the setters, which cannot fail, let pass is
 * found here. The message names the thing and its key.
 */
gboolean gvir_sandbox_config_check(GVirSandboxConfig *config, GError **error);

/* The name of an environment variable. */
gboolean gvir_sandbox_config_check_env(const gchar *key, GError **error);

/* What is included in the private home, in the groups [home.include.N]. */
gboolean gvir_sandbox_config_load_home_includes(GVirSandboxConfigPrivate *priv, GVirSandboxKeyfile *file,
                                                GError **error);
void gvir_sandbox_config_save_home_includes(GVirSandboxConfigPrivate *priv, GKeyFile *file);
gboolean gvir_sandbox_config_check_home_includes(GVirSandboxConfigPrivate *priv, GError **error);

/* The settings of the group [core], with what is included in the private home; messages name the key. */
gboolean gvir_sandbox_config_check_core(GVirSandboxConfig *config, GError **error);

/* The program's home directory: with a private home one that can be private. */
gchar *gvir_sandbox_config_dup_home(GVirSandboxConfig *config);
/* What is copied into the private home: from the path below it to the file of the host. */
GHashTable *gvir_sandbox_config_get_home_includes(GVirSandboxConfig *config);

/* Whether there is a mount of this target, or a disk of this tag, already. */
gboolean gvir_sandbox_config_check_new_target(GVirSandboxConfig *config, const gchar *target, GError **error);
gboolean gvir_sandbox_config_check_new_tag(GVirSandboxConfig *config, const gchar *tag, GError **error);
