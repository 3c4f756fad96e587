/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/network/passt-private.h"
#include "libvirt-sandbox/builder/network/nameservers-private.h"
#include "libvirt-sandbox/libvirt/virtualization-private.h"
#include "libvirt-sandbox/libvirt/handle-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/libvirt/xml-private.h"

#include <gio/gio.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PROGRAM "passt"
#define PREFIX "24"

/*
 * passt leads the address of the gateway to the host's loopback interface, and libvirt cannot tell it not to.
 * But libvirt can say which interface passt takes the gateway from, and this one has none.
 */
#define MODEL "lo"
/* What passt says when it leads an address there all the same. */
#define COMPLAINT "NAT to host"

#define TURNS 400
#define TURN_USEC 5000

/* Whom QEMU runs as, and so passt. */
typedef struct {
    guint uid, gid;
} User;

void
gvir_sandbox_passt_append_xml(GString *xml)
{
    gvir_sandbox_xml_append(xml,
                            "<source dev='%s'/><backend type='passt'/>"
                            "<ip family='ipv4' address='%s' prefix='%s'/>",
                            MODEL, GVIR_SANDBOX_PASST_ADDRESS, PREFIX);
}

static gboolean
libvirt_offers_passt(GVirConnection *connection, GVirSandboxConfig *config)
{
    g_autoptr(virConnect) handle = gvir_sandbox_connection_handle(connection);
    g_autofree gchar *emulator =
        handle ? gvir_sandbox_virtualization_describe_emulator(handle, gvir_sandbox_config_get_arch(config)) : NULL;
    const gchar *backends = emulator ? strstr(emulator, "<enum name='backendType'>") : NULL;
    const gchar *end = backends ? strstr(backends, "</enum>") : NULL;

    return end && g_strstr_len(backends, end - backends, "<value>passt</value>");
}

/* Where libvirt has its sockets for passt; a security module may allow passt some places and not others. */
static gchar *
get_directory(const GVirSandboxDriver *driver)
{
    if (driver->root)
        return g_build_filename(driver->root, "run", "qemu", "passt", NULL);
    return g_build_filename(g_get_user_runtime_dir(), "libvirt", "qemu", "run", "passt", NULL);
}

/* As libvirt does. */
static void
become(gpointer user_data)
{
    const User *user = user_data;

    if (setgroups(0, NULL) < 0 || setresgid(user->gid, user->gid, user->gid) < 0 ||
        setresuid(user->uid, user->uid, user->uid) < 0)
        _exit(1);
}

/* Goes away once it was connected to, as the one of a machine does. */
static GSubprocess *
start(const gchar *socket_path, const gchar *pid_path, User *user)
{
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
    const gchar *arguments[] = { PROGRAM,
                                 "--foreground",
                                 "--one-off",
                                 "--socket",
                                 socket_path,
                                 "--pid",
                                 pid_path,
                                 "--interface",
                                 MODEL,
                                 "--address",
                                 GVIR_SANDBOX_PASST_ADDRESS,
                                 "--netmask",
                                 PREFIX,
                                 NULL };

    if (user)
        g_subprocess_launcher_set_child_setup(launcher, become, user, NULL);
    return g_subprocess_launcher_spawnv(launcher, arguments, NULL);
}

static gboolean
touch_socket(const gchar *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    gboolean done;
    int fd;

    if (g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) >= sizeof(address.sun_path))
        return FALSE;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    done = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    if (fd >= 0)
        close(fd);
    return done;
}

/* Connects once it can be, which makes it go away; it is ended if it does not in good time. */
static void
meet(GSubprocess *passt, const gchar *socket_path)
{
    gboolean met = FALSE;

    for (int turn = 0; turn < TURNS && g_subprocess_get_identifier(passt); turn++) {
        met = met || touch_socket(socket_path);
        g_usleep(TURN_USEC);
    }
    g_subprocess_force_exit(passt);
}

static const gchar *
try_out(const gchar *directory, User *user)
{
    g_autofree gchar *name = g_strdup_printf("try-%08x", g_random_int());
    g_autofree gchar *socket_path = g_strdup_printf("%s/%s.socket", directory, name);
    g_autofree gchar *pid_path = g_strdup_printf("%s/%s.pid", directory, name);
    g_autoptr(GSubprocess) passt = start(socket_path, pid_path, user);
    g_autofree gchar *output = NULL;
    gboolean works;

    if (!passt)
        return _("passt is not installed");
    meet(passt, socket_path);
    works = g_subprocess_communicate_utf8(passt, NULL, NULL, &output, NULL, NULL) && g_subprocess_get_successful(passt);
    unlink(socket_path);
    unlink(pid_path);
    if (!works)
        return _("passt does not start here, or is too old");
    return strstr(output, COMPLAINT) ? _("passt would lead to the host's loopback interface") : NULL;
}

const gchar *
gvir_sandbox_passt_find_obstacle(GVirConnection *connection, const GVirSandboxDriver *driver, GVirSandboxConfig *config,
                                 GStrv *nameservers)
{
    g_auto(GStrv) found = NULL;
    g_autofree gchar *directory = NULL;
    const gchar *obstacle;
    gboolean switches;
    User user;

    *nameservers = NULL;
    /* What another's daemon can start, and as whom, is not to be tried out from here. */
    if (g_str_equal(driver->path, "system"))
        return _("the daemon is the system's");
    if (!libvirt_offers_passt(connection, config))
        return _("libvirt does not offer passt");
    found = gvir_sandbox_nameservers_find();
    if (!found)
        return _("with passt the host's name servers could not be asked");
    switches = gvir_sandbox_virtualization_get_qemu_user(connection, &user.uid, &user.gid);
    if (!switches && geteuid() == 0)
        return _("passt does not run as root");
    directory = get_directory(driver);
    obstacle = try_out(directory, switches ? &user : NULL);
    if (!obstacle)
        *nameservers = g_steal_pointer(&found);
    return obstacle;
}
