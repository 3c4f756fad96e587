/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "expect.h"

#include "libvirt-sandbox/config/config-file-private.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* A saved description: it is refused with one clear error, or means something that can be saved. */
int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    /* A copy of just these bytes: reading past them is found. */
    g_autofree gchar *copy = g_memdup2(data, size);
    g_autoptr(GError) error = NULL;
    g_autoptr(GVirSandboxConfig) config = gvir_sandbox_config_load_from_bytes(copy ? copy : "", size, &error);

    if (config)
        expect_saves_the_same(config);
    else
        expect_clear_error(error);
    return 0;
}
