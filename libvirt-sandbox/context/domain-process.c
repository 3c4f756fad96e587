/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/domain-process-private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* libvirt's process that holds a container; the number of the domain is that of this process. */
#define CONTROLLER "libvirt_lxc"

static int
open_process(guint64 pid)
{
    return pid > 0 && pid <= G_MAXINT ? (int)syscall(SYS_pidfd_open, (pid_t)pid, 0) : -1;
}

/* Its arguments begin with libvirt_lxc --name NAME. */
static gboolean
is_controller_of(guint pid, const gchar *name)
{
    g_autofree gchar *path = g_strdup_printf("/proc/%u/cmdline", pid);
    g_autofree gchar *arguments = NULL;
    g_autofree gchar *program = NULL;
    const gchar *option, *value;
    gsize length;

    if (!g_file_get_contents(path, &arguments, &length, NULL) || length == 0)
        return FALSE;
    program = g_path_get_basename(arguments);
    option = arguments + strlen(arguments) + 1;
    value = option < arguments + length ? option + strlen(option) + 1 : NULL;
    return g_str_equal(program, CONTROLLER) && value && value < arguments + length && g_str_equal(option, "--name") &&
           g_str_equal(value, name);
}

/* 0 if it has several, or none, or the kernel does not tell. */
static guint64
only_child_of(guint pid)
{
    g_autofree gchar *path = g_strdup_printf("/proc/%u/task/%u/children", pid, pid);
    g_autofree gchar *text = NULL;
    gchar *end;
    guint64 child;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    child = g_ascii_strtoull(text, &end, 10);
    return *g_strchug(end) == '\0' ? child : 0;
}

int
gvir_sandbox_domain_process_of_container(virDomainPtr domain)
{
    guint controller = virDomainGetID(domain);
    guint64 child = only_child_of(controller);
    int process = open_process(child);

    /* Asked behind the descriptor, so that a number used again in between is not taken for it. */
    if (process >= 0 && is_controller_of(controller, virDomainGetName(domain)) && only_child_of(controller) == child)
        return process;
    if (process >= 0)
        close(process);
    return -1;
}

guint
gvir_sandbox_domain_process_number(virDomainPtr domain, const gchar *root)
{
    g_autofree gchar *path = g_strdup_printf("%s/run/qemu/%s.pid", root, virDomainGetName(domain));
    g_autofree gchar *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    return (guint)g_ascii_strtoull(text, NULL, 10);
}

int
gvir_sandbox_domain_process_of_machine(virDomainPtr domain, const gchar *root)
{
    return open_process(gvir_sandbox_domain_process_number(domain, root));
}

gboolean
gvir_sandbox_domain_process_wait(int process, gint64 deadline)
{
    struct pollfd pollfd = { .fd = process, .events = POLLIN };
    int ready;

    do {
        gint64 left = MAX(deadline - g_get_monotonic_time(), 0);

        ready = poll(&pollfd, 1, (int)MIN(left / G_TIME_SPAN_MILLISECOND + 1, G_MAXINT));
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}
