/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/format/keyfile-private.h"
#include "libvirt-sandbox/config/storage/disk.h"

/* The disk that the option text TYPE:TAG=SOURCE[,format=FORMAT] says. */
GVirSandboxConfigDisk *gvir_sandbox_config_disk_parse(const gchar *text, GError **error);

/* The disk that GROUP of a saved description holds. */
GVirSandboxConfigDisk *gvir_sandbox_config_disk_load(GVirSandboxKeyfile *file, const gchar *group, GError **error);
void gvir_sandbox_config_disk_save(GVirSandboxConfigDisk *disk, GKeyFile *file, const gchar *group);

/* Messages name the key that is wrong. */
gboolean gvir_sandbox_config_disk_check(GVirSandboxConfigDisk *disk, GError **error);
