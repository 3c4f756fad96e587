/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"

/*
 * Whether the whole description can be meant: what the setters, which cannot fail, let pass is
 * found here. The message names the thing and its key.
 */
gboolean gvir_sandbox_config_check(GVirSandboxConfig *config, GError **error);

/* The name of an environment variable. */
gboolean gvir_sandbox_config_check_env(const gchar *key, GError **error);

/* The settings of the group [core], with what is included in the private home; messages name the key. */
gboolean gvir_sandbox_config_check_core(GVirSandboxConfig *config, GError **error);

/* Whether there is a mount of this target, or a disk of this tag, already. */
gboolean gvir_sandbox_config_check_new_target(GVirSandboxConfig *config, const gchar *target, GError **error);
gboolean gvir_sandbox_config_check_new_tag(GVirSandboxConfig *config, const gchar *tag, GError **error);
