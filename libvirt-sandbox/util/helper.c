/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/helper-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/trusted-directory-private.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/stat.h>

static const GVirSandboxHelperPlaces usual_places;
static const GVirSandboxHelperPlaces *current_places = &usual_places;

void
gvir_sandbox_helper_set_places(const GVirSandboxHelperPlaces *places)
{
    current_places = places ? places : &usual_places;
}

const GVirSandboxHelperPlaces *
gvir_sandbox_helper_get_places(void)
{
    return current_places;
}

/* The library, or the program that it is part of. */
static const gchar *
find_library(void)
{
    Dl_info info;

    return dladdr((gpointer)find_library, &info) ? info.dli_fname : NULL;
}

/* Before it is installed, libtool keeps the library in .libs/ of the build tree's top. */
static gchar *
find_in_build(const gchar *name_in_build)
{
    const gchar *library = find_library();
    g_autofree gchar *directory = NULL;
    g_autofree gchar *absolute = NULL;
    g_autofree gchar *name = NULL;

    if (!library)
        return NULL;
    directory = g_path_get_dirname(library);
    name = g_path_get_basename(directory);
    if (!g_str_equal(name, ".libs"))
        return NULL;
    absolute = g_canonicalize_filename(directory, NULL);
    return g_canonicalize_filename(name_in_build, absolute);
}

/* Who owns the library is obeyed already; nobody else is to have a say in what is started. */
static gboolean
check_trusted(const gchar *path, GError **error)
{
    const gchar *library = find_library();
    struct stat helper, ours;

    if (stat(path, &helper) < 0) {
        gvir_sandbox_error_set_errno(error, errno, "%s", path);
        return FALSE;
    }
    if (library && stat(library, &ours) == 0 && helper.st_uid == ours.st_uid && !(helper.st_mode & S_IWOTH))
        return TRUE;
    return gvir_sandbox_trusted_file_check(&helper, path, error);
}

/* @place, where there is one. */
static gchar *
find_directory(const gchar *place, const gchar *name_in_build, const gchar *installed)
{
    gchar *directory = place ? g_strdup(place) : find_in_build(name_in_build);

    return directory ? directory : g_strdup(installed);
}

gchar *
gvir_sandbox_helper_find(const gchar *name, GError **error)
{
    g_autofree gchar *directory = find_directory(current_places->helpers, "../libexec", PKGLIBEXECDIR);
    g_autofree gchar *path = g_build_filename(directory, name, NULL);

    if (g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
        return check_trusted(path, error) ? g_steal_pointer(&path) : NULL;
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND,
                _("%s: not there; is libvirt-sandbox installed completely?"), path);
    return NULL;
}

gchar *
gvir_sandbox_helper_find_data(const gchar *name)
{
    g_autofree gchar *directory = find_directory(current_places->data, "../data", PKGDATADIR);

    return g_build_filename(directory, name, NULL);
}
