/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/format/keyfile-private.h"

/* A program and its arguments, in the group [command] of a saved description. */

/* What is run where nothing else was said. */
gchar **gvir_sandbox_command_new_default(void);
gchar **gvir_sandbox_command_load(GVirSandboxKeyfile *file, GError **error);
void gvir_sandbox_command_save(gchar **argv, GKeyFile *file);
gboolean gvir_sandbox_command_check(gchar **argv, GError **error);
