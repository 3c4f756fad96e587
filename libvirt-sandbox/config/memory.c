/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config-private.h"
#include "libvirt-sandbox/config/format/option-text-private.h"
#include "libvirt-sandbox/config/format/size-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

/**
 * gvir_sandbox_config_set_memory:
 * @config: the description
 * @memory: how many bytes, or 0 for the default
 *
 * Sets the memory of the sandbox.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_memory(GVirSandboxConfig *config, guint64 memory)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_uint64(config, &gvir_sandbox_config_get_private(config)->memory, memory);
}

/**
 * gvir_sandbox_config_get_memory:
 * @config: the description
 *
 * Gets the memory of the sandbox.
 *
 * Returns: how many bytes, or 0 for the default
 *
 * Since: 0.9.0
 */
guint64
gvir_sandbox_config_get_memory(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), 0);

    return gvir_sandbox_config_get_private(config)->memory;
}

static gboolean
parse_memory(const gchar *text, guint64 *bytes, GError **error)
{
    if (!gvir_sandbox_size_parse(text, bytes, error))
        return FALSE;
    /* It stands for the default, which nobody means who writes a size. */
    if (*bytes == 0)
        return gvir_sandbox_text_invalid(error, _("must be more than 0 bytes"));
    return gvir_sandbox_settings_check_memory(*bytes, error);
}

/**
 * gvir_sandbox_config_set_memory_opts:
 * @config: the configuration
 * @optstr: a size as people write it: bytes, or a number and one of K M G T, KiB MiB GiB TiB
 * @error: return location for an error, or %NULL
 *
 * Sets the memory from a text.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if @optstr is no size, less than 1 MiB or more than 1 EiB.
 *
 * Returns: %TRUE if the memory was set
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_set_memory_opts(GVirSandboxConfig *config, const gchar *optstr, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    guint64 bytes;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);
    g_return_val_if_fail(optstr != NULL, FALSE);

    if (!parse_memory(optstr, &bytes, error))
        return gvir_sandbox_option_prefix(error, "memory", optstr);
    gvir_sandbox_config_set_memory(config, bytes);
    return TRUE;
}
