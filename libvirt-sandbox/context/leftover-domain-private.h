/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>

/* Has libvirt forget the containers of ours that ended while no libvirtd was there to see it: one that was
 * killed and runs again goes on listing them, and starts no other of that name. @base: where the state of
 * sandboxes is. */
void gvir_sandbox_leftover_domains_forget(GVirConnection *connection, const gchar *base);
