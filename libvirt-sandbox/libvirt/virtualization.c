/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/libvirt/virtualization-private.h"
#include "libvirt-sandbox/libvirt/driver-private.h"
#include "libvirt-sandbox/util/user-access-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/libvirt/handle-private.h"
#include "libvirt-sandbox/util/host-user-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/host-arch-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A nested kind of KVM that runs only kernels made for it: an ordinary one hangs in it for ever. */
#define SPECIAL_KVM_MODULE "/sys/module/kvm_pvm"
#define KVM_DEVICE "/dev/kvm"

/* What is known of a connection once, as every question of its kind may have libvirt look at QEMU again. */
#define QEMU_USER_KEY "gvir-sandbox-qemu-user"
#define KVM_OBSTACLE_KEY "gvir-sandbox-kvm-obstacle"

typedef struct {
    gboolean other; /* than us */
    guint uid;
    guint gid;
} QemuUser;

/* Kept as long as the connection: who was given the first one may still look at it. */
static const QemuUser *
keep_qemu_user(GVirConnection *connection, const QemuUser *user)
{
    QemuUser *copy = g_memdup2(user, sizeof(*user));

    if (!g_object_replace_data(G_OBJECT(connection), QEMU_USER_KEY, NULL, copy, g_free, NULL))
        g_free(copy);
    return g_object_get_data(G_OBJECT(connection), QEMU_USER_KEY);
}

void
gvir_sandbox_virtualization_set_qemu_user(GVirConnection *connection, guint uid, guint gid)
{
    const QemuUser user = { uid != geteuid(), uid, gid };

    keep_qemu_user(connection, &user);
}

static gboolean
libvirt_offers_kvm(GVirConnection *connection, const gchar *arch)
{
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);
    char *xml = handle ? virConnectGetDomainCapabilities(handle, NULL, arch, NULL, "kvm", 0) : NULL;
    gboolean offered = xml && strstr(xml, "<domain>kvm</domain>");

    free(xml);
    return offered;
}

/* A daemon that is not ours runs QEMU as whom we cannot try it as. */
static gboolean
is_of_others(GVirConnection *connection)
{
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_parse(gvir_connection_get_uri(connection), NULL);

    return geteuid() != 0 && driver && g_str_equal(driver->path, "system");
}

/* Whose members may use it; NULL where that is nobody, or root's. */
static gchar *
find_group(void)
{
    struct stat status;
    gchar *name;

    if (stat(KVM_DEVICE, &status) < 0 || status.st_gid == 0 || (status.st_mode & 060) != 060)
        return NULL;
    name = gvir_sandbox_host_group_find_name(status.st_gid);
    return name ? name : g_strdup_printf("%u", (guint)status.st_gid);
}

static gchar *
describe_denial(const QemuUser *user)
{
    g_autofree gchar *group = find_group();

    if (user->other && group)
        return g_strdup_printf(_("/dev/kvm is closed to user %u, whom QEMU runs as; put him into its group %s, "
                                 "or choose another user"),
                               user->uid, group);
    if (user->other)
        return g_strdup_printf(_("/dev/kvm is closed to user %u, whom QEMU runs as; give it a group of users and "
                                 "mode 0660, or choose another user"),
                               user->uid);
    if (group)
        return g_strdup_printf(_("/dev/kvm is closed to us; join its group %s and log in again"), group);
    return g_strdup(_("/dev/kvm is closed to us; give it a group of users and mode 0660"));
}

/* As QEMU will have it: by opening, as a device's rights say nothing of its driver, nor of a container's rules. */
static gchar *
find_device_obstacle(GVirConnection *connection)
{
    QemuUser user = { FALSE, 0, 0 };
    int fd = -1;
    gboolean opened;

    user.other = gvir_sandbox_virtualization_get_qemu_user(connection, &user.uid, &user.gid);
    if (user.other)
        opened = gvir_sandbox_user_may_open(user.uid, user.gid, KVM_DEVICE, O_RDWR);
    else
        opened = (fd = open(KVM_DEVICE, O_RDWR | O_CLOEXEC)) >= 0;
    if (fd >= 0)
        close(fd);
    if (opened)
        return NULL;
    switch (errno) {
    case EACCES:
        return describe_denial(&user);
    case EPERM:
        return g_strdup(_("this container may not open /dev/kvm; start it with --device /dev/kvm"));
    case ENOENT:
        return g_strdup(_("/dev/kvm is not there; load the module kvm_intel or kvm_amd, or give it to the container"));
    case ENODEV:
    case ENXIO:
        return g_strdup(_("/dev/kvm has no driver; load the module kvm_intel or kvm_amd, or switch virtualization on "
                          "in the firmware or in the virtual machine that this is"));
    default:
        return g_strdup_printf("/dev/kvm: %s", g_strerror(errno));
    }
}

/* "" where there is none. */
static gchar *
look_for_obstacle(GVirConnection *connection, const gchar *arch)
{
    gchar *obstacle = is_of_others(connection) ? NULL : find_device_obstacle(connection);

    if (!obstacle)
        obstacle = g_strdup(libvirt_offers_kvm(connection, arch) ? "" : _("libvirt does not offer KVM"));
    return obstacle;
}

/* What was given out stays. */
void
gvir_sandbox_virtualization_set_obstacle(GVirConnection *connection, const gchar *obstacle)
{
    g_object_set_data(G_OBJECT(connection), KVM_OBSTACLE_KEY, (gpointer)g_intern_string(obstacle ? obstacle : ""));
}

/* Decided once for a connection, so that all that is made of it agrees. */
const gchar *
gvir_sandbox_virtualization_find_host_obstacle(GVirConnection *connection, const gchar *arch)
{
    const gchar *known = g_object_get_data(G_OBJECT(connection), KVM_OBSTACLE_KEY);

    if (!known) {
        g_autofree gchar *found = look_for_obstacle(connection, arch);

        gvir_sandbox_virtualization_set_obstacle(connection, found);
        known = g_object_get_data(G_OBJECT(connection), KVM_OBSTACLE_KEY);
    }
    return *known ? known : NULL;
}

const gchar *
gvir_sandbox_virtualization_find_obstacle(GVirConnection *connection, const gchar *arch)
{
    g_autofree gchar *host_arch = gvir_sandbox_host_arch();

    if (!g_str_equal(arch, host_arch))
        return _("the guest has another architecture");
    if (access(SPECIAL_KVM_MODULE, F_OK) == 0)
        return _("this host's KVM (kvm_pvm) runs only kernels made for it");
    return gvir_sandbox_virtualization_find_host_obstacle(connection, arch);
}

gchar *
gvir_sandbox_virtualization_describe_emulator(virConnectPtr handle, const gchar *arch)
{
    char *xml = virConnectGetDomainCapabilities(handle, NULL, arch, NULL, "qemu", 0);
    gchar *copy = g_strdup(xml);

    free(xml);
    return copy;
}

/* The driver says in its capabilities as whom it runs QEMU: <model>dac</model> … <baselabel type='qemu'>+UID:+GID */
static const QemuUser *
ask_for_qemu_user(GVirConnection *connection)
{
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);
    char *capabilities = handle ? virConnectGetCapabilities(handle) : NULL;
    const gchar *model = capabilities ? strstr(capabilities, "<model>dac</model>") : NULL;
    const gchar *label = model ? strstr(model, "<baselabel ") : NULL;
    QemuUser user = { FALSE, 0, 0 };

    label = label ? strchr(label, '>') : NULL;
    user.other = label && sscanf(label, ">+%u:+%u<", &user.uid, &user.gid) == 2 && user.uid != 0;
    free(capabilities);
    return keep_qemu_user(connection, &user);
}

gboolean
gvir_sandbox_virtualization_get_qemu_user(GVirConnection *connection, guint *uid, guint *gid)
{
    const QemuUser *user;

    if (geteuid() != 0)
        return FALSE;
    user = g_object_get_data(G_OBJECT(connection), QEMU_USER_KEY);
    if (!user)
        user = ask_for_qemu_user(connection);
    if (user->other) {
        *uid = user->uid;
        *gid = user->gid;
    }
    return user->other;
}
