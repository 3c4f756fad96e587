/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config-private.h"
#include "libvirt-sandbox/config/format/option-text-private.h"
#include "libvirt-sandbox/config/security-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/util/error-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <string.h>

#define OWN_LABEL "/proc/self/attr/current"
#define SECCOMP "seccomp="

/* The label of the sandbox, and the system call filter. */

/**
 * gvir_sandbox_config_set_security_label:
 * @config: the description
 * @label: (nullable): a label, or %NULL for none of its own
 *
 * Sets the security label of the sandbox.
 */
void
gvir_sandbox_config_set_security_label(GVirSandboxConfig *config, const gchar *label)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_text(config, &gvir_sandbox_config_get_private(config)->security_label, label);
}

/**
 * gvir_sandbox_config_get_security_label:
 * @config: the description
 *
 * Gets the security label of the sandbox.
 *
 * Returns: (transfer none) (nullable): a label, or %NULL for none of its own
 */
const gchar *
gvir_sandbox_config_get_security_label(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), NULL);

    return gvir_sandbox_config_get_private(config)->security_label;
}

/**
 * gvir_sandbox_config_set_security_dynamic:
 * @config: the description
 * @dynamic: %TRUE if it does
 *
 * Sets whether libvirt makes a security label for each start.
 */
void
gvir_sandbox_config_set_security_dynamic(GVirSandboxConfig *config, gboolean dynamic)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_boolean(config, &gvir_sandbox_config_get_private(config)->security_dynamic, dynamic);
}

/**
 * gvir_sandbox_config_get_security_dynamic:
 * @config: the description
 *
 * Gets whether libvirt makes a security label for each start.
 *
 * Returns: %TRUE if it does
 */
gboolean
gvir_sandbox_config_get_security_dynamic(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_config_get_private(config)->security_dynamic;
}

/**
 * gvir_sandbox_config_set_seccomp:
 * @config: the description
 * @seccomp: %FALSE to do without
 *
 * Sets whether a filter keeps the program of a container from system calls that it can do without. A machine
 * has a kernel of its own, and no such filter: to switch it off there is refused when it is started.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_seccomp(GVirSandboxConfig *config, gboolean seccomp)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_boolean(config, &gvir_sandbox_config_get_private(config)->seccomp, seccomp);
}

/**
 * gvir_sandbox_config_get_seccomp:
 * @config: the description
 *
 * Gets whether a filter keeps the program of a container from system calls that it can do without.
 *
 * Returns: %TRUE if it does, as it is by default
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_get_seccomp(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), TRUE);

    return gvir_sandbox_config_get_private(config)->seccomp;
}

/**
 * gvir_sandbox_config_set_security_required:
 * @config: the description
 * @required: %TRUE if it is
 *
 * Sets whether a sandbox is refused where libvirt cannot make the label that
 * gvir_sandbox_config_set_security_dynamic() asks for. By default it is started without one there.
 *
 * Since: 0.9.0
 */
void
gvir_sandbox_config_set_security_required(GVirSandboxConfig *config, gboolean required)
{
    g_return_if_fail(GVIR_SANDBOX_IS_CONFIG(config));

    gvir_sandbox_settings_set_boolean(config, &gvir_sandbox_config_get_private(config)->security_required, required);
}

/**
 * gvir_sandbox_config_get_security_required:
 * @config: the description
 *
 * Gets whether a sandbox is refused where libvirt cannot make its label.
 *
 * Returns: %TRUE if it is
 *
 * Since: 0.9.0
 */
gboolean
gvir_sandbox_config_get_security_required(GVirSandboxConfig *config)
{
    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    return gvir_sandbox_config_get_private(config)->security_required;
}

void
gvir_sandbox_security_text_trim(gchar *text)
{
    gchar *mode = strrchr(g_strstrip(text), ' ');

    if (mode && mode[1] == '(' && g_str_has_suffix(mode, ")"))
        *mode = '\0';
}

/* The label of the caller, where the host has labels. */
static gboolean
inherit_label(GVirSandboxConfig *config, GError **error)
{
    g_autofree gchar *label = NULL;

    if (g_file_get_contents(OWN_LABEL, &label, NULL, NULL))
        gvir_sandbox_security_text_trim(label);
    if (!label || !*label) {
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

/* Takes seccomp=on or seccomp=off out of @options, where it goes with any label or none. */
static gboolean
take_seccomp(gchar **options, gchar **seccomp, GError **error)
{
    gsize kept = 0;

    for (gsize i = 0; options[i]; i++) {
        if (!g_str_has_prefix(options[i], SECCOMP)) {
            options[kept++] = options[i];
            continue;
        }
        if (*seccomp) {
            for (; options[i]; i++)
                options[kept++] = options[i];
            options[kept] = NULL;
            return gvir_sandbox_text_invalid(error, _("seccomp is there twice"));
        }
        *seccomp = options[i];
    }
    options[kept] = NULL;
    if (!*seccomp || g_str_equal(*seccomp, SECCOMP "on") || g_str_equal(*seccomp, SECCOMP "off"))
        return TRUE;
    return gvir_sandbox_text_invalid(error, _("seccomp is neither on nor off"));
}

static gboolean
set_label_options(GVirSandboxConfig *config, gchar **options, GError **error)
{
    const gchar *label = NULL;
    gboolean dynamic = g_strcmp0(options[0], "dynamic") == 0;

    if (g_strcmp0(options[0], "inherit") == 0)
        return options[1] ? gvir_sandbox_option_unknown(options[1], error) : inherit_label(config, error);
    if (!dynamic && g_strcmp0(options[0], "static") != 0)
        return gvir_sandbox_text_invalid(
            error, _("it must be dynamic[,label=LABEL], static,label=LABEL, inherit or seccomp=off"));
    if (!parse_label(options + 1, &label, error))
        return FALSE;
    if (!dynamic && !label)
        return gvir_sandbox_text_invalid(error, _("static needs a label=LABEL"));
    gvir_sandbox_config_set_security_required(config, dynamic);
    gvir_sandbox_config_set_security_dynamic(config, dynamic);
    gvir_sandbox_config_set_security_label(config, label);
    return TRUE;
}

static gboolean
set_options(GVirSandboxConfig *config, gchar **options, GError **error)
{
    g_autofree gchar *seccomp = NULL;

    if (!take_seccomp(options, &seccomp, error))
        return FALSE;
    if ((options[0] || !seccomp) && !set_label_options(config, options, error))
        return FALSE;
    if (seccomp)
        gvir_sandbox_config_set_seccomp(config, g_str_equal(seccomp, SECCOMP "on"));
    return TRUE;
}

/**
 * gvir_sandbox_config_set_security_opts:
 * @config: the description
 * @optstr: dynamic[,label=LABEL], static,label=LABEL or inherit; seccomp=off or seccomp=on; or both
 * @error: return location for an error, or %NULL
 *
 * Sets the security label, and whether a filter of system calls is on, from a text; what it does not name is
 * left as it is.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if @optstr is none of these, and to
 * %GVIR_SANDBOX_ERROR_UNSUPPORTED if there is no label to inherit.
 *
 * Returns: %TRUE if it was set
 */
gboolean
gvir_sandbox_config_set_security_opts(GVirSandboxConfig *config, const gchar *optstr, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_auto(GStrv) options = NULL;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);
    g_return_val_if_fail(optstr != NULL, FALSE);

    options = gvir_sandbox_option_split(optstr);
    return set_options(config, options, error) || gvir_sandbox_option_prefix(error, "security", optstr);
}
