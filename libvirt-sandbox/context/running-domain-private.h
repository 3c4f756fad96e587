/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt-gobject/libvirt-gobject.h>

/* A domain from its creation to its end, as a context holds it. */
typedef struct _GVirSandboxRunningDomain GVirSandboxRunningDomain;

/* Creates it transient. @autodestroy: it ends with the connection. @descriptor: given to its init as the
 * first free one, or -1. BUSY, CONNECTION, UNSUPPORTED, FAILED. */
GVirSandboxRunningDomain *gvir_sandbox_running_domain_create(GVirConnection *connection, const gchar *xml,
                                                             gboolean autodestroy, int descriptor, GError **error);
/* Starts one that is defined. NOT_FOUND, BUSY, CONNECTION, FAILED. */
GVirSandboxRunningDomain *gvir_sandbox_running_domain_start(GVirConnection *connection, const gchar *name,
                                                            GError **error);
/* Finds one that runs. NOT_FOUND, CONNECTION. */
GVirSandboxRunningDomain *gvir_sandbox_running_domain_find(GVirConnection *connection, const gchar *name,
                                                           GError **error);
/* Lets go of it; it runs on. */
void gvir_sandbox_running_domain_free(GVirSandboxRunningDomain *domain);

GVirDomain *gvir_sandbox_running_domain_get_object(GVirSandboxRunningDomain *domain);

/* The host's process that is the domain, where the driver lets us know; else 0. */
guint gvir_sandbox_running_domain_get_process(GVirSandboxRunningDomain *domain, const gchar *embedded_root);

/* Learn which process ends with it: QEMU, in an embedded driver that has nothing to undo then, or the first
 * process of a container. */
void gvir_sandbox_running_domain_hold_machine(GVirSandboxRunningDomain *domain, const gchar *embedded_root);
void gvir_sandbox_running_domain_hold_container(GVirSandboxRunningDomain *domain);

/* Whether the connection to libvirt is gone, so that nothing can be learnt or asked of the domain any more. */
gboolean gvir_sandbox_running_domain_is_lost(GVirSandboxRunningDomain *domain);

/* Kills the process that is the domain, where it is known, for when libvirt cannot be asked to. */
void gvir_sandbox_running_domain_kill(GVirSandboxRunningDomain *domain);

/* How the domain ended, for people; NULL as long as libvirt has not said that it did. */
const gchar *gvir_sandbox_running_domain_why_ended(GVirSandboxRunningDomain *domain);

/* Asks the first process of a container to end; FALSE where the driver has no way to. */
gboolean gvir_sandbox_running_domain_ask_to_end(GVirSandboxRunningDomain *domain);

/* Waits for the domain to end, @patience_msec at the most, and then destroys it. @impatient: that its process has
 * ended is enough, if that is known; libvirt takes note of it later. CONNECTION, FAILED. */
gboolean gvir_sandbox_running_domain_end(GVirSandboxRunningDomain *domain, guint patience_msec, gboolean impatient,
                                         GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GVirSandboxRunningDomain, gvir_sandbox_running_domain_free)
