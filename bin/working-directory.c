/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/working-directory.h"

#include <string.h>
#include <unistd.h>

/* What every sandbox has for itself. */
static const gchar *const private_directories[] = { "/dev", "/proc", "/run", "/sys", "/tmp", "/var/tmp", NULL };

/* How much of @path @directory covers: 0 if @path is not in it. */
static gsize
covered_length(const gchar *path, const gchar *directory)
{
    g_autofree gchar *canonical = g_canonicalize_filename(directory, "/");
    gsize length = g_str_equal(canonical, "/") ? 0 : strlen(canonical);

    if (strncmp(path, canonical, length) != 0 || (path[length] != '/' && path[length] != '\0'))
        return 0;
    return MAX(length, 1);
}

static gboolean
is_in_any(const gchar *path, const gchar *const *directories)
{
    while (*directories && covered_length(path, *directories) == 0)
        directories++;
    return *directories != NULL;
}

/* Whether the host's directory is on its own path by @mount. */
static gboolean
shows_host(GVirSandboxConfigMount *mount)
{
    const gchar *source;
    g_autofree gchar *from = NULL;
    g_autofree gchar *to = NULL;

    if (!GVIR_SANDBOX_IS_CONFIG_MOUNT_HOST_BIND(mount))
        return FALSE;
    source = gvir_sandbox_config_mount_file_get_source(GVIR_SANDBOX_CONFIG_MOUNT_FILE(mount));
    if (!source || !*source)
        return FALSE;
    from = g_canonicalize_filename(source, "/");
    to = g_canonicalize_filename(gvir_sandbox_config_mount_get_target(mount), "/");
    return g_str_equal(from, to);
}

/* The mount that has @path: the deepest one. */
static GVirSandboxConfigMount *
find_mount(GVirSandboxConfig *config, const gchar *path)
{
    GList *mounts = gvir_sandbox_config_get_mounts(config);
    GVirSandboxConfigMount *found = NULL;
    gsize deepest = 0;

    for (GList *link = mounts; link; link = link->next) {
        gsize length = covered_length(path, gvir_sandbox_config_mount_get_target(link->data));

        if (length > deepest) {
            deepest = length;
            g_set_object(&found, link->data);
        }
    }
    g_list_free_full(mounts, g_object_unref);
    return found;
}

/* A toolchain in it is seen, but is no place to start in. */
static gboolean
is_in_private_home(GVirSandboxConfig *config, const gchar *path)
{
    const gchar *home = gvir_sandbox_config_get_homedir(config);

    return gvir_sandbox_config_get_private_home(config) && home && !g_str_equal(home, "/") &&
           covered_length(path, home) > 0;
}

gchar *
working_directory_make_absolute(const gchar *path)
{
    g_autofree gchar *here = g_path_is_absolute(path) ? NULL : getcwd(NULL, 0);

    return here ? g_canonicalize_filename(path, here) : g_strdup(path);
}

gboolean
working_directory_shows(GVirSandboxConfig *config, const gchar *path)
{
    g_autoptr(GVirSandboxConfigMount) mount = find_mount(config, path);
    g_auto(GStrv) hidden = gvir_sandbox_config_get_hidden(config);
    g_autofree gchar *root = g_canonicalize_filename(gvir_sandbox_config_get_root(config), "/");

    if (is_in_any(path, (const gchar *const *)hidden))
        return FALSE;
    if (mount)
        return shows_host(mount);
    return g_str_equal(root, "/") && !is_in_any(path, private_directories) && !is_in_private_home(config, path);
}

/* Without a slash at its start it is not below our root. */
static gchar *
get_here(void)
{
    g_autofree gchar *here = getcwd(NULL, 0);

    return here && *here == '/' ? g_steal_pointer(&here) : NULL;
}

gchar *
working_directory_find_shared(GVirSandboxConfig *config)
{
    g_autofree gchar *here = get_here();
    g_autoptr(GVirSandboxConfigMount) mount = here ? find_mount(config, here) : NULL;

    return mount && shows_host(mount) ? g_steal_pointer(&here) : NULL;
}

gchar *
working_directory_find(GVirSandboxConfig *config)
{
    g_autofree gchar *here = get_here();

    if (!here || !working_directory_shows(config, here))
        return NULL;
    return g_steal_pointer(&here);
}
