/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config.h"
#include "libvirt-sandbox/config/option-text-private.h"
#include "libvirt-sandbox/config/text-private.h"
#include "libvirt-sandbox/error-private.h"
#include "libvirt-sandbox/i18n-private.h"

#include <string.h>

#define OWN_LABEL "/proc/self/attr/current"

/* The label of the caller, where the host has labels. */
static gboolean
inherit_label(GVirSandboxConfig *config, GError **error)
{
    g_autofree gchar *label = NULL;

    if (!g_file_get_contents(OWN_LABEL, &label, NULL, NULL) || !*g_strstrip(label)) {
        g_set_error_literal(error, GVIR_SANDBOX_ERROR, GVIR_SANDBOX_ERROR_UNSUPPORTED,
                            _("inherit: this host has no security labels"));
        return FALSE;
    }
    gvir_sandbox_config_set_security_dynamic(config, FALSE);
    gvir_sandbox_config_set_security_label(config, label);
    return TRUE;
}

static gboolean
parse_label(gchar **options, const gchar **label, GError **error)
{
    for (gsize i = 0; options[i]; i++) {
        if (!g_str_has_prefix(options[i], "label="))
            return gvir_sandbox_option_unknown(options[i], error);
        if (*label)
            return gvir_sandbox_text_invalid(error, _("label is there twice"));
        *label = options[i] + strlen("label=");
        if (!**label)
            return gvir_sandbox_text_invalid(error, _("label is empty"));
    }
    return TRUE;
}

static gboolean
set_options(GVirSandboxConfig *config, gchar **options, GError **error)
{
    const gchar *label = NULL;
    gboolean dynamic = g_strcmp0(options[0], "dynamic") == 0;

    if (g_strcmp0(options[0], "inherit") == 0)
        return options[1] ? gvir_sandbox_option_unknown(options[1], error) : inherit_label(config, error);
    if (!dynamic && g_strcmp0(options[0], "static") != 0)
        return gvir_sandbox_text_invalid(
            error, _("it must be dynamic[,label=LABEL], static,label=LABEL or inherit"));
    if (!parse_label(options + 1, &label, error))
        return FALSE;
    if (!dynamic && !label)
        return gvir_sandbox_text_invalid(error, _("static needs a label=LABEL"));
    gvir_sandbox_config_set_security_dynamic(config, dynamic);
    gvir_sandbox_config_set_security_label(config, label);
    return TRUE;
}

/**
 * gvir_sandbox_config_set_security_opts:
 * @config: the description
 * @optstr: dynamic[,label=LABEL], static,label=LABEL or inherit
 * @error: return location for an error, or %NULL
 *
 * Sets the security label from a text.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if @optstr is none of these, and to
 * %GVIR_SANDBOX_ERROR_UNSUPPORTED if there is no label to inherit.
 *
 * Returns: %TRUE if the label was set
 */
gboolean
gvir_sandbox_config_set_security_opts(GVirSandboxConfig *config, const gchar *optstr, GError **error)
{
    g_auto(GStrv) options = NULL;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);
    g_return_val_if_fail(optstr != NULL, FALSE);

    options = gvir_sandbox_option_split(optstr);
    return set_options(config, options, error) || gvir_sandbox_option_prefix(error, "security", optstr);
}
