/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/config/config.h"
#include <libvirt-gobject/libvirt-gobject.h>
#include <libvirt/libvirt.h>

/* What this host and connection offer a machine. */

/* Whether the machine can have hardware virtualization, or must be emulated. UNSUPPORTED where it was asked
 * for and libvirt does not offer it. @reason, which may be NULL, is why it was not chosen, or set to NULL. */
gboolean gvir_sandbox_virtualization_choose(GVirConnection *connection, GVirSandboxConfig *config, gboolean *emulated,
                                            const gchar **reason, GError **error);

/* What speaks against hardware virtualization, with what helps, for people, or NULL. */
const gchar *gvir_sandbox_virtualization_find_obstacle(GVirConnection *connection, GVirSandboxConfig *config);

/* So that this host is not asked: KVM can be had with the connection, or @obstacle is why it cannot. */
void gvir_sandbox_virtualization_set_obstacle(GVirConnection *connection, const gchar *obstacle);

/* Whom the driver runs QEMU as, where that is somebody else than us; FALSE where it is us. */
gboolean gvir_sandbox_virtualization_get_qemu_user(GVirConnection *connection, guint *uid, guint *gid);

/* So that the driver, which would look at all emulators of this host for it, need not be asked. */
void gvir_sandbox_virtualization_set_qemu_user(GVirConnection *connection, guint uid, guint gid);

/* What libvirt knows of the program that would run the machine, as XML; NULL where there is none. */
gchar *gvir_sandbox_virtualization_describe_emulator(virConnectPtr handle, GVirSandboxConfig *config);
