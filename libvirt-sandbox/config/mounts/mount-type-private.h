/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/format/keyfile-private.h"
#include "libvirt-sandbox/config/mounts/mount.h"

/* The mount that the option text TYPE:TARGET=SOURCE[,OPTION...] says. */
GVirSandboxConfigMount *gvir_sandbox_config_mount_parse(const gchar *text, GError **error);

/* The mount that GROUP of a saved description holds. */
GVirSandboxConfigMount *gvir_sandbox_config_mount_load(GVirSandboxKeyfile *file, const gchar *group, GError **error);
