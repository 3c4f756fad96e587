/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/container-validate-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/builder/findings-private.h"
#include "libvirt-sandbox/builder/storage/host-filesystem-private.h"
#include "libvirt-sandbox/builder/security/security-label-private.h"
#include "libvirt-sandbox/builder/storage/storage-private.h"
#include "libvirt-sandbox/builder/security/user-map-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CGROUPS "/sys/fs/cgroup"
#define CGROUPS_2_BESIDE CGROUPS "/unified"
#define USER_NAMESPACES_MAX "/proc/sys/user/max_user_namespaces"
#define LOOP_CONTROL "/dev/loop-control"

/* What libvirt wants of cgroups; version 2 counts processor time in "cpu", and has no "devices". */
static const gchar *const controllers_1[] = { "cpuacct", "devices", "memory", NULL };
static const gchar *const controllers_2[] = { "cpu", "memory", NULL };

static gboolean
has_word(const gchar *text, const gchar *word, const gchar *separators)
{
    g_auto(GStrv) words = g_strsplit_set(text, separators, -1);

    return g_strv_contains((const gchar *const *)words, word);
}

/* The options of all cgroups of version 1 that are mounted, from lines "… - cgroup SOURCE OPTIONS". */
static gchar *
list_controllers_1(void)
{
    GString *list = g_string_new(NULL);
    g_autofree gchar *mounts = NULL;
    g_auto(GStrv) lines = NULL;

    if (g_file_get_contents("/proc/self/mountinfo", &mounts, NULL, NULL))
        lines = g_strsplit(mounts, "\n", -1);
    for (guint i = 0; lines && lines[i]; i++) {
        const gchar *type = strstr(lines[i], " - cgroup ");
        const gchar *options = type ? strrchr(type, ' ') : NULL;

        if (options)
            g_string_append_printf(list, "%s,", options + 1);
    }
    return g_string_free(list, FALSE);
}

static void
add_cgroups(GList **findings)
{
    g_autofree gchar *version_1 = list_controllers_1();
    g_autofree gchar *version_2 = NULL;
    gboolean unified = g_file_get_contents(CGROUPS "/cgroup.controllers", &version_2, NULL, NULL);
    const gchar *const *wanted = unified ? controllers_2 : controllers_1;

    for (guint i = 0; wanted[i]; i++) {
        if (has_word(unified ? version_2 : version_1, wanted[i], " ,\n"))
            continue;
        gvir_sandbox_findings_fail(findings, _("cgroups"),
                                   _("there is no controller %s, without which libvirt starts no container; "
                                     "mount it below %s, or boot without cgroup_disable="),
                                   wanted[i], CGROUPS);
        return;
    }
    if (!unified && access(CGROUPS_2_BESIDE, F_OK) == 0)
        gvir_sandbox_findings_warn(findings, _("cgroups"),
                                   _("version 2 is mounted beside version 1, over which libvirt can trip; "
                                     "if a start fails, unmount %s for libvirtd"),
                                   CGROUPS_2_BESIDE);
    else
        gvir_sandbox_findings_pass(findings, _("cgroups"), _("version %d"), unified ? 2 : 1);
}

/* It is what locks the mounts of the program. */
static void
add_user_namespaces(GList **findings)
{
    g_autofree gchar *most = NULL;

    if (access("/proc/self/ns/user", F_OK) < 0)
        gvir_sandbox_findings_fail(findings, _("user namespaces"),
                                   _("this host's kernel has none; use a qemu connection"));
    else if (g_file_get_contents(USER_NAMESPACES_MAX, &most, NULL, NULL) && g_str_equal(g_strchomp(most), "0"))
        gvir_sandbox_findings_fail(findings, _("user namespaces"),
                                   _("they are switched off; do: sysctl user.max_user_namespaces=1000"));
    else
        gvir_sandbox_findings_pass(findings, _("user namespaces"), _("available"));
}

static void
add_user_map(GList **findings, GVirSandboxConfig *config)
{
    g_autofree gchar *obstacle = gvir_sandbox_user_map_find_obstacle_in_config(config);
    g_autofree gchar *unmapped = obstacle ? NULL : gvir_sandbox_user_map_find_unmapped(config);

    if (obstacle)
        gvir_sandbox_findings_warn(findings, _("users"),
                                   _("the container's are the host's, with no more than covers between its user 0 "
                                     "and the kernel's settings: %s"),
                                   obstacle);
    else if (unmapped)
        gvir_sandbox_findings_warn(findings, _("users"),
                                   _("none of the container's is the host's; files there are nobody's inside, as "
                                     "their owners cannot be mapped: %s"),
                                   unmapped);
    else
        gvir_sandbox_findings_pass(findings, _("users"), _("none of the container's is the host's"));
}

static void
add_filter(GList **findings, GVirSandboxConfig *config)
{
    guint32 action = SECCOMP_RET_ERRNO;

    if (!gvir_sandbox_config_get_seccomp(config))
        gvir_sandbox_findings_warn(findings, _("system call filter"),
                                   _("switched off: all of this host's kernel is open to the program"));
    else if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
        gvir_sandbox_findings_pass(findings, _("system call filter"), _("available"));
    else
        gvir_sandbox_findings_fail(findings, _("system call filter"),
                                   _("this host's kernel has no seccomp filters: %s; use a qemu connection"),
                                   g_strerror(errno));
}

static void
add_overlay(GList **findings)
{
    if (gvir_sandbox_host_has_file_system("overlay"))
        gvir_sandbox_findings_pass(findings, _("overlay"), _("available"));
    else
        gvir_sandbox_findings_fail(findings, _("overlay"),
                                   _("this host's kernel, which is the container's, has no overlay file "
                                     "system; use a qemu connection"));
}

/* Images that are files are given to a container as loop devices. */
static void
add_loop_devices(GList **findings, GVirSandboxConfig *config)
{
    g_autoptr(GPtrArray) images = gvir_sandbox_storage_list_images(config);
    gboolean needed = FALSE;

    for (guint i = 0; i < images->len; i++)
        needed = needed || !((const GVirSandboxStorageImage *)g_ptr_array_index(images, i))->block;
    if (!needed)
        return;
    if (access(LOOP_CONTROL, R_OK | W_OK) == 0)
        gvir_sandbox_findings_pass(findings, _("loop devices"), LOOP_CONTROL);
    else
        gvir_sandbox_findings_fail(findings, _("loop devices"), _("%s: %s; do: modprobe loop"), LOOP_CONTROL,
                                   g_strerror(errno));
}

GList *
gvir_sandbox_container_validate(GVirSandboxBuilder *builder, GVirSandboxConfig *config)
{
    g_autoptr(GVirConnection) connection = gvir_sandbox_builder_get_connection(builder);
    GList *findings = NULL;

    add_cgroups(&findings);
    add_user_namespaces(&findings);
    add_user_map(&findings, config);
    add_filter(&findings, config);
    gvir_sandbox_security_label_add_finding(&findings, connection, TRUE);
    if (gvir_sandbox_config_get_overlay(config))
        add_overlay(&findings);
    add_loop_devices(&findings, config);
    gvir_sandbox_findings_add_init(&findings);
    return findings;
}
