/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The least that a container costs with libvirt: one domain with /bin/true as its first process and the
 * host's root, and the event of its end.
 */

#include <err.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char name[64];

static void
lifecycle(virConnectPtr connection, virDomainPtr domain, int event, int detail, void *opaque)
{
    bool *ended = opaque;

    (void)connection;
    (void)detail;
    if (event == VIR_DOMAIN_EVENT_STOPPED && strcmp(virDomainGetName(domain), name) == 0) {
        *ended = true;
    }
}

static virDomainPtr
create(virConnectPtr connection)
{
    char xml[512];

    snprintf(name, sizeof(name), "smallest-container-%d", (int)getpid());
    snprintf(xml, sizeof(xml),
             "<domain type='lxc'><name>%s</name><memory unit='MiB'>64</memory>"
             "<os><type>exe</type><init>/bin/true</init></os>"
             "<devices><console type='pty'/></devices></domain>",
             name);
    return virDomainCreateXML(connection, xml, VIR_DOMAIN_START_AUTODESTROY);
}

static int
run(virConnectPtr connection)
{
    bool ended = false;
    virDomainPtr domain;

    if (virConnectDomainEventRegisterAny(connection, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                         VIR_DOMAIN_EVENT_CALLBACK(lifecycle), &ended, NULL) < 0) {
        return 1;
    }
    domain = create(connection);
    if (!domain) {
        return 1;
    }
    while (!ended) {
        if (virEventRunDefaultImpl() < 0) {
            return 1;
        }
    }
    virDomainFree(domain);
    return 0;
}

int
main(void)
{
    virConnectPtr connection;
    int status;

    /* An event that does not come shall not hold up the others. */
    alarm(60);
    /* A failed call says why on stderr: libvirt does that by itself. */
    if (virEventRegisterDefaultImpl() < 0 || !(connection = virConnectOpen("lxc:///"))) {
        return 1;
    }
    status = run(connection);
    virConnectClose(connection);
    return status;
}
