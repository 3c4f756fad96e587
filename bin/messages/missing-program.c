/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "bin/messages/missing-program.h"
#include "bin/working-directory.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

static gchar *
explain_outside(GVirSandboxConfig *config, const gchar *path)
{
    g_autofree gchar *directory = g_path_get_dirname(path);

    if (working_directory_shows(config, path))
        return NULL;
    return g_strdup_printf(_("the sandbox does not have the host's %s; --share=%s lets it"), path, directory);
}

/* A path from where we are, which need not be where the program starts. */
static gchar *
explain_relative(GVirSandboxConfig *config, const gchar *here, const gchar *path)
{
    const gchar *start = gvir_sandbox_config_get_workdir(config);

    if (g_strcmp0(start, here) == 0 || !working_directory_shows(config, path))
        return explain_outside(config, path);
    return g_strdup_printf(_("the program starts in %s; --chdir=%s, or its whole path, helps"),
                           start ? start : gvir_sandbox_config_get_homedir(config), here);
}

static gchar *
explain_path(GVirSandboxConfig *config, const gchar *program)
{
    g_autofree gchar *here = getcwd(NULL, 0);
    g_autofree gchar *path = here ? g_canonicalize_filename(program, here) : NULL;

    if (!path || !g_file_test(path, G_FILE_TEST_EXISTS))
        return NULL;
    return *program == '/' ? explain_outside(config, path) : explain_relative(config, here, path);
}

static gchar *
explain_name(GVirSandboxConfig *config, const gchar *program)
{
    g_autofree gchar *path = g_find_program_in_path(program);

    if (!path)
        return NULL;
    if (!working_directory_shows(config, path))
        return explain_outside(config, path);
    return g_strdup_printf(_("on the host it is %s, which the PATH of the sandbox does not lead to"), path);
}

gchar *
missing_program_explain(GVirSandboxConfig *config)
{
    g_auto(GStrv) command = gvir_sandbox_config_get_command(config);

    if (!command || !command[0])
        return NULL;
    return strchr(command[0], '/') ? explain_path(config, command[0]) : explain_name(config, command[0]);
}
