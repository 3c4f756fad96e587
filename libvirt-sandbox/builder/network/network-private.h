/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"
#include <libvirt-gobject/libvirt-gobject.h>
#include "libvirt-sandbox/guest/manifest.h"

/* The network interfaces of a domain: what they need of the host, their XML, and what init does. */

/* What can be known wrong before anything is made: the connection, the libvirt networks and filters. */
gboolean gvir_sandbox_networks_check(GVirConnection *connection, GVirSandboxConfig *config, GError **error);

/* Whether one of them is in user mode. */
gboolean gvir_sandbox_networks_has_user_mode(GVirConnection *connection, GVirSandboxConfig *config);

/* One network interface: where it is plugged in is decided. */
typedef struct {
    GVirSandboxConfigNetwork *network;
    gchar *mac;
    gchar *source;     /* the libvirt network; NULL in user mode */
    GStrv nameservers; /* with passt, those of the host; NULL with SLIRP */
} GVirSandboxInterface;

/* The interfaces of @config in their order, each with a hardware address, by which init finds it. */
GPtrArray *gvir_sandbox_interfaces_list(GVirConnection *connection, GVirSandboxConfig *config, GError **error);

/* Everything of <interface> but its end, so that a driver can add what is its own. */
void gvir_sandbox_interface_append_xml(GString *xml, const GVirSandboxInterface *interface);

void gvir_sandbox_interfaces_append_manifest(struct guest_manifest_text *text, GPtrArray *interfaces);
