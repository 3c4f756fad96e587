/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/embedded/embedded-private.h"
#include "libvirt-sandbox/util/trusted-directory-private.h"
#include "libvirt-sandbox/util/user-access-private.h"
#include "libvirt-sandbox/context/embedded/guard-process-private.h"
#include "libvirt-sandbox/context/leftover/leftover-private.h"
#include "libvirt-sandbox/context/state-private.h"
#include "libvirt-sandbox/context/user-places-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETTINGS_NAME "etc/qemu.conf"

/* One for the process: libvirt runs no second embedded driver in it. Ended by the process's end. */
static struct {
    GMutex lock;
    GVirSandboxState *state; /* where the directory is ours */
    gchar *qemu_user;
    gboolean guarded;
    gchar *named_root; /* that of a driver whose directory is its user's */
    pid_t owner;       /* the process that this is about; others may have been forked from it */
} embedded;

/* Whom root's machines run as, so that what breaks out of one is nobody. */
static gchar *
choose_qemu_user(const gchar *wanted, GError **error)
{
    guint uid, gid;

    if (geteuid() != 0) {
        if (!wanted)
            return g_strdup("");
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                    _("QEMU user %s: only root can run QEMU as somebody else"), wanted);
        return NULL;
    }
    if (wanted && !gvir_sandbox_user_find(wanted, &uid, &gid)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, _("QEMU user %s: no such user"), wanted);
        return NULL;
    }
    /* Without its user the driver does not start at all, whatever its configuration says. */
    if (!gvir_sandbox_user_find(DEFAULT_QEMU_USER, &uid, &gid)) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND,
                    _("libvirt's user %s does not exist on this host; install libvirt-daemon-system "
                      "(Debian) or libvirt-daemon-driver-qemu (Fedora), or do not run as root"),
                    DEFAULT_QEMU_USER);
        return NULL;
    }
    return g_strdup(wanted ? wanted : DEFAULT_QEMU_USER);
}

static gchar *
group_of(const gchar *user)
{
    guint uid, gid = 0;

    gvir_sandbox_user_find(user, &uid, &gid);
    return g_strdup_printf("+%u", gid);
}

/*
 * What the driver needs to know: nobody keeps its logs, the boot cache is not handed from owner to owner,
 * and it does not ask QEMU one by one for some hundred CPU features after each start.
 */
static gchar *
write_settings(const gchar *qemu_user)
{
    GString *text = g_string_new("stdio_handler = \"file\"\n"
                                 "dynamic_ownership = 0\n"
                                 "remember_owner = 0\n"
                                 "namespaces = []\n"
                                 "cgroup_controllers = []\n"
                                 "capability_filters = [ \"cpu-unavailable-features\" ]\n");

    if (*qemu_user) {
        g_autofree gchar *group = group_of(qemu_user);

        g_string_append_printf(text, "user = \"%s\"\ngroup = \"%s\"\n", qemu_user, group);
    }
    return g_string_free(text, FALSE);
}

/*
 * What libvirt learnt of the emulators outlives the process; learning it takes seconds. Whether they can use KVM is
 * true for the user they were asked as.
 */
static gchar *
cache_directory(const gchar *qemu_user)
{
    if (geteuid() == 0 && g_str_equal(qemu_user, DEFAULT_QEMU_USER))
        return g_strdup("/var/cache/libvirt-sandbox/libvirt");
    if (geteuid() == 0)
        return g_strdup_printf("/var/cache/libvirt-sandbox/libvirt-%s", qemu_user);
    return g_build_filename(g_get_user_cache_dir(), "libvirt-sandbox", "libvirt", NULL);
}

static gboolean
fill_settings(const gchar *path, const gchar *qemu_user, GError **error)
{
    g_autofree gchar *settings_directory = g_path_get_dirname(path);
    g_autofree gchar *settings = write_settings(qemu_user);

    if (g_mkdir_with_parents(settings_directory, 0755) < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", settings_directory);
        return FALSE;
    }
    return g_file_set_contents_full(path, settings, -1, G_FILE_SET_CONTENTS_NONE, 0644, error);
}

/* A home that cannot be written, or that is another's, costs time, not the sandbox. */
static gboolean
link_cache(const gchar *cache, const gchar *cache_link, GError **error)
{
    g_autoptr(GError) obstacle = NULL;
    g_autofree gchar *resolved = NULL;
    int fd = gvir_sandbox_trusted_directory_open(cache, GVIR_SANDBOX_TRUSTED_MAKE, 0755, &resolved, &obstacle);

    if (fd < 0) {
        g_info(_("what libvirt learns of QEMU is not kept: %s"), obstacle->message);
        return TRUE;
    }
    close(fd);
    if (access(resolved, W_OK) < 0 || symlink(resolved, cache_link) == 0)
        return TRUE;
    gvir_sandbox_error_set_errno(error, errno, "%s", cache_link);
    return FALSE;
}

static gboolean
fill_directory(const gchar *path, const gchar *qemu_user, GError **error)
{
    g_autofree gchar *settings = g_build_filename(path, SETTINGS_NAME, NULL);
    g_autofree gchar *cache = cache_directory(qemu_user);
    g_autofree gchar *cache_link = g_build_filename(path, "cache", NULL);

    if (!fill_settings(settings, qemu_user, error))
        return FALSE;
    return link_cache(cache, cache_link, error);
}

/* All that the driver of this process alone has started. A later one finds no directory. */
static void
end_processes(const gchar *root)
{
    g_autofree gchar *directory = g_build_filename(root, "lib", "qemu", NULL);

    gvir_sandbox_leftover_end_processes(directory);
}

/* Whether the driver in @root, which others may use, too, is that of this process. */
static gboolean
runs_driver(const gchar *root)
{
    g_autofree gchar *path = g_build_filename(root, "run", "qemu", "driver.pid", NULL);
    g_autofree gchar *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) && g_ascii_strtoull(text, NULL, 10) == (guint64)embedded.owner;
}

static gboolean
remove_directory(void)
{
    g_autofree gchar *path = g_strdup(gvir_sandbox_state_get_path(embedded.state));
    gboolean removed = gvir_sandbox_state_remove(g_steal_pointer(&embedded.state));

    end_processes(path);
    return removed;
}

/* At the end of the process; libvirt's threads may still be there, and make files and machines. */
static void
remove_at_exit(void)
{
    /* What was forked ends before it, as in a program of several processes. */
    if (getpid() != embedded.owner)
        return;
    /* libvirt may be asking a QEMU what it can do, and nobody else would end that. Machines there are others'. */
    if (embedded.named_root && runs_driver(embedded.named_root))
        gvir_sandbox_leftover_end_probes(embedded.named_root);
    if (embedded.state && !remove_directory())
        return;
    /* Sandboxes that were not stopped are left to the guards. */
    if (!gvir_sandbox_state_any())
        gvir_sandbox_guard_dismiss();
}

static gboolean
start_guard(const gchar *base, GError **error)
{
    if (!base || !gvir_sandbox_guard_start(base, error))
        return FALSE;
    embedded.guarded = TRUE;
    embedded.owner = getpid();
    atexit(remove_at_exit);
    return TRUE;
}

static gboolean
set_up(const gchar *qemu_user, GError **error)
{
    g_autofree gchar *name = g_strdup_printf(".%x", (guint)getpid());
    g_autofree gchar *base = gvir_sandbox_state_get_base(error);
    g_autoptr(GVirSandboxState) state = base ? gvir_sandbox_state_create(name, error) : NULL;

    if (!state || !fill_directory(gvir_sandbox_state_get_path(state), qemu_user, error) || !start_guard(base, error))
        return FALSE;
    embedded.state = g_steal_pointer(&state);
    return TRUE;
}

/* libvirt waits for what it starts; where the system does that for us, it learns neither the end nor the status. */
static gboolean
check_children(GError **error)
{
    struct sigaction action;

    if (sigaction(SIGCHLD, NULL, &action) < 0 || (action.sa_handler != SIG_IGN && !(action.sa_flags & SA_NOCLDWAIT)))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_STATE,
                _("this process ignores SIGCHLD, so that libvirt cannot wait for the processes that it starts; "
                  "set it to SIG_DFL"));
    return FALSE;
}

/* The driver is started once, so that its user is that of all machines of the process. */
static gboolean
check_same_user(const gchar *qemu_user, GError **error)
{
    if (!embedded.qemu_user || g_str_equal(embedded.qemu_user, qemu_user))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_BUSY,
                _("QEMU user %s: this process runs its machines as %s already"), qemu_user, embedded.qemu_user);
    return FALSE;
}

static gchar *
get_uri_locked(const gchar *qemu_user, GError **error)
{
    g_autofree gchar *chosen = choose_qemu_user(qemu_user, error);
    g_autofree gchar *escaped = NULL;

    if (!chosen || !check_children(error) || !gvir_sandbox_user_places_settle(error) ||
        !check_same_user(chosen, error) || (!embedded.state && !set_up(chosen, error)))
        return NULL;
    if (!embedded.qemu_user)
        embedded.qemu_user = g_steal_pointer(&chosen);
    escaped = g_uri_escape_string(gvir_sandbox_state_get_path(embedded.state), "/", FALSE);
    return g_strdup_printf("qemu:///embed?root=%s", escaped);
}

gchar *
gvir_sandbox_embedded_get_uri(const gchar *qemu_user, GError **error)
{
    gchar *uri;

    g_mutex_lock(&embedded.lock);
    uri = get_uri_locked(qemu_user, error);
    g_mutex_unlock(&embedded.lock);
    return uri;
}

static gboolean
check_reachable(const gchar *path, const gchar *qemu_user, GError **error)
{
    guint uid, gid;

    if (!*qemu_user || !gvir_sandbox_user_find(qemu_user, &uid, &gid) ||
        gvir_sandbox_user_may_access(uid, gid, path, X_OK))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_DENIED,
                _("connection root %s: QEMU runs as %s and cannot enter it (%s); "
                  "make it and all above it passable, as with chmod a+x"),
                path, qemu_user, g_strerror(errno));
    return FALSE;
}

/* What is in a trusted directory may have been made before it was. */
static gboolean
check_entry(const gchar *path, GError **error)
{
    struct stat status;

    return lstat(path, &status) < 0 || S_ISLNK(status.st_mode) ? gvir_sandbox_trusted_directory_check(path, TRUE, error)
                                                               : gvir_sandbox_trusted_file_check(&status, path, error);
}

static gboolean
check_entries(const gchar *path, GError **error)
{
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    gboolean trusted = TRUE;
    const gchar *name;

    while (trusted && directory && (name = g_dir_read_name(directory))) {
        g_autofree gchar *entry = g_build_filename(path, name, NULL);

        trusted = check_entry(entry, error);
    }
    return trusted;
}

/* libvirt obeys its settings: whom it runs QEMU as, and which helpers it starts as ourselves. */
static gboolean
check_trusted(const gchar *path, GError **error)
{
    g_autofree gchar *settings = g_build_filename(path, "etc", NULL);
    int fd = gvir_sandbox_trusted_directory_open(path, GVIR_SANDBOX_TRUSTED_MAKE, 0711, NULL, error);

    if (fd < 0)
        return FALSE;
    close(fd);
    return check_entries(path, error) && check_entries(settings, error);
}

/* Settings that are there already are somebody's choice, which is not ours to change. */
static gboolean
prepare_settings(const gchar *path, const gchar *chosen, gboolean asked_for, GError **error)
{
    g_autofree gchar *settings = g_build_filename(path, SETTINGS_NAME, NULL);

    if (access(settings, F_OK) < 0)
        return fill_settings(settings, chosen, error);
    if (!asked_for)
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                _("QEMU user %s: %s says already whom QEMU runs as"), chosen, settings);
    return FALSE;
}

static gboolean
prepare_guard(GError **error)
{
    g_autofree gchar *base = gvir_sandbox_state_get_base(error);

    return start_guard(base, error);
}

static gboolean
prepare_locked(const gchar *path, const gchar *qemu_user, GError **error)
{
    g_autofree gchar *chosen = choose_qemu_user(qemu_user, error);

    if (!chosen || !check_children(error) || !gvir_sandbox_user_places_settle(error) || !check_same_user(chosen, error))
        return FALSE;
    if (!check_trusted(path, error))
        return gvir_sandbox_error_prefix(error, _("connection root %s"), path);
    if (!check_reachable(path, chosen, error) || !prepare_settings(path, chosen, qemu_user != NULL, error) ||
        (!embedded.guarded && !prepare_guard(error)))
        return FALSE;
    if (!embedded.qemu_user)
        embedded.qemu_user = g_steal_pointer(&chosen);
    g_free(embedded.named_root);
    embedded.named_root = g_strdup(path);
    return TRUE;
}

gboolean
gvir_sandbox_embedded_prepare(const gchar *path, const gchar *qemu_user, GError **error)
{
    gboolean prepared;

    g_mutex_lock(&embedded.lock);
    prepared = prepare_locked(path, qemu_user, error);
    g_mutex_unlock(&embedded.lock);
    return prepared;
}
