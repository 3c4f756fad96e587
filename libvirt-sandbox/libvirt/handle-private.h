/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/error.h"

#include <libvirt-gobject/libvirt-gobject.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

/* libvirt's own handles behind the objects, for what libvirt-glib does not wrap. */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(virConnect, virConnectClose)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virDomain, virDomainFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virNetwork, virNetworkFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virNWFilter, virNWFilterFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virStream, virStreamFree)

/* References to be released; NULL where the connection is not open. */
virConnectPtr gvir_sandbox_connection_handle(GVirConnection *connection);
virDomainPtr gvir_sandbox_domain_handle(GVirDomain *domain);

/* The code for what libvirt said last in this thread. */
GVirSandboxError gvir_sandbox_handle_last_code(void);

/* Sets @error to what libvirt said last in this thread, after the text. */
void gvir_sandbox_handle_set_error(GError **error, const gchar *format, ...) G_GNUC_PRINTF(2, 3);
