/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config-private.h"
#include "libvirt-sandbox/config/format/keyfile-private.h"
#include "libvirt-sandbox/config/format/option-text-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/util/file-private.h"

#include <string.h>

/* Empty lines and comments say nothing; a line of a file from elsewhere may end as lines do there. */
static gboolean
add_line(GVirSandboxConfig *config, gchar *line, GError **error)
{
    g_strchug(line);
    if (g_str_has_suffix(line, "\r"))
        line[strlen(line) - 1] = '\0';
    return !*line || *line == '#' || gvir_sandbox_config_add_env_opts(config, line, error);
}

/**
 * gvir_sandbox_config_add_env_file:
 * @config: the description
 * @path: (type filename): a file with a text KEY=VALUE, or KEY alone, on every line
 * @error: return location for an error, or %NULL
 *
 * Sets environment variables of the program as gvir_sandbox_config_add_env_opts() does with each line of a
 * file. This is the format that docker and podman read: a value is all that is behind the first "=", quotes
 * included, and lines that are empty or begin with "#" are left out.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_NOT_FOUND or %GVIR_SANDBOX_ERROR_DENIED if the file cannot be read,
 * and to %GVIR_SANDBOX_ERROR_INVALID if a line has no name.
 *
 * Returns: %TRUE if all lines were right
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_add_env_file(GVirSandboxConfig *config, const gchar *path, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_auto(GStrv) lines = NULL;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);
    g_return_val_if_fail(path != NULL, FALSE);

    lines = gvir_sandbox_file_read_lines(path, GVIR_SANDBOX_KEYFILE_MAXIMUM_SIZE, error);
    if (!lines)
        return FALSE;
    for (gsize i = 0; lines[i]; i++) {
        if (!add_line(config, lines[i], error))
            return gvir_sandbox_option_prefix(error, "env-file", path);
    }
    return TRUE;
}
