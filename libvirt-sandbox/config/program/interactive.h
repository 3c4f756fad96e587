/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/config/config.h>

G_BEGIN_DECLS

#define GVIR_SANDBOX_TYPE_CONFIG_INTERACTIVE (gvir_sandbox_config_interactive_get_type())
G_DECLARE_DERIVABLE_TYPE(GVirSandboxConfigInteractive, gvir_sandbox_config_interactive, GVIR_SANDBOX,
                         CONFIG_INTERACTIVE, GVirSandboxConfig)

/**
 * GVirSandboxConfigInteractiveClass:
 * @parent_class: the parent class
 *
 * The class of #GVirSandboxConfigInteractive.
 */
struct _GVirSandboxConfigInteractiveClass {
    GVirSandboxConfigClass parent_class;

    gpointer padding[8];
};

GVirSandboxConfigInteractive *gvir_sandbox_config_interactive_new(const gchar *name);

void gvir_sandbox_config_interactive_set_command(GVirSandboxConfigInteractive *config, gchar **argv);

void gvir_sandbox_config_interactive_set_tty(GVirSandboxConfigInteractive *config, gboolean tty);
gboolean gvir_sandbox_config_interactive_get_tty(GVirSandboxConfigInteractive *config);
gboolean gvir_sandbox_config_interactive_get_tty_asked(GVirSandboxConfigInteractive *config);
void gvir_sandbox_config_interactive_set_tty_streams(GVirSandboxConfigInteractive *config, gboolean input,
                                                     gboolean output, gboolean errors);
void gvir_sandbox_config_interactive_get_tty_streams(GVirSandboxConfigInteractive *config, gboolean *input,
                                                     gboolean *output, gboolean *errors);

G_END_DECLS
