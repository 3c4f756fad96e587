/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/running-domain-private.h"
#include "libvirt-sandbox/context/domain-process-private.h"
#include "libvirt-sandbox/context/leftover/leftover-private.h"
#include "libvirt-sandbox/context/qemu/qemu-reason-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/libvirt/handle-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* libvirt's event wakes a waiting thread at once, if a main loop delivers it; else it looks this often. */
#define LOOK_INTERVAL_USEC 5000
/* libvirt 9.0 misses the end of one container in ten, and says that it runs until it is destroyed. */
#define CONTAINER_NOTE_MSEC 500
/* How often, and after how long at first, a container is tried again whose group was not finished. */
#define TRIES_MAX 6
#define FIRST_PAUSE_USEC 10000
#define KILL_WAIT_USEC G_USEC_PER_SEC
#define CPUSETS_1 "/sys/fs/cgroup/cpuset/cpuset.cpus"

/* What libvirt's event and the waiting thread share. */
typedef struct {
    gatomicrefcount references;
    GMutex lock;
    GCond changed;
    gboolean ended;
    int detail; /* of libvirt's event */
} DomainEnd;

struct _GVirSandboxRunningDomain {
    virConnectPtr connection;
    virDomainPtr handle;
    GVirDomain *object;
    DomainEnd *end;
    int event;
    gboolean container;
    int process; /* whose end is the domain's, or -1 */
};

static DomainEnd *
domain_end_new(void)
{
    DomainEnd *end = g_new0(DomainEnd, 1);

    g_atomic_ref_count_init(&end->references);
    g_mutex_init(&end->lock);
    g_cond_init(&end->changed);
    return end;
}

static void
domain_end_unref(void *opaque)
{
    DomainEnd *end = opaque;

    if (!g_atomic_ref_count_dec(&end->references))
        return;
    g_cond_clear(&end->changed);
    g_mutex_clear(&end->lock);
    g_free(end);
}

static int
lifecycle_changed(virConnectPtr connection G_GNUC_UNUSED, virDomainPtr domain G_GNUC_UNUSED, int event, int detail,
                  void *opaque)
{
    DomainEnd *end = opaque;

    if (event != VIR_DOMAIN_EVENT_STOPPED)
        return 0;
    g_mutex_lock(&end->lock);
    end->ended = TRUE;
    end->detail = detail;
    g_cond_broadcast(&end->changed);
    g_mutex_unlock(&end->lock);
    return 0;
}

/* Takes over the handle. A driver without events is looked at instead. */
static GVirSandboxRunningDomain *
running_domain_new(virConnectPtr connection, virDomainPtr handle)
{
    GVirSandboxRunningDomain *domain = g_new0(GVirSandboxRunningDomain, 1);

    virConnectRef(connection);
    domain->connection = connection;
    domain->handle = handle;
    domain->object = g_object_new(GVIR_TYPE_DOMAIN, "handle", handle, NULL);
    domain->container = g_strcmp0(virConnectGetType(connection), "LXC") == 0;
    domain->process = -1;
    domain->end = domain_end_new();
    g_atomic_ref_count_inc(&domain->end->references);
    domain->event =
        virConnectDomainEventRegisterAny(connection, handle, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                         VIR_DOMAIN_EVENT_CALLBACK(lifecycle_changed), domain->end, domain_end_unref);
    if (domain->event < 0)
        domain_end_unref(domain->end);
    return domain;
}

/*
 * The first containers of all share a group that one of them makes. Where cpusets are of version 1, libvirt
 * puts another into it that may still be without processors, which fails; a moment later it does not. What
 * libvirt says of it is not always whole, so that other failures are tried again there, too.
 */
static gboolean
is_worth_another_try(guint *tries)
{
    const virError *error = virGetLastError();

    if (!error || error->domain != VIR_FROM_LXC || error->code != VIR_ERR_INTERNAL_ERROR || *tries == TRIES_MAX ||
        access(CPUSETS_1, F_OK) < 0)
        return FALSE;
    g_usleep(FIRST_PAUSE_USEC << (*tries)++);
    return TRUE;
}

/* libvirt's message can have QEMU's whole command line, which is for who asks for it. */
static void
set_start_error(GError **error)
{
    const virError *last = virGetLastError();
    g_autofree gchar *reason = last && last->message ? gvir_sandbox_qemu_reason(last->message) : NULL;

    if (!reason) {
        gvir_sandbox_handle_set_error(error, _("cannot start the sandbox"));
        return;
    }
    g_info("%s", last->message);
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_FAILED, _("cannot start the sandbox: %s"), reason);
}

GVirSandboxRunningDomain *
gvir_sandbox_running_domain_create(GVirConnection *connection, const gchar *xml, gboolean autodestroy, int descriptor,
                                   GError **error)
{
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);
    guint tries = 0;
    unsigned int flags = autodestroy ? VIR_DOMAIN_START_AUTODESTROY : 0;
    virDomainPtr domain;

    do {
        if (descriptor >= 0)
            domain = virDomainCreateXMLWithFiles(handle, xml, 1, &descriptor, flags);
        else
            domain = virDomainCreateXML(handle, xml, flags);
    } while (!domain && is_worth_another_try(&tries));
    if (!domain) {
        set_start_error(error);
        return NULL;
    }
    return running_domain_new(handle, domain);
}

static virDomainPtr
look_up(virConnectPtr connection, const gchar *name, GError **error)
{
    virDomainPtr domain = virDomainLookupByName(connection, name);

    if (!domain)
        gvir_sandbox_handle_set_error(error, _("no sandbox named %s"), name);
    return domain;
}

GVirSandboxRunningDomain *
gvir_sandbox_running_domain_start(GVirConnection *connection, const gchar *name, GError **error)
{
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);
    virDomainPtr domain = look_up(handle, name, error);
    guint tries = 0;

    if (!domain)
        return NULL;
    if (virDomainIsActive(domain) == 1) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_BUSY, _("a sandbox named %s is running already"),
                    name);
    } else {
        do {
            if (virDomainCreate(domain) == 0)
                return running_domain_new(handle, domain);
        } while (is_worth_another_try(&tries));
        set_start_error(error);
    }
    virDomainFree(domain);
    return NULL;
}

GVirSandboxRunningDomain *
gvir_sandbox_running_domain_find(GVirConnection *connection, const gchar *name, GError **error)
{
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);
    virDomainPtr domain = look_up(handle, name, error);

    if (!domain || virDomainIsActive(domain) == 1)
        return domain ? running_domain_new(handle, domain) : NULL;
    virDomainFree(domain);
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND, _("the sandbox %s does not run"), name);
    return NULL;
}

void
gvir_sandbox_running_domain_free(GVirSandboxRunningDomain *domain)
{
    if (domain->event >= 0)
        virConnectDomainEventDeregisterAny(domain->connection, domain->event);
    if (domain->process >= 0)
        close(domain->process);
    domain_end_unref(domain->end);
    g_object_unref(domain->object);
    virDomainFree(domain->handle);
    virConnectClose(domain->connection);
    g_free(domain);
}

GVirDomain *
gvir_sandbox_running_domain_get_object(GVirSandboxRunningDomain *domain)
{
    return domain->object;
}

guint
gvir_sandbox_running_domain_get_process(GVirSandboxRunningDomain *domain, const gchar *embedded_root)
{
    return embedded_root ? gvir_sandbox_domain_process_number(domain->handle, embedded_root) : 0;
}

/* Labels are taken off, and what runs beside QEMU is ended, when libvirt has noted the end. */
static gboolean
has_to_be_undone(virDomainPtr domain)
{
    static const gchar *const signs[] = { "model='apparmor'", "model='selinux'", "type='passt'" };
    char *xml = virDomainGetXMLDesc(domain, 0);
    gboolean found = xml == NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(signs) && !found; i++)
        found = strstr(xml, signs[i]) != NULL;
    free(xml);
    return found;
}

/* The driver is in our own process, so what it has to do then is waited for. */
void
gvir_sandbox_running_domain_hold_machine(GVirSandboxRunningDomain *domain, const gchar *embedded_root)
{
    if (!has_to_be_undone(domain->handle))
        domain->process = gvir_sandbox_domain_process_of_machine(domain->handle, embedded_root);
}

void
gvir_sandbox_running_domain_hold_container(GVirSandboxRunningDomain *domain)
{
    if (domain->container)
        domain->process = gvir_sandbox_domain_process_of_container(domain->handle);
}

gboolean
gvir_sandbox_running_domain_is_lost(GVirSandboxRunningDomain *domain)
{
    return virConnectIsAlive(domain->connection) != 1;
}

void
gvir_sandbox_running_domain_kill(GVirSandboxRunningDomain *domain)
{
    if (domain->process >= 0 && syscall(SYS_pidfd_send_signal, domain->process, SIGKILL, NULL, 0) == 0)
        gvir_sandbox_domain_process_wait(domain->process, g_get_monotonic_time() + KILL_WAIT_USEC);
}

const gchar *
gvir_sandbox_running_domain_why_ended(GVirSandboxRunningDomain *domain)
{
    gboolean ended;
    int detail;

    g_mutex_lock(&domain->end->lock);
    ended = domain->end->ended;
    detail = domain->end->detail;
    g_mutex_unlock(&domain->end->lock);

    if (!ended)
        return NULL;
    switch (detail) {
    case VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN:
        return _("it was powered off or restarted from inside, or its kernel panicked");
    case VIR_DOMAIN_EVENT_STOPPED_DESTROYED:
        return _("it was destroyed from outside");
    case VIR_DOMAIN_EVENT_STOPPED_CRASHED:
        return _("its kernel crashed");
    default:
        return _("its process on this host was killed or crashed");
    }
}

/* What libvirt does not answer to says nothing of the domain. */
static gboolean
is_gone(GVirSandboxRunningDomain *domain)
{
    int active = virDomainIsActive(domain->handle);
    const virError *error = active < 0 ? virGetLastError() : NULL;

    return active == 0 || (error && error->code == VIR_ERR_NO_DOMAIN);
}

gboolean
gvir_sandbox_running_domain_ask_to_end(GVirSandboxRunningDomain *domain)
{
    return virDomainShutdownFlags(domain->handle, VIR_DOMAIN_SHUTDOWN_SIGNAL) == 0;
}

static gboolean
wait_for_event(GVirSandboxRunningDomain *domain, gint64 deadline)
{
    DomainEnd *end = domain->end;
    gboolean ended = FALSE;

    while (!ended && g_get_monotonic_time() < deadline) {
        g_mutex_lock(&end->lock);
        if (!end->ended)
            g_cond_wait_until(&end->changed, &end->lock, g_get_monotonic_time() + LOOK_INTERVAL_USEC);
        ended = end->ended;
        g_mutex_unlock(&end->lock);
        ended = ended || is_gone(domain);
    }
    return ended;
}

static gboolean
wait_for_end(GVirSandboxRunningDomain *domain, guint patience_msec, gboolean impatient)
{
    gint64 deadline = g_get_monotonic_time() + patience_msec * G_TIME_SPAN_MILLISECOND;

    if (domain->process >= 0) {
        if (!gvir_sandbox_domain_process_wait(domain->process, deadline))
            return FALSE;
        if (impatient)
            return TRUE;
    }
    if (domain->process >= 0 && domain->container)
        deadline = g_get_monotonic_time() + CONTAINER_NOTE_MSEC * G_TIME_SPAN_MILLISECOND;
    return wait_for_event(domain, deadline);
}

static gboolean
end(GVirSandboxRunningDomain *domain, guint patience_msec, gboolean impatient, GError **error)
{
    if (wait_for_end(domain, patience_msec, impatient))
        return TRUE;
    if (is_gone(domain) || virDomainDestroy(domain->handle) == 0)
        return TRUE;
    /* At once, as every other question to libvirt clears what it has said. */
    gvir_sandbox_handle_set_error(error, _("cannot end the sandbox"));
    if (gvir_sandbox_running_domain_is_lost(domain)) {
        g_clear_error(error);
        g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_CONNECTION,
                            _("cannot end the sandbox: the connection to libvirt was lost"));
        return FALSE;
    }
    if (!is_gone(domain))
        return FALSE;
    g_clear_error(error);
    return TRUE;
}

gboolean
gvir_sandbox_running_domain_end(GVirSandboxRunningDomain *domain, guint patience_msec, gboolean impatient,
                                GError **error)
{
    if (!end(domain, patience_msec, impatient, error))
        return FALSE;
    if (domain->container)
        gvir_sandbox_leftover_clear_container(virDomainGetName(domain->handle));
    return TRUE;
}
