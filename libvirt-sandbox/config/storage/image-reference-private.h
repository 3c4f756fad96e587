/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gconfig/libvirt-gconfig.h>

/*
 * Whether the open image @fd of @format says that some of its data is in another file, which QEMU would then
 * open: a backing file, a data file, an extent. Also what cannot be read counts as that.
 */
gboolean gvir_sandbox_image_names_other_file(int fd, GVirConfigDomainDiskFormat format);
