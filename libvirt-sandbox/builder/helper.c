/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/builder-private.h"
#include "libvirt-sandbox/error-private.h"
#include "libvirt-sandbox/i18n-private.h"

#include <dlfcn.h>

/* Before it is installed, libtool keeps the library in .libs/ of the build tree's top. */
static gchar *
find_build_directory(void)
{
    g_autofree gchar *directory = NULL;
    g_autofree gchar *absolute = NULL;
    g_autofree gchar *name = NULL;
    Dl_info info;

    if (!dladdr((gpointer)find_build_directory, &info) || !info.dli_fname)
        return NULL;
    directory = g_path_get_dirname(info.dli_fname);
    name = g_path_get_basename(directory);
    if (!g_str_equal(name, ".libs"))
        return NULL;
    absolute = g_canonicalize_filename(directory, NULL);
    return g_canonicalize_filename("../libexec", absolute);
}

gchar *
gvir_sandbox_builder_find_helper(const gchar *name, GError **error)
{
    g_autofree gchar *build_directory = find_build_directory();
    g_autofree gchar *path =
        g_build_filename(build_directory ? build_directory : PKGLIBEXECDIR, name, NULL);

    if (g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer(&path);
    g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_NOT_FOUND,
                _("%s: not there; is libvirt-sandbox installed completely?"), path);
    return NULL;
}
