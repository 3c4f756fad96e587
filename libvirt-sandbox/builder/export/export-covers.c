/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/export/export-covers-private.h"
#include "libvirt-sandbox/libvirt/autoptr-private.h"
#include "libvirt-sandbox/builder/root/host-submounts-private.h"
#include "libvirt-sandbox/builder/root/root-mount-private.h"
#include "libvirt-sandbox/builder/home/secrets-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/libvirt/driver-private.h"

#include <stdlib.h>

/* Below it libvirt has the sockets, keys and memory of running machines, which are QEMU's user's to read. */
#define LIBVIRT_STATE "/var/lib/libvirt/qemu"

/* @path of the host, if it is in the directory @source, but not itself or around it: then it was given. */
static void
add_host_path(GPtrArray *covers, const gchar *source, const gchar *path)
{
    g_autofree gchar *real_source = realpath(source, NULL);
    g_autofree gchar *real_path = realpath(path, NULL);
    const gchar *rest = NULL;

    if (real_source && real_path && gvir_sandbox_value_path_is_below(real_path, real_source, &rest) && *rest == '/' &&
        rest[1])
        g_ptr_array_add(covers, g_strdup(rest));
}

/* The directories of the host that are nobody's to see but ours and those of other sandboxes. */
static void
add_state(GPtrArray *covers, const GVirSandboxExportRequest *request, const gchar *source)
{
    g_autoptr(GVirSandboxDriver) driver = gvir_sandbox_driver_of_connection(request->connection, NULL);
    g_autofree gchar *base = g_path_get_dirname(request->statedir);
    g_autofree gchar *of_user = g_build_filename(g_get_user_config_dir(), "libvirt", "qemu", NULL);

    add_host_path(covers, source, base);
    add_host_path(covers, source, LIBVIRT_STATE);
    add_host_path(covers, source, of_user);
    if (driver && driver->root)
        add_host_path(covers, source, driver->root);
    if (request->overlay)
        add_host_path(covers, source, request->overlay->path);
}

static void
add_of_host(GPtrArray *covers, const GVirSandboxExportRequest *request, const gchar *source)
{
    const gchar *const *own = gvir_sandbox_host_submounts_own();

    for (guint i = 0; own[i]; i++)
        add_host_path(covers, source, own[i]);
    add_state(covers, request, source);
}

/* What is mounted where @path is in the sandbox, the last there; NULL: the root. */
static gchar *
find_target(GVirSandboxConfig *config, const gchar *path)
{
    GList *mounts = gvir_sandbox_config_get_mounts(config);
    gchar *found = NULL;

    for (GList *link = mounts; link; link = link->next) {
        g_autofree gchar *target = gvir_sandbox_value_canonical_path(gvir_sandbox_config_mount_get_target(link->data));

        if (g_str_equal(target, "/") || !gvir_sandbox_value_path_is_below(path, target, NULL) ||
            (found && strlen(target) <= strlen(found)))
            continue;
        g_free(found);
        found = g_steal_pointer(&target);
    }
    g_list_free_full(mounts, g_object_unref);
    return found;
}

/* Those of the hidden paths that are in what is mounted on @target; NULL: all, also if that is mounted over
 * them. */
static void
add_hidden(GPtrArray *covers, GVirSandboxConfig *config, const gchar *target)
{
    g_auto(GStrv) hidden = gvir_sandbox_secrets_add_to_hidden(config);

    for (guint i = 0; hidden && hidden[i]; i++) {
        g_autofree gchar *path = gvir_sandbox_value_canonical_path(hidden[i]);
        g_autofree gchar *found = find_target(config, path);

        if (!target)
            g_ptr_array_add(covers, g_steal_pointer(&path));
        else if (g_strcmp0(found, target) == 0)
            g_ptr_array_add(covers, g_strconcat("/", path + strlen(target), NULL));
    }
}

GPtrArray *
gvir_sandbox_export_covers_of_root(const GVirSandboxExportRequest *request, const gchar *root)
{
    GPtrArray *covers = g_ptr_array_new_with_free_func(g_free);
    const gchar *const *own = gvir_sandbox_host_submounts_own();

    /* What was /run once is, in another root, its own. */
    for (guint i = 0; own[i]; i++) {
        if (!g_str_equal(own[i], "/var/run"))
            g_ptr_array_add(covers, g_strdup(own[i]));
    }
    add_of_host(covers, request, root);
    add_hidden(covers, request->config, NULL);
    return covers;
}

GPtrArray *
gvir_sandbox_export_covers_of_bind(const GVirSandboxExportRequest *request, const GVirSandboxStorageBind *bind)
{
    GPtrArray *covers = g_ptr_array_new_with_free_func(g_free);
    g_autofree gchar *target = gvir_sandbox_value_canonical_path(bind->target);

    add_of_host(covers, request, bind->source);
    add_hidden(covers, request->config, target);
    return covers;
}
