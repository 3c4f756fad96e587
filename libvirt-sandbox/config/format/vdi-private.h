/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gconfig/libvirt-gconfig.h>

/* A format of libvirt's that libvirt-glib has no name for. */
#define GVIR_SANDBOX_IMAGE_FORMAT_VDI ((GVirConfigDomainDiskFormat)1000)
