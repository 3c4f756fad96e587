/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"
#include "libvirt-sandbox/libvirt/driver-private.h"
#include <libvirt-gobject/libvirt-gobject.h>

/*
 * passt: a network of user mode that libvirt can start beside QEMU, instead of SLIRP within it. It is used
 * only where it was seen to start, and to lead no address to the host's loopback interface.
 */

#define GVIR_SANDBOX_PASST_ADDRESS "10.0.2.15"

/* What speaks against it, for people, or NULL. @nameservers is set to those that its guest can ask, else to
 * NULL. Starts passt for a moment, so only a machine that is about to be made should ask. */
const gchar *gvir_sandbox_passt_find_obstacle(GVirConnection *connection, const GVirSandboxDriver *driver,
                                              GVirSandboxConfig *config, GStrv *nameservers);

/* What makes an <interface type='user'> one of passt. */
void gvir_sandbox_passt_append_xml(GString *xml);
