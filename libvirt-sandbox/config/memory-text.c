/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config.h"
#include "libvirt-sandbox/config/size-private.h"
#include "libvirt-sandbox/error-private.h"
#include "libvirt-sandbox/i18n-private.h"

#define MEMORY_LEAST (G_GUINT64_CONSTANT(1) << 20)

/**
 * gvir_sandbox_config_set_memory_opts:
 * @config: the configuration
 * @optstr: a size as people write it: bytes, or a number and one of K M G T, KiB MiB GiB TiB
 * @error: return location for an error, or %NULL
 *
 * Sets the memory from a text.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if @optstr is no size, or less than 1 MiB.
 *
 * Returns: %TRUE if the memory was set
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_set_memory_opts(GVirSandboxConfig *config, const gchar *optstr, GError **error)
{
    guint64 bytes;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    if (!gvir_sandbox_size_parse(optstr, &bytes, error))
        return FALSE;
    if (bytes < MEMORY_LEAST) {
        g_set_error(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_INVALID,
                    _("%s: less than the 1 MiB that anything needs"), optstr);
        return FALSE;
    }
    gvir_sandbox_config_set_memory(config, bytes);
    return TRUE;
}
