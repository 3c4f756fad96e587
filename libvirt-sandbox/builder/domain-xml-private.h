/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "libvirt-sandbox/builder/builder.h"

/* The elements of a domain's description that all our builders write. */

/* As many as the configuration names, or one. */
guint gvir_sandbox_domain_xml_processors(GVirSandboxConfig *config);
/* name, uuid, memory and vcpu. @memory: bytes where the configuration names none. */
void gvir_sandbox_domain_xml_append_resources(GString *xml, GVirSandboxConfig *config, guint64 memory);
/* A host directory for the guest; @accessmode NULL leaves it to libvirt. */
void gvir_sandbox_domain_xml_append_filesystem(GString *xml, const gchar *attributes, const gchar *source,
                                               const gchar *target, gboolean read_only);
/* The description as an object. */
GVirConfigDomain *gvir_sandbox_domain_xml_parse(const GString *xml, GError **error);
