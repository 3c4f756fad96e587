/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>
#include <libvirt/libvirt.h>

/* What this host and connection offer a machine. */

/* What prevents hardware virtualization of a machine of the architecture @arch, with what helps, for people; NULL:
 * nothing. */
const gchar *gvir_sandbox_virtualization_find_obstacle(GVirConnection *connection, const gchar *arch);

/* The same without what speaks against it only where the choice is ours: whether libvirt and /dev/kvm allow it. */
const gchar *gvir_sandbox_virtualization_find_host_obstacle(GVirConnection *connection, const gchar *arch);

/* So that this host is not asked: KVM can be had with the connection, or @obstacle is why it cannot. */
void gvir_sandbox_virtualization_set_obstacle(GVirConnection *connection, const gchar *obstacle);

/* Whom the driver runs QEMU as, where that is somebody else than us; FALSE where it is us. */
gboolean gvir_sandbox_virtualization_get_qemu_user(GVirConnection *connection, guint *uid, guint *gid);

/* So that the driver, which would look at all emulators of this host for it, need not be asked. */
void gvir_sandbox_virtualization_set_qemu_user(GVirConnection *connection, guint uid, guint gid);

/* What libvirt knows of the program that would run a machine of the architecture @arch, as XML; NULL where there is
 * none. */
gchar *gvir_sandbox_virtualization_describe_emulator(virConnectPtr handle, const gchar *arch);
