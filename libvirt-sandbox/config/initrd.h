/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG_INITRD (gvir_sandbox_config_initrd_get_type())
G_DECLARE_FINAL_TYPE(GVirSandboxConfigInitrd, gvir_sandbox_config_initrd, GVIR_SANDBOX, CONFIG_INITRD, GObject)

GVirSandboxConfigInitrd *gvir_sandbox_config_initrd_new(void);

void gvir_sandbox_config_initrd_set_kver(GVirSandboxConfigInitrd *config, const gchar *version);
const gchar *gvir_sandbox_config_initrd_get_kver(GVirSandboxConfigInitrd *config);

void gvir_sandbox_config_initrd_set_kmoddir(GVirSandboxConfigInitrd *config, const gchar *kmoddir);
const gchar *gvir_sandbox_config_initrd_get_kmoddir(GVirSandboxConfigInitrd *config);

void gvir_sandbox_config_initrd_set_init(GVirSandboxConfigInitrd *config, const gchar *hostpath);
const gchar *gvir_sandbox_config_initrd_get_init(GVirSandboxConfigInitrd *config);

void gvir_sandbox_config_initrd_add_module(GVirSandboxConfigInitrd *config, const gchar *modname);
GList *gvir_sandbox_config_initrd_get_modules(GVirSandboxConfigInitrd *config);

G_END_DECLS
