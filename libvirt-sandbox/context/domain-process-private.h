/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <libvirt/libvirt.h>

/*
 * The process of this host whose end is the end of a domain: its pidfd, or -1 where it cannot be found. libvirt
 * takes note of an end only 200 ms after it, because it finds the processes alive that are just about to go, and
 * looks again that much later.
 */

/* The first process of a container of the LXC driver. */
int gvir_sandbox_domain_process_of_container(virDomainPtr domain);

/* QEMU, of an embedded driver whose directory is @root. */
int gvir_sandbox_domain_process_of_machine(virDomainPtr domain, const gchar *root);

/* The number of that QEMU; 0 where it is not known. */
guint gvir_sandbox_domain_process_number(virDomainPtr domain, const gchar *root);

/* Waits for its end until @deadline, on the monotonic clock. */
gboolean gvir_sandbox_domain_process_wait(int process, gint64 deadline);
