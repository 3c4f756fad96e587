/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/console/raw-link-private.h"
#include "libvirt-sandbox/console/raw.h"

/* The console is the socket @path of a machine, and libvirt is not asked for it. */
void gvir_sandbox_console_raw_set_socket(GVirSandboxConsoleRaw *raw, const gchar *path);

/* A link to what the console shows, for another reader than the console itself. */
GVirSandboxRawLink *gvir_sandbox_console_raw_open_link(GVirSandboxConsoleRaw *raw, GVirSandboxRawLinkHandler handler,
                                                       gpointer user_data, GError **error);
