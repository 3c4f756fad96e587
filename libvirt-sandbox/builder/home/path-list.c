/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/home/path-list-private.h"
#include "libvirt-sandbox/util/helper-private.h"
#include "libvirt-sandbox/util/file-private.h"
#include "libvirt-sandbox/util/text-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"

#include <string.h>
#include <sys/stat.h>

#define DIRECTORY "libvirt-sandbox"
#define SIZE_MAXIMUM (1u << 20)
#define LINES_MAXIMUM 10000

/* What is wrong with the line, or NULL. */
static const gchar *
find_mistake(const gchar *line, gboolean in_home)
{
    const gchar *path = g_str_has_prefix(line, "~/") ? line + 1 : line;
    g_autofree gchar *canonical = NULL;

    if (*path != '/' || (in_home && path == line))
        return in_home ? _("a path of the home directory begins with ~/") : _("a path begins with ~/ or /");
    if (!gvir_sandbox_value_check_guest_path("", path, NULL))
        return _("a path has no \"..\" in it, and no more than 4095 bytes");
    canonical = gvir_sandbox_value_canonical_path(path);
    return g_str_equal(canonical, "/") ? _("this is all that there is; name what is in it") : NULL;
}

static gboolean
add_line(GPtrArray *paths, const gchar *line, gboolean in_home, const gchar *file, guint number, GError **error)
{
    const gchar *mistake = find_mistake(line, in_home);
    g_autofree gchar *shown = gvir_sandbox_text_show(line);
    g_autofree gchar *canonical = NULL;
    gboolean of_home = *line == '~';

    if (mistake)
        return gvir_sandbox_text_invalid(error, _("%s: line %u: \"%s\": %s"), file, number, shown, mistake);
    canonical = gvir_sandbox_value_canonical_path(of_home ? line + 1 : line);
    g_ptr_array_add(paths, g_strconcat(of_home ? "~" : "", canonical, NULL));
    return TRUE;
}

gboolean
gvir_sandbox_path_list_parse(GPtrArray *paths, const gchar *text, const gchar *file, gboolean in_home, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", LINES_MAXIMUM);

    for (guint i = 0; lines[i]; i++) {
        const gchar *line = g_strstrip(lines[i]);

        if (i + 1 == LINES_MAXIMUM)
            return gvir_sandbox_text_invalid(error, _("%s: more than %d lines"), file, LINES_MAXIMUM - 1);
        if (*line && *line != '#' && !add_line(paths, line, in_home, file, i + 1, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
read_file(GPtrArray *paths, const gchar *file, gboolean in_home, GError **error)
{
    g_autofree gchar *shown = gvir_sandbox_text_show(file);
    g_autofree gchar *text = NULL;
    struct stat status;
    gsize length;

    if (stat(file, &status) == 0 && !S_ISREG(status.st_mode))
        return gvir_sandbox_text_invalid(error, _("%s: not a regular file"), shown);
    text = gvir_sandbox_file_read(file, SIZE_MAXIMUM, &length, error);
    if (!text)
        return FALSE;
    if (strlen(text) != length)
        return gvir_sandbox_text_invalid(error, _("%s: it is not a text"), shown);
    return gvir_sandbox_path_list_parse(paths, text, shown, in_home, error);
}

/* Who has none adds nothing; one that cannot be read might. */
static gboolean
read_further(GPtrArray *paths, const gchar *directory, const gchar *name, gboolean in_home, GError **error)
{
    g_autofree gchar *file = g_build_filename(directory, DIRECTORY, name, NULL);
    g_autoptr(GError) failure = NULL;

    if (read_file(paths, file, in_home, &failure) ||
        g_error_matches(failure, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

GPtrArray *
gvir_sandbox_path_list_read(const gchar *name, gboolean in_home, GError **error)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autofree gchar *ours = gvir_sandbox_helper_find_data(name);

    if (!read_file(paths, ours, in_home, error) || !read_further(paths, SYSCONFDIR, name, in_home, error) ||
        !read_further(paths, g_get_user_config_dir(), name, in_home, error))
        return NULL;
    return g_steal_pointer(&paths);
}
