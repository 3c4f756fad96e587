/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config-check-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/mounts/mount-host-bind.h"
#include "libvirt-sandbox/config/share/git-directory-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/host-user-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"
#include "libvirt-sandbox/util/trusted-directory-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Directories of the host that the program sees and writes where they are. */

static gboolean
is_same(int fd, const struct stat *status)
{
    struct stat other;

    return fstat(fd, &other) == 0 && other.st_dev == status->st_dev && other.st_ino == status->st_ino;
}

/* Whether @path is, or is below, the directory of @status, by whatever way. */
static gboolean
leads_up_to(const gchar *path, const struct stat *status)
{
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    gboolean found = FALSE, at_top = FALSE;

    while (fd >= 0 && !found && !at_top) {
        int parent = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct stat above;

        found = is_same(fd, status);
        at_top = parent < 0 || fstat(parent, &above) < 0 || is_same(fd, &above);
        close(fd);
        fd = parent;
    }
    if (fd >= 0)
        close(fd);
    return found;
}

static gboolean
check_no_home(const struct stat *status, GError **error)
{
    g_autofree gchar *of_database = gvir_sandbox_host_user_find_home(getuid());
    const gchar *homes[] = { g_get_home_dir(), of_database };

    if (leads_up_to("/", status))
        return gvir_sandbox_text_invalid(error, _("it is all of the host; share a directory in it"));
    for (gsize i = 0; i < G_N_ELEMENTS(homes); i++) {
        g_autofree gchar *shown = homes[i] ? gvir_sandbox_text_show(homes[i]) : NULL;

        /* Of who has none it may be /, or what is not there. */
        if (shown && g_path_is_absolute(homes[i]) && leads_up_to(homes[i], status))
            return gvir_sandbox_text_invalid(error,
                                             _("your home directory %s is in it, with your keys and what you "
                                               "start when you log in; share a directory in that"),
                                             shown);
    }
    return TRUE;
}

static gboolean
check_directory(int fd, GError **error)
{
    g_autofree gchar *path = g_strdup_printf("/proc/self/fd/%d", fd);
    struct stat status;

    if (fstat(fd, &status) < 0 || access(path, R_OK | W_OK | X_OK) < 0) {
        gvir_sandbox_error_set_errno(error, errno, _("it cannot be written"));
        return FALSE;
    }
    return check_no_home(&status, error);
}

/* Whether @path is written where it is by a mount that is there already. */
static gboolean
is_shared(GVirSandboxConfig *config, const gchar *path)
{
    GList *mounts = gvir_sandbox_config_get_mounts_with_type(config, GVIR_SANDBOX_TYPE_CONFIG_MOUNT_HOST_BIND);
    gboolean shared = FALSE;

    for (GList *link = mounts; link && !shared; link = link->next) {
        const gchar *target = gvir_sandbox_config_mount_get_target(link->data);

        shared = target && g_strcmp0(target, gvir_sandbox_config_mount_file_get_source(link->data)) == 0 &&
                 !gvir_sandbox_config_mount_get_read_only(link->data) &&
                 gvir_sandbox_value_path_is_below(path, target, NULL);
    }
    g_list_free_full(mounts, g_object_unref);
    return shared;
}

static gboolean
add(GVirSandboxConfig *config, const gchar *path, GError **error)
{
    g_autoptr(GVirSandboxConfigMountHostBind) mount = NULL;

    if (is_shared(config, path))
        return TRUE;
    if (!gvir_sandbox_config_check_new_target(config, path, error))
        return FALSE;
    mount = gvir_sandbox_config_mount_host_bind_new(path, path);
    gvir_sandbox_config_add_mount(config, GVIR_SANDBOX_CONFIG_MOUNT(mount));
    return TRUE;
}

/* Opens what is shared; -1 with @error. */
static int
open_shared(const gchar *directory, gchar **path, GError **error)
{
    /* So that a way up from here does not lead through here. */
    g_autofree gchar *absolute = gvir_sandbox_value_absolute_path(directory);
    int fd = gvir_sandbox_trusted_directory_open(absolute, GVIR_SANDBOX_TRUSTED_OWNER, 0, path, error);

    if (fd >= 0 && !check_directory(fd, error)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* It is no mistake of the caller's if that cannot be: without it only git is of no use. */
static void
add_common(GVirSandboxConfig *config, int fd, const gchar *path, gchar **notice)
{
    g_autofree gchar *reason = NULL;
    g_autofree gchar *common = gvir_sandbox_git_find_common(fd, path, &reason);
    g_autofree gchar *resolved = NULL;
    g_autoptr(GError) error = NULL;
    int common_fd = common ? open_shared(common, &resolved, &error) : -1;

    if (common_fd >= 0) {
        add(config, resolved, &error);
        close(common_fd);
    }
    if (error)
        reason = g_strdup_printf("%s: %s", common, error->message);
    if (notice)
        *notice = g_steal_pointer(&reason);
}

/**
 * gvir_sandbox_config_add_share:
 * @config: the description
 * @directory: (type filename): a directory of the host
 * @notice: (out) (optional) (nullable) (transfer full): return location for a line that says what of it could
 * not be shared, or %NULL if all was
 * @error: return location for an error, or %NULL
 *
 * Adds a mount by which the program sees a directory of the host where it is, and can write to it. If it is a
 * working tree made by "git worktree" or the tree of a submodule, the directory in which git keeps its
 * objects is added in the same way, provided that it names this tree as its own. What can be written there
 * has a say in what git does on the host, by hooks for example.
 *
 * The directory and those above must belong to the caller or to root, and not everybody may exchange what is in
 * those above. Symbolic links are followed once, here.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_DENIED if that is not so or the caller cannot write to it, to
 * %GVIR_SANDBOX_ERROR_NOT_FOUND if there is no such directory, and to %GVIR_SANDBOX_ERROR_INVALID if the home
 * directory of the caller is in it or something else is mounted there.
 *
 * Returns: (transfer full) (type filename) (nullable): the absolute path of the directory, without symbolic
 * links, or %NULL on error
 *
 * Since: 0.9.0
 */
gchar *
gvir_sandbox_config_add_share(GVirSandboxConfig *config, const gchar *directory, gchar **notice, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_autofree gchar *path = NULL;
    int fd;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);
    g_return_val_if_fail(directory != NULL, NULL);

    if (notice)
        *notice = NULL;
    fd = open_shared(directory, &path, error);
    if (fd < 0 || !add(config, path, error)) {
        g_autofree gchar *shown = gvir_sandbox_text_show(directory);

        if (fd >= 0)
            close(fd);
        gvir_sandbox_error_prefix(error, "share %s", shown);
        return NULL;
    }
    add_common(config, fd, path, notice);
    close(fd);
    return g_steal_pointer(&path);
}
