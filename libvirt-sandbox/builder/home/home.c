/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/home/home-private.h"
#include "libvirt-sandbox/builder/home/path-list-private.h"
#include "libvirt-sandbox/builder/root/root-look-private.h"
#include "libvirt-sandbox/builder/root/root-mount-private.h"
#include "libvirt-sandbox/config/config-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/home-private.h"
#include "libvirt-sandbox/config/mounts/mount-ram.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <string.h>

gchar *
gvir_sandbox_home_dup_target(GVirSandboxConfig *config)
{
    g_autofree gchar *root = NULL;
    g_autofree gchar *home = NULL;

    if (!gvir_sandbox_config_get_private_home(config))
        return NULL;
    root = gvir_sandbox_root_dup_directory(config);
    home = gvir_sandbox_config_dup_home(config);
    return gvir_sandbox_root_resolve(root, home);
}

GVirSandboxConfigMount *
gvir_sandbox_home_make_mount(GVirSandboxConfig *config)
{
    g_autofree gchar *target = gvir_sandbox_home_dup_target(config);
    g_autoptr(GHashTable) includes = gvir_sandbox_config_get_home_includes(config);
    GVirSandboxConfigMount *mount;
    gpointer path, source;
    GHashTableIter iter;

    if (!target)
        return NULL;
    mount =
        GVIR_SANDBOX_CONFIG_MOUNT(gvir_sandbox_config_mount_ram_new(target, gvir_sandbox_config_get_home_size(config)));
    g_hash_table_iter_init(&iter, includes);
    while (g_hash_table_iter_next(&iter, &path, &source))
        gvir_sandbox_config_mount_add_include(mount, source, path);
    return mount;
}

/* Mounts are put in order by their names: that of @path, which the root leads to @other, must say as much. */
static gboolean
check_order(const gchar *path, const gchar *other, const gchar *target, GError **error)
{
    g_autofree gchar *named = gvir_sandbox_text_show(path);
    g_autofree gchar *real = gvir_sandbox_text_show(other);

    if (gvir_sandbox_value_path_is_below(other, target, NULL) == gvir_sandbox_value_path_is_below(path, target, NULL) &&
        gvir_sandbox_value_path_is_below(target, other, NULL) == gvir_sandbox_value_path_is_below(target, path, NULL))
        return TRUE;
    return gvir_sandbox_text_invalid(error, _("a link of the root leads the mount %s to %s; mount it there"), named,
                                     real);
}

static gboolean
check_target(GVirSandboxConfig *config, const gchar *target, GError **error)
{
    GList *mounts = gvir_sandbox_config_get_mounts(config);
    g_autofree gchar *root = gvir_sandbox_root_dup_directory(config);
    g_autofree gchar *shown = gvir_sandbox_text_show(target);
    gboolean good = TRUE;

    for (GList *link = mounts; link && good; link = link->next) {
        g_autofree gchar *path = gvir_sandbox_value_canonical_path(gvir_sandbox_config_mount_get_target(link->data));
        g_autofree gchar *other = gvir_sandbox_root_resolve(root, path);

        good = !g_str_equal(other, target) ||
               gvir_sandbox_text_invalid(error, _("there is a mount on %s already; leave one of the two out"), shown);
        good = good && check_order(path, other, target, error);
    }
    g_list_free_full(mounts, g_object_unref);
    return good;
}

static void
set_toolchains(GVirSandboxConfig *config, GStrv toolchains)
{
    GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(config);

    g_strfreev(priv->toolchains);
    priv->toolchains = toolchains;
}

static gint
rank(gchar character)
{
    return character == '/' ? 1 : character ? (guchar)character + 1 : 0;
}

/* What is in a directory comes right behind it. */
static gint
compare_paths(gconstpointer a, gconstpointer b)
{
    const gchar *first = *(const gchar *const *)a;
    const gchar *second = *(const gchar *const *)b;

    while (*first && *first == *second) {
        first++;
        second++;
    }
    return rank(*first) - rank(*second);
}

/* Those of the lists that are there, and of what is in one another the outer. */
static gboolean
find_toolchains(GVirSandboxConfig *config, const gchar *target, GError **error)
{
    g_autoptr(GPtrArray) paths = gvir_sandbox_path_list_read(GVIR_SANDBOX_PATH_LIST_TOOLCHAINS, TRUE, error);
    g_autofree gchar *root = gvir_sandbox_root_dup_directory(config);
    g_autoptr(GStrvBuilder) found = g_strv_builder_new();
    const gchar *last = NULL;

    if (!paths)
        return FALSE;
    g_ptr_array_sort(paths, compare_paths);
    for (guint i = 0; i < paths->len; i++) {
        const gchar *path = (const gchar *)g_ptr_array_index(paths, i) + strlen("~/");

        if ((last && gvir_sandbox_value_path_is_below(path, last, NULL)) ||
            (root && !gvir_sandbox_root_has_below(root, target, path)))
            continue;
        g_strv_builder_add(found, path);
        last = path;
    }
    set_toolchains(config, g_strv_builder_end(found));
    return TRUE;
}

gboolean
gvir_sandbox_home_check(GVirSandboxConfig *config, GError **error)
{
    g_autofree gchar *target = gvir_sandbox_home_dup_target(config);

    if (!target) {
        set_toolchains(config, NULL);
        return TRUE;
    }
    return (check_target(config, target, error) && find_toolchains(config, target, error)) ||
           gvir_sandbox_error_prefix(error, "home");
}

const gchar *const *
gvir_sandbox_home_get_toolchains(GVirSandboxConfig *config)
{
    static const gchar *const none[] = { NULL };
    const gchar *const *found = (const gchar *const *)gvir_sandbox_config_get_private(config)->toolchains;

    return found ? found : none;
}

void
gvir_sandbox_home_append_manifest(struct guest_manifest_text *text, GVirSandboxConfig *config)
{
    g_autofree gchar *target = gvir_sandbox_home_dup_target(config);
    const gchar *const *toolchains = gvir_sandbox_home_get_toolchains(config);
    guint64 size = gvir_sandbox_config_get_home_size(config);
    g_autofree gchar *bytes = size > 0 ? g_strdup_printf("%" G_GUINT64_FORMAT, size) : g_strdup("");

    if (!target)
        return;
    guest_manifest_append(text, GUEST_WORD_PRIVATE_HOME, target, bytes, NULL);
    for (guint i = 0; toolchains[i]; i++)
        guest_manifest_append(text, GUEST_WORD_TOOLCHAIN, toolchains[i], NULL);
}
