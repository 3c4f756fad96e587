/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/builder.h"

/*
 * The persistent domain of a service. All that it needs lies in a directory of its own, which is there as
 * long as it is defined: /var/lib/libvirt-sandbox/DRIVER/NAME, or for ordinary users the same below
 * $XDG_DATA_HOME.
 */

/* Whether libvirt knows a domain @name that was made by gvir_sandbox_service_domain_define(). */
gboolean gvir_sandbox_service_domain_exists(GVirConnection *connection, const gchar *name);

/* BUSY where there is a domain of that name, UNSUPPORTED for an embedded driver; DENIED, CONNECTION, FAILED
 * and what the builder sets. */
gboolean gvir_sandbox_service_domain_define(GVirConnection *connection, GVirSandboxConfig *config,
                                            GVirSandboxBuilder *builder, GError **error);

/* NOT_FOUND, STATE for a domain that runs or was not made here, BUSY, CONNECTION, FAILED. */
gboolean gvir_sandbox_service_domain_undefine(GVirConnection *connection, const gchar *name, GError **error);
