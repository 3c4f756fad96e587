/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/home/secrets-private.h"
#include "libvirt-sandbox/builder/home/home-private.h"
#include "libvirt-sandbox/builder/home/path-list-private.h"
#include "libvirt-sandbox/builder/root/root-look-private.h"
#include "libvirt-sandbox/builder/root/root-mount-private.h"
#include "libvirt-sandbox/config/config-private.h"
#include "libvirt-sandbox/config/home-private.h"
#include "libvirt-sandbox/config/mounts/mount-host-bind.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/util/text-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <stdlib.h>
#include <string.h>

/* Where a root has those of its users, and how many are looked at. */
#define HOMES "/home"
#define HOMES_MAXIMUM 1000

static void
add_new(GPtrArray *paths, const gchar *path)
{
    if (!g_ptr_array_find_with_equal_func(paths, path, g_str_equal, NULL))
        g_ptr_array_add(paths, g_strdup(path));
}

/* --- whose they are ----------------------------------------------------------------------------- */

/* A program that is root may look into those of all users. The root may be anybody's, with any number of
 * them. */
static gboolean
add_all_homes(GPtrArray *homes, const gchar *root, GError **error)
{
    g_autofree gchar *resolved = gvir_sandbox_root_resolve(root, HOMES);
    g_autofree gchar *path = g_build_filename(root, resolved, NULL);
    g_autofree gchar *shown = gvir_sandbox_text_show(path);
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    const gchar *name;

    add_new(homes, "/root");
    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree gchar *home = g_build_filename(HOMES, name, NULL);

        if (homes->len > HOMES_MAXIMUM)
            return gvir_sandbox_text_invalid(error, _("more than %d home directories in %s"), HOMES_MAXIMUM, shown);
        add_new(homes, home);
    }
    return TRUE;
}

/* Home directories as the root has them; @root: NULL for an image. */
static GPtrArray *
list_homes(GVirSandboxConfig *config, const gchar *root, GError **error)
{
    g_autoptr(GPtrArray) homes = g_ptr_array_new_with_free_func(g_free);
    g_autofree gchar *home = gvir_sandbox_value_canonical_path(gvir_sandbox_config_get_homedir(config));
    g_autofree gchar *ours = gvir_sandbox_value_canonical_path(g_get_home_dir());

    add_new(homes, home);
    add_new(homes, ours);
    if (root && gvir_sandbox_config_get_userid(config) == 0 && !add_all_homes(homes, root, error))
        return NULL;
    return g_steal_pointer(&homes);
}

static GPtrArray *
expand(GPtrArray *list, GPtrArray *homes)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < list->len; i++) {
        const gchar *path = g_ptr_array_index(list, i);

        if (*path != '~')
            g_ptr_array_add(paths, g_strdup(path));
        for (guint j = 0; *path == '~' && j < homes->len; j++) {
            g_autofree gchar *home = g_strconcat(g_ptr_array_index(homes, j), path + 1, NULL);

            g_ptr_array_add(paths, gvir_sandbox_value_canonical_path(home));
        }
    }
    return paths;
}

/* --- where they are seen ------------------------------------------------------------------------ */

/* In a private home is only what was put there, and the toolchains. */
static gboolean
is_in_private_home(GVirSandboxConfig *config, const gchar *path)
{
    g_autofree gchar *home = gvir_sandbox_config_dup_home(config);
    const gchar *const *toolchains = gvir_sandbox_home_get_toolchains(config);
    const gchar *rest;

    if (!gvir_sandbox_config_get_private_home(config) || !gvir_sandbox_value_path_is_below(path, home, &rest) || !*rest)
        return FALSE;
    for (guint i = 0; toolchains[i]; i++) {
        if (gvir_sandbox_value_path_is_below(rest + 1, toolchains[i], NULL))
            return FALSE;
    }
    return TRUE;
}

static void
add_in_root(GPtrArray *secrets, GVirSandboxConfig *config, const gchar *root, GPtrArray *paths)
{
    for (guint i = 0; i < paths->len; i++) {
        const gchar *path = g_ptr_array_index(paths, i);

        if (gvir_sandbox_root_may_have(root, path) && !is_in_private_home(config, path))
            add_new(secrets, path);
    }
}

/* Where the mount shows what is at @path of the host. What it is made of itself was given. */
static void
add_in_mount(GPtrArray *secrets, const gchar *target, const gchar *source, const gchar *path)
{
    const gchar *rest;

    if (gvir_sandbox_value_path_is_below(path, source, &rest) && *rest) {
        g_autofree gchar *seen = g_strconcat(target, rest, NULL);
        g_autofree gchar *canonical = gvir_sandbox_value_canonical_path(seen);

        add_new(secrets, canonical);
    }
}

/* By the name in the list, which may be that of a link in the mount, and by that which the host has for it.
 */
static void
add_by_both_names(GPtrArray *secrets, GVirSandboxConfigMount *mount, const gchar *source, const gchar *path)
{
    g_autofree gchar *target = gvir_sandbox_value_canonical_path(gvir_sandbox_config_mount_get_target(mount));
    g_autofree gchar *parent = g_path_get_dirname(path);
    g_autofree gchar *name = g_path_get_basename(path);
    g_autofree gchar *real_parent = realpath(parent, NULL);
    g_autofree gchar *real_path = realpath(path, NULL);
    g_autofree gchar *in_parent = real_parent ? g_build_filename(real_parent, name, NULL) : NULL;

    if (in_parent && gvir_sandbox_root_may_have("/", in_parent))
        add_in_mount(secrets, target, source, in_parent);
    if (real_path)
        add_in_mount(secrets, target, source, real_path);
}

static void
add_in_mounts(GPtrArray *secrets, GVirSandboxConfig *config, GPtrArray *paths)
{
    GList *mounts = gvir_sandbox_config_get_mounts_with_type(config, GVIR_SANDBOX_TYPE_CONFIG_MOUNT_HOST_BIND);

    for (GList *link = mounts; link; link = link->next) {
        g_autofree gchar *source = NULL;

        if (!gvir_sandbox_config_mount_is_temporary(link->data) &&
            !gvir_sandbox_root_is_target(gvir_sandbox_config_mount_get_target(link->data)))
            source = realpath(gvir_sandbox_config_mount_file_get_source(link->data), NULL);
        for (guint i = 0; source && i < paths->len; i++)
            add_by_both_names(secrets, link->data, source, g_ptr_array_index(paths, i));
    }
    g_list_free_full(mounts, g_object_unref);
}

/* The host's names of what the root has at @paths, where its own links lead. */
static void
add_from_root(GPtrArray *host_paths, const gchar *root, GPtrArray *paths)
{
    for (guint i = 0; root && i < paths->len; i++) {
        const gchar *path = g_ptr_array_index(paths, i);
        g_autofree gchar *parent = g_path_get_dirname(path);
        g_autofree gchar *name = g_path_get_basename(path);
        g_autofree gchar *real_parent = gvir_sandbox_root_resolve(root, parent);
        g_autofree gchar *real_path = gvir_sandbox_root_resolve(root, path);

        g_ptr_array_add(host_paths, g_build_filename(root, real_parent, name, NULL));
        g_ptr_array_add(host_paths, g_build_filename(root, real_path, NULL));
    }
}

static GStrv
find_secrets(GVirSandboxConfig *config, GPtrArray *list, GError **error)
{
    GPtrArray *secrets;
    g_autofree gchar *root = gvir_sandbox_root_dup_directory(config);
    g_autoptr(GPtrArray) homes = list_homes(config, root, error);
    g_autoptr(GPtrArray) host_homes = homes ? list_homes(config, "/", error) : NULL;
    g_autoptr(GPtrArray) paths = NULL;
    g_autoptr(GPtrArray) host_paths = NULL;

    if (!host_homes)
        return NULL;
    secrets = g_ptr_array_new_with_free_func(g_free);
    paths = expand(list, homes);
    host_paths = expand(list, host_homes);
    add_in_root(secrets, config, root, paths);
    add_from_root(host_paths, root, paths);
    add_in_mounts(secrets, config, host_paths);
    g_ptr_array_add(secrets, NULL);
    return (GStrv)g_ptr_array_free(secrets, FALSE);
}

gboolean
gvir_sandbox_secrets_check(GVirSandboxConfig *config, GError **error)
{
    GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(config);
    g_autoptr(GPtrArray) list = NULL;

    g_clear_pointer(&priv->secrets, g_strfreev);
    if (!priv->hide_secrets)
        return TRUE;
    list = gvir_sandbox_path_list_read(GVIR_SANDBOX_PATH_LIST_SECRETS, FALSE, error);
    if (list)
        priv->secrets = find_secrets(config, list, error);
    return priv->secrets || gvir_sandbox_error_prefix(error, "hide-secrets");
}

GStrv
gvir_sandbox_secrets_add_to_hidden(GVirSandboxConfig *config)
{
    const GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(config);
    g_autoptr(GStrvBuilder) all = g_strv_builder_new();
    g_auto(GStrv) hidden = gvir_sandbox_config_get_hidden(config);

    g_strv_builder_addv(all, (const gchar **)hidden);
    /* A builder is used only with what it has checked. */
    g_assert(priv->secrets || !priv->hide_secrets);
    if (priv->secrets)
        g_strv_builder_addv(all, (const gchar **)priv->secrets);
    return g_strv_builder_end(all);
}
