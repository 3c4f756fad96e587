/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-sandbox/libvirt-sandbox.h>

/* Makes the program run as the user who is called @name in the root that it will see. */
gboolean user_lookup_apply(GVirSandboxConfig *config, const gchar *name, GError **error);
