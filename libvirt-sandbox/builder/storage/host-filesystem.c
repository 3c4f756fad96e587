/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/boot/modules-private.h"
#include "libvirt-sandbox/builder/storage/host-filesystem-private.h"

#include <string.h>
#include <sys/utsname.h>

gboolean
gvir_sandbox_host_has_file_system(const gchar *type)
{
    const gchar *const modules[] = { g_str_equal(type, "iso9660") ? "isofs" : type, NULL };
    g_autofree gchar *line = g_strdup_printf("\t%s\n", type);
    g_autofree gchar *list = NULL;
    g_autofree gchar *directory = NULL;
    struct utsname name;

    if (g_file_get_contents("/proc/filesystems", &list, NULL, NULL) && strstr(list, line))
        return TRUE;
    if (uname(&name) < 0)
        return FALSE;
    directory = g_build_filename("/lib/modules", name.release, NULL);
    return gvir_sandbox_modules_check(directory, name.release, modules, NULL);
}
