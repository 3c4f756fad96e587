/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"
#include "libvirt-sandbox/config/mounts/mount.h"
#include "libvirt-sandbox/guest/manifest.h"

/*
 * A private home: a file system in memory on the program's home directory. The toolchains that the real one has
 * are bound into it by init, which finds them before it is covered.
 */

/* Whether there can be one, if one is asked for; from then on @config knows its toolchains. */
gboolean gvir_sandbox_home_check(GVirSandboxConfig *config, GError **error);
/* Where in the root it is: the home directory without symbolic links on the way. NULL: there is none. */
gchar *gvir_sandbox_home_dup_target(GVirSandboxConfig *config);
/* The mount that has what is included in it, or NULL. */
GVirSandboxConfigMount *gvir_sandbox_home_make_mount(GVirSandboxConfig *config);
/* The paths of its toolchains below it. */
const gchar *const *gvir_sandbox_home_get_toolchains(GVirSandboxConfig *config);
void gvir_sandbox_home_append_manifest(struct guest_manifest_text *text, GVirSandboxConfig *config);
