/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/context/state-private.h"
#include "libvirt-sandbox/util/trusted-directory-private.h"
#include "libvirt-sandbox/context/leftover/leftover-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASE_NAME "libvirt-sandbox"
#define ROOT_BASE "/run/" BASE_NAME
#define TEMPORARY "/tmp"
#define LOCK_SUFFIX ".lock"
/* A machine's sockets are some levels below, and the path of a socket ends at 108 bytes. */
#define RUNTIME_LENGTH_MAX 24

struct _GVirSandboxState {
    gchar *path;
    gchar *lock_path;
    int lock;
    pid_t owner; /* a process that was forked has our memory, but not what it stands for */
};

/* Those that this process holds. */
static gint held;

/* Root's machines run as another user, who must be able to pass through; nobody may look around. */
static mode_t
directory_mode(void)
{
    return geteuid() == 0 ? 0711 : 0700;
}

/* Of a user: the best places first. Anybody may have made the last before us. */
static GStrv
list_user_bases(void)
{
    g_autoptr(GStrvBuilder) bases = g_strv_builder_new();
    g_autofree gchar *own = g_strdup_printf("/run/user/%u/" BASE_NAME, (guint)geteuid());
    g_autofree gchar *temporary = g_strdup_printf(TEMPORARY "/" BASE_NAME "-%u", (guint)geteuid());
    const gchar *runtime = g_getenv("XDG_RUNTIME_DIR");

    if (runtime && g_path_is_absolute(runtime) && strlen(runtime) <= RUNTIME_LENGTH_MAX) {
        g_autofree gchar *named = g_build_filename(runtime, BASE_NAME, NULL);

        g_strv_builder_add(bases, named);
    }
    g_strv_builder_add(bases, own);
    g_strv_builder_add(bases, temporary);
    return g_strv_builder_end(bases);
}

/* The directory above is never made: without it, it is not the place of this user. */
static gboolean
can_be_used(const gchar *base, GError **error)
{
    g_autofree gchar *parent = g_path_get_dirname(base);
    const gchar *written = access(base, F_OK) == 0 ? base : parent;

    if (access(written, W_OK | X_OK) == 0)
        return TRUE;
    gvir_sandbox_error_set_errno(error, errno, "%s", written);
    return FALSE;
}

static gboolean
try_base(const gchar *base, gboolean make, GError **error)
{
    int fd;

    if (!can_be_used(base, error))
        return FALSE;
    if (!make)
        return gvir_sandbox_trusted_directory_check(base, TRUE, error);
    fd = gvir_sandbox_trusted_directory_open(base, GVIR_SANDBOX_TRUSTED_MAKE, directory_mode(), NULL, error);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* One of a name that could not be guessed, from an earlier run; of several the first, so that all take it. */
static gchar *
find_unguessed_base(void)
{
    g_autofree gchar *prefix = g_strdup_printf(BASE_NAME "-%u-", (guint)geteuid());
    g_autoptr(GDir) directory = g_dir_open(TEMPORARY, 0, NULL);
    gchar *found = NULL;
    const gchar *name;

    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree gchar *path = g_build_filename(TEMPORARY, name, NULL);

        if (!g_str_has_prefix(name, prefix) || (found && strcmp(path, found) > 0) ||
            g_file_test(path, G_FILE_TEST_IS_SYMLINK) || !gvir_sandbox_trusted_directory_check(path, FALSE, NULL))
            continue;
        g_free(found);
        found = g_steal_pointer(&path);
    }
    return found;
}

static gchar *
make_unguessed_base(void)
{
    g_autofree gchar *path = g_strdup_printf(TEMPORARY "/" BASE_NAME "-%u-XXXXXX", (guint)geteuid());

    return g_mkdtemp(path) ? g_steal_pointer(&path) : NULL;
}

/* Where none of the usual places can be had, so that no other user can keep this one from it. */
static gchar *
choose_unguessed_base(gboolean make)
{
    gchar *found = find_unguessed_base();

    if (found)
        return found;
    return make ? make_unguessed_base() : g_strdup(TEMPORARY);
}

static gchar *
choose_user_base(gboolean make, GError **error)
{
    g_auto(GStrv) bases = list_user_bases();
    g_autoptr(GError) failure = NULL;
    gchar *found;

    for (gsize i = 0; bases[i]; i++) {
        g_clear_error(&failure);
        if (try_base(bases[i], make, &failure))
            return g_strdup(bases[i]);
        g_info("%s", failure->message);
    }
    found = choose_unguessed_base(make);
    if (!found)
        g_propagate_error(error, g_steal_pointer(&failure));
    return found;
}

static gchar *
choose_base(gboolean make, GError **error)
{
    if (geteuid() != 0)
        return choose_user_base(make, error);
    if (try_base(ROOT_BASE, make, error))
        return g_strdup(ROOT_BASE);
    gvir_sandbox_error_prefix(error, _("state directory"));
    return NULL;
}

/* The same for as long as the process lives, which has a guard of that directory. */
gchar *
gvir_sandbox_state_get_base(GError **error)
{
    static GMutex lock;
    static gchar *base;
    g_autofree gchar *chosen = NULL;

    g_mutex_lock(&lock);
    chosen = base && try_base(base, TRUE, NULL) ? g_strdup(base) : choose_base(TRUE, error);
    if (chosen && g_strcmp0(base, chosen) != 0) {
        g_free(base);
        base = g_strdup(chosen);
    }
    g_mutex_unlock(&lock);
    return g_steal_pointer(&chosen);
}

gchar *
gvir_sandbox_state_find_base(GError **error)
{
    return choose_base(FALSE, error);
}

/* The lock lies beside the directory, so that it can be held while the directory is made and removed. */
static gchar *
lock_path_of(const gchar *path)
{
    return g_strconcat(path, LOCK_SUFFIX, NULL);
}

/* Whether @fd is still what @path names: somebody may have removed it while we waited. */
static gboolean
lock_is_current(int fd, const gchar *path)
{
    struct stat ours, named;

    return fstat(fd, &ours) == 0 && stat(path, &named) == 0 && ours.st_ino == named.st_ino &&
           ours.st_dev == named.st_dev;
}

/* A locked descriptor; -1 with errno EWOULDBLOCK where somebody holds it. */
static int
take_lock(const gchar *path)
{
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        int saved_errno;

        if (fd < 0)
            return -1;
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            if (lock_is_current(fd, path))
                return fd;
            close(fd);
            continue;
        }
        saved_errno = errno;
        close(fd);
        errno = saved_errno;
        return -1;
    }
}

/* Whatever the umask, QEMU's user has to pass through. */
static gboolean
try_directory(const gchar *path)
{
    return g_mkdir(path, directory_mode()) == 0 && (geteuid() != 0 || g_chmod(path, directory_mode()) == 0);
}

static gboolean
make_directory(const gchar *path, GError **error)
{
    gboolean made = try_directory(path);

    if (!made && errno == EEXIST) {
        gvir_sandbox_leftover_remove(path);
        made = try_directory(path);
    }
    if (!made)
        gvir_sandbox_error_set_errno(error, errno, "%s", path);
    return made;
}

GVirSandboxState *
gvir_sandbox_state_lock(const gchar *base, const gchar *name, GError **error)
{
    g_autoptr(GVirSandboxState) state = g_new0(GVirSandboxState, 1);

    state->path = g_build_filename(base, name, NULL);
    state->lock_path = lock_path_of(state->path);
    state->lock = take_lock(state->lock_path);
    if (state->lock < 0 && errno == EWOULDBLOCK) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_BUSY, _("a sandbox named %s is running already"),
                    name);
        return NULL;
    }
    if (state->lock < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", state->lock_path);
        return NULL;
    }
    state->owner = getpid();
    g_atomic_int_inc(&held);
    return g_steal_pointer(&state);
}

gboolean
gvir_sandbox_state_any(void)
{
    return g_atomic_int_get(&held) > 0;
}

gboolean
gvir_sandbox_state_make(GVirSandboxState *state, GError **error)
{
    return make_directory(state->path, error);
}

GVirSandboxState *
gvir_sandbox_state_create(const gchar *name, GError **error)
{
    g_autofree gchar *base = gvir_sandbox_state_get_base(error);
    g_autoptr(GVirSandboxState) state = base ? gvir_sandbox_state_lock(base, name, error) : NULL;

    if (!state || !gvir_sandbox_state_make(state, error))
        return NULL;
    return g_steal_pointer(&state);
}

const gchar *
gvir_sandbox_state_get_path(const GVirSandboxState *state)
{
    return state->path;
}

static gboolean
is_held(const GVirSandboxState *state)
{
    return state->lock >= 0 && state->owner == getpid();
}

static void
release(GVirSandboxState *state, gboolean for_good)
{
    if (is_held(state)) {
        if (for_good)
            unlink(state->lock_path);
        g_atomic_int_add(&held, -1);
    }
    if (state->lock >= 0)
        close(state->lock);
    g_free(state->lock_path);
    g_free(state->path);
    g_free(state);
}

gboolean
gvir_sandbox_state_remove(GVirSandboxState *state)
{
    gboolean removed = TRUE;

    if (is_held(state)) {
        gvir_sandbox_leftover_remove(state->path);
        removed = access(state->path, F_OK) < 0;
    }
    /* By its lock it is found and swept. */
    release(state, removed);
    return removed;
}

void
gvir_sandbox_state_free(GVirSandboxState *state)
{
    gvir_sandbox_state_remove(state);
}

void
gvir_sandbox_state_leave(GVirSandboxState *state)
{
    release(state, TRUE);
}

/* Whoever dies first leaves a lock file, which is removed before its directory can be taken for in use. */
static void
sweep_one(const gchar *base, const gchar *lock_name)
{
    g_autofree gchar *lock_path = g_build_filename(base, lock_name, NULL);
    g_autofree gchar *name = g_strndup(lock_name, strlen(lock_name) - strlen(LOCK_SUFFIX));
    g_autofree gchar *path = g_build_filename(base, name, NULL);
    int lock = take_lock(lock_path);

    if (lock < 0)
        return;
    gvir_sandbox_leftover_end_processes(path);
    gvir_sandbox_leftover_remove(path);
    if (!gvir_sandbox_leftover_container_runs(name))
        gvir_sandbox_leftover_clear_container(name);
    unlink(lock_path);
    close(lock);
}

/*
 * A process has a lock before it has a directory, and loses it after that. But where it ended while a thread of libvirt
 * still wrote down what became of a machine, that thread has made the directory once more.
 */
static gboolean
was_made_again(const gchar *base, const gchar *name)
{
    g_autofree gchar *path = g_build_filename(base, name, NULL);
    g_autofree gchar *lock_path = lock_path_of(path);
    struct stat status;

    return *name == '.' && name[1] && name[1 + strspn(name + 1, "0123456789abcdef")] == '\0' &&
           lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && access(lock_path, F_OK) < 0;
}

void
gvir_sandbox_state_sweep(const gchar *base)
{
    g_autoptr(GDir) directory = g_dir_open(base, 0, NULL);
    const gchar *name;

    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree gchar *lock_name = NULL;

        if (g_str_has_suffix(name, LOCK_SUFFIX)) {
            sweep_one(base, name);
        } else if (was_made_again(base, name)) {
            lock_name = g_strconcat(name, LOCK_SUFFIX, NULL);
            sweep_one(base, lock_name);
        }
    }
}
