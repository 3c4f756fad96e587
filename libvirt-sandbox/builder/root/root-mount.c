/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/root/root-mount-private.h"
#include "libvirt-sandbox/config/mounts/mount-guest-bind.h"
#include "libvirt-sandbox/config/mounts/mount-host-bind.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/util/text-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/libvirt/xml-private.h"

#include <sys/stat.h>

gboolean
gvir_sandbox_root_is_target(const gchar *target)
{
    g_autofree gchar *canonical = gvir_sandbox_value_canonical_path(target);

    return g_str_equal(canonical, "/");
}

static GVirSandboxConfigMount *
find_mount(GVirSandboxConfig *config)
{
    GList *mounts = gvir_sandbox_config_get_mounts(config);
    GVirSandboxConfigMount *found = NULL;

    for (GList *link = mounts; link && !found; link = link->next) {
        if (gvir_sandbox_root_is_target(gvir_sandbox_config_mount_get_target(link->data)))
            found = g_object_ref(link->data);
    }
    g_list_free_full(mounts, g_object_unref);
    return found;
}

gchar *
gvir_sandbox_root_dup_directory(GVirSandboxConfig *config)
{
    g_autoptr(GVirSandboxConfigMount) mount = find_mount(config);

    if (!mount)
        return g_strdup(gvir_sandbox_config_get_root(config));
    if (!GVIR_SANDBOX_IS_CONFIG_MOUNT_HOST_BIND(mount))
        return NULL;
    return g_strdup(gvir_sandbox_config_mount_file_get_source(GVIR_SANDBOX_CONFIG_MOUNT_FILE(mount)));
}

gboolean
gvir_sandbox_root_is_written(GVirSandboxConfig *config)
{
    g_autoptr(GVirSandboxConfigMount) mount = find_mount(config);

    return mount && GVIR_SANDBOX_IS_CONFIG_MOUNT_HOST_BIND(mount) && !gvir_sandbox_config_mount_get_read_only(mount) &&
           !gvir_sandbox_config_get_overlay(config);
}

static gboolean
check_kind(GVirSandboxConfig *config, GVirSandboxConfigMount *mount, GError **error)
{
    const gchar *root = gvir_sandbox_config_get_root(config);
    g_autofree gchar *shown = gvir_sandbox_text_show(root);
    g_autofree gchar *reason = NULL;
    gboolean temporary = FALSE;

    if (!gvir_sandbox_root_is_target(root))
        reason = g_strdup_printf(_("%s is to be the root already; leave one of the two out"), shown);
    else if (GVIR_SANDBOX_IS_CONFIG_MOUNT_GUEST_BIND(mount))
        reason = g_strdup(_("a root cannot be bound onto itself; use host-bind or host-image"));
    else if ((temporary = gvir_sandbox_config_mount_is_temporary(mount)))
        reason = g_strdup(_("what is empty is not a root; a root with an overlay can be written to"));
    if (!reason)
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID, "mount /: %s", reason);
    if (temporary)
        gvir_sandbox_error_set_remedy(error, "overlay");
    return FALSE;
}

static gboolean
check_directory(const gchar *directory, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(directory);
    struct stat status;

    if (!gvir_sandbox_xml_check_path(_("root"), directory, error))
        return FALSE;
    if (stat(directory, &status) == 0 && S_ISDIR(status.st_mode))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND, _("root: no such directory %s"), shown);
    return FALSE;
}

/* Also by another name, as /proc/1/root or a bind mount of it. */
static gboolean
is_host_root(const gchar *directory)
{
    struct stat status, root;

    return stat(directory, &status) == 0 && stat("/", &root) == 0 && status.st_dev == root.st_dev &&
           status.st_ino == root.st_ino;
}

gboolean
gvir_sandbox_root_check(GVirSandboxConfig *config, GError **error)
{
    g_autoptr(GVirSandboxConfigMount) mount = find_mount(config);
    g_autofree gchar *directory = NULL;

    if (mount && !check_kind(config, mount, error))
        return FALSE;
    directory = gvir_sandbox_root_dup_directory(config);
    if (!directory)
        return TRUE;
    if (!check_directory(directory, error))
        return mount ? gvir_sandbox_error_prefix(error, "mount /") : FALSE;
    if (!gvir_sandbox_root_is_written(config) || !is_host_root(directory))
        return TRUE;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                _("mount /: a sandbox is not given the host's own root to write to; "
                  "add ro, or an overlay"));
    gvir_sandbox_error_set_remedy(error, "overlay");
    return FALSE;
}
