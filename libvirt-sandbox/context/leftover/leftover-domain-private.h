/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>

/* Has libvirt forget the containers of ours that ended while no libvirtd was there to see it: one that was
 * killed and runs again goes on listing them, and starts no other of that name. @base: where the state of
 * sandboxes is. */
void gvir_sandbox_leftover_domains_forget(GVirConnection *connection, const gchar *base);

/* Waits until libvirt has noted that the sandbox of that name has ended, whose state the caller has locked. */
void gvir_sandbox_leftover_domain_await(GVirConnection *connection, const gchar *base, const gchar *name);
