/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config-private.h"

/* Between the files that the class is made of. */

enum {
    PROP_NAME = 1,
    PROP_UUID,
    PROP_ROOT,
    PROP_ARCH,
    PROP_KERNRELEASE,
    PROP_KERNPATH,
    PROP_KMODPATH,
    PROP_SHELL,
    PROP_DEBUG,
    PROP_VERBOSE,
    PROP_MEMORY,
    PROP_CPUS,
    PROP_VIRT_TYPE,
    PROP_WORKDIR,
    PROP_WORKDIR_OPTIONAL,
    PROP_TIMEOUT,
    PROP_OVERLAY,
    PROP_OVERLAY_DIR,
    PROP_CHANGES,
    PROP_UID,
    PROP_GID,
    PROP_USERNAME,
    PROP_HOMEDIR,
    PROP_PRIVILEGED,
    PROP_PRIVATE_HOME,
    PROP_HOME_SIZE,
    PROP_HIDE_SECRETS,
    PROP_SECURITY_LABEL,
    PROP_SECURITY_DYNAMIC,
    PROP_SECCOMP,
    GVIR_SANDBOX_CONFIG_N_PROPERTIES,
};

extern GParamSpec *gvir_sandbox_config_properties[GVIR_SANDBOX_CONFIG_N_PROPERTIES];

gchar *gvir_sandbox_config_host_arch(void);

/* The settings of overlay.c, in the group [core]. */
gboolean gvir_sandbox_config_load_overlay(GVirSandboxConfigPrivate *priv, GVirSandboxKeyfile *file, GError **error);
void gvir_sandbox_config_save_overlay(GVirSandboxConfigPrivate *priv, GKeyFile *file);
gboolean gvir_sandbox_config_check_overlay(GVirSandboxConfigPrivate *priv, GError **error);

/* The list of hidden.c, in the group [core]. */
gboolean gvir_sandbox_config_load_hidden(GVirSandboxConfigPrivate *priv, GVirSandboxKeyfile *file, GError **error);
void gvir_sandbox_config_save_hidden(GVirSandboxConfigPrivate *priv, GKeyFile *file);
gboolean gvir_sandbox_config_check_hidden(GVirSandboxConfigPrivate *priv, GError **error);

/* The settings of home.c, in the groups [core] and [home.include.N]. */
gboolean gvir_sandbox_config_load_home(GVirSandboxConfigPrivate *priv, GVirSandboxKeyfile *file, GError **error);
void gvir_sandbox_config_save_home(GVirSandboxConfigPrivate *priv, GKeyFile *file);
gboolean gvir_sandbox_config_check_home(GVirSandboxConfigPrivate *priv, GError **error);

gboolean gvir_sandbox_config_real_load(GVirSandboxConfig *config, GVirSandboxKeyfile *file, GError **error);
void gvir_sandbox_config_real_save(GVirSandboxConfig *config, GKeyFile *file);
gboolean gvir_sandbox_config_real_check(GVirSandboxConfig *config, GError **error);
