/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/builder/export/machine-export-private.h"

gchar *
gvir_sandbox_machine_export_bind_tag(guint number)
{
    return g_strdup_printf("mount%u", number);
}

gchar *
gvir_sandbox_machine_export_include_tag(guint number)
{
    return g_strdup_printf("include%u", number);
}

/* What is included into a mount for reading is written by the guest's init. */
gboolean
gvir_sandbox_machine_export_bind_is_read_only(const GVirSandboxStorageBind *bind)
{
    return bind->read_only && !bind->temporary;
}
