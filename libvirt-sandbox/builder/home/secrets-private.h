/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"

/* What is hidden of what the lists of secrets name: where it is in the root, and where a mount of the host's
 * directories shows it. */

/* From then on @config knows them. */
gboolean gvir_sandbox_secrets_check(GVirSandboxConfig *config, GError **error);
/* All that is hidden: what @config names itself, and its secrets. */
GStrv gvir_sandbox_secrets_add_to_hidden(GVirSandboxConfig *config);
