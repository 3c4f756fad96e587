/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"

/*
 * What the root of a sandbox is: the directory of the root setting, or what a mount on / says, a directory
 * or an image.
 */

gboolean gvir_sandbox_root_is_target(const gchar *target);

/* The host's directory that is the root; NULL where it is an image. */
gchar *gvir_sandbox_root_dup_directory(GVirSandboxConfig *config);
/* Whether what the program writes to its root goes to that directory. */
gboolean gvir_sandbox_root_is_written(GVirSandboxConfig *config);

/* Says what can be known wrong with the root before anything is made: NOT_FOUND, INVALID. */
gboolean gvir_sandbox_root_check(GVirSandboxConfig *config, GError **error);
