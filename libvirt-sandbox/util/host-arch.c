/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/host-arch-private.h"

#include <sys/utsname.h>

gchar *
gvir_sandbox_host_arch(void)
{
    struct utsname host;

    return g_strdup(uname(&host) == 0 ? host.machine : "x86_64");
}
