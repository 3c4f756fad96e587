/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/leftover/leftover-domain-private.h"
#include "libvirt-sandbox/context/state-private.h"
#include "libvirt-sandbox/libvirt/handle-private.h"

#include <stdlib.h>
#include <string.h>

/* How long libvirt may take to note that a process has ended. */
#define NOTE_USEC (3 * G_USEC_PER_SEC)
#define LOOK_INTERVAL_USEC 5000

/* Ours has files in its state directory, where nobody else's has: a container its root, a machine its channel. */
static gboolean
is_ours(virDomainPtr domain, const gchar *base)
{
    g_autofree gchar *source = g_markup_printf_escaped("<source dir='%s/%s/", base, virDomainGetName(domain));
    g_autofree gchar *channel = g_markup_printf_escaped(" path='%s/%s/", base, virDomainGetName(domain));
    char *xml = virDomainGetXMLDesc(domain, 0);
    gboolean ours = xml && (strstr(xml, source) || strstr(xml, channel));

    free(xml);
    return ours;
}

/* libvirt says of it that it has no process, and who takes the lock of its state that nobody starts it. */
static void
forget(virDomainPtr domain, const gchar *base)
{
    GVirSandboxState *state =
        is_ours(domain, base) ? gvir_sandbox_state_lock(base, virDomainGetName(domain), NULL) : NULL;

    if (!state)
        return;
    /* That it does not run is the answer, but it is off the list then. */
    if (virDomainIsActive(domain) == 0)
        virDomainDestroy(domain);
    gvir_sandbox_state_leave(state);
}

void
gvir_sandbox_leftover_domains_forget(GVirConnection *connection, const gchar *base)
{
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);
    virDomainPtr *domains = NULL;
    int count;

    /* A transient domain that does not run should not be there at all. */
    count = virConnectListAllDomains(handle, &domains,
                                     VIR_CONNECT_LIST_DOMAINS_INACTIVE | VIR_CONNECT_LIST_DOMAINS_TRANSIENT);
    for (int i = 0; i < count; i++) {
        forget(domains[i], base);
        virDomainFree(domains[i]);
    }
    free(domains);
}

void
gvir_sandbox_leftover_domain_await(GVirConnection *connection, const gchar *base, const gchar *name)
{
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);
    g_autoptr(virDomain) domain = virDomainLookupByName(handle, name);
    gint64 deadline = g_get_monotonic_time() + NOTE_USEC;

    if (!domain || !is_ours(domain, base))
        return;
    while (virDomainIsActive(domain) == 1 && g_get_monotonic_time() < deadline)
        g_usleep(LOOK_INTERVAL_USEC);
}
