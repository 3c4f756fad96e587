/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Some systems come to their own programs and drivers by a symbolic link in /run, as NixOS does by
 * /run/current-system. A sandbox has a /run of its own, and these links in it.
 */
typedef struct {
    const gchar *name; /* in /run */
    gchar *target;
} GVirSandboxRunLink;

/* Those that the directory @root has. They are only read: where they lead the sandbox's own root says. */
GPtrArray *gvir_sandbox_run_links_find(const gchar *root);
