/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/config/config-private.h"
#include "libvirt-sandbox/config/format/keyfile-private.h"
#include "libvirt-sandbox/config/format/option-text-private.h"
#include "libvirt-sandbox/config/format/value-private.h"
#include "libvirt-sandbox/config/home-private.h"
#include "libvirt-sandbox/config/mounts/mount-private.h"
#include "libvirt-sandbox/libvirt/border-private.h"
#include "libvirt-sandbox/util/file-private.h"
#include "libvirt-sandbox/util/i18n-private.h"
#include "libvirt-sandbox/util/text-private.h"

#include <string.h>

/* Files of the host that are copied into a temporary mount. */

/* The mount whose target is PATH or its nearest parent; the way on from there is put in *REST. */
static GVirSandboxConfigMount *
find_covering_mount(GVirSandboxConfig *config, const gchar *path, const gchar **rest)
{
    GPtrArray *mounts = gvir_sandbox_config_get_private(config)->mounts;
    GVirSandboxConfigMount *best = NULL;

    for (guint i = 0; i < mounts->len; i++) {
        const gchar *given = gvir_sandbox_config_mount_get_target(mounts->pdata[i]);
        g_autofree gchar *target = given ? gvir_sandbox_value_canonical_path(given) : NULL;
        const gchar *candidate;

        if (target && gvir_sandbox_value_path_is_below(path, target, &candidate) &&
            (!best || strlen(candidate) <= strlen(*rest))) {
            best = mounts->pdata[i];
            *rest = candidate;
        }
    }
    return best;
}

/* FALSE if there is no private home that covers @path, or @mount is nearer to it. */
static gboolean
add_to_home(GVirSandboxConfig *config, const gchar *host, const gchar *path, GVirSandboxConfigMount *mount)
{
    GVirSandboxConfigPrivate *priv = gvir_sandbox_config_get_private(config);
    g_autofree gchar *home = gvir_sandbox_config_dup_home(config);
    g_autofree gchar *target =
        mount ? gvir_sandbox_value_canonical_path(gvir_sandbox_config_mount_get_target(mount)) : NULL;
    const gchar *rest;

    if (!priv->private_home || !gvir_sandbox_value_path_is_below(path, home, &rest) ||
        (target && gvir_sandbox_value_path_is_below(target, home, NULL)))
        return FALSE;
    gvir_sandbox_string_map_set(priv->home_includes, *rest ? rest : "/", host);
    return TRUE;
}

static gboolean
add_include(GVirSandboxConfig *config, const gchar *guest, const gchar *host, GError **error)
{
    g_autofree gchar *path = NULL;
    g_autofree gchar *shown = NULL;
    GVirSandboxConfigMount *mount;
    const gchar *rest = NULL;

    if (!gvir_sandbox_value_check_guest_path(_("path in the sandbox"), guest, error) ||
        !gvir_sandbox_value_check_path(_("path on the host"), host, error))
        return FALSE;
    path = gvir_sandbox_value_canonical_path(guest);
    shown = gvir_sandbox_text_show(path);
    mount = find_covering_mount(config, path, &rest);
    if (add_to_home(config, host, path, mount))
        return TRUE;
    if (!mount)
        return gvir_sandbox_text_invalid(
            error, _("no mount covers %s: give one first, as ram or as host-bind without a source"), shown);
    if (!gvir_sandbox_config_mount_is_temporary(mount)) {
        g_free(shown);
        shown = gvir_sandbox_text_show(gvir_sandbox_config_mount_get_target(mount));
        return gvir_sandbox_text_invalid(
            error, _("the mount on %s is not temporary: only ram and host-bind without a source are"), shown);
    }
    gvir_sandbox_config_mount_add_include(mount, host, *rest ? rest : "/");
    return TRUE;
}

static gboolean
add_include_text(GVirSandboxConfig *config, const gchar *text, GError **error)
{
    g_autofree gchar *left = NULL;
    const gchar *equals = gvir_sandbox_option_find_equals(text, &left);
    g_autofree gchar *path = gvir_sandbox_value_absolute_path(equals ? equals + 1 : left);
    g_autofree gchar *host = *path == '/' ? g_canonicalize_filename(path, NULL) : g_strdup(path);
    g_autofree gchar *guest = equals ? gvir_sandbox_value_absolute_path(left) : g_strdup(host);

    return add_include(config, guest, host, error) || gvir_sandbox_option_prefix(error, "include", text);
}

/**
 * gvir_sandbox_config_add_host_include_strv:
 * @config: the description
 * @includes: (array zero-terminated=1): texts [GUEST=]HOST
 * @error: return location for an error, or %NULL
 *
 * Adds files or trees of the host, which are copied to the path GUEST of the sandbox (the same path, if
 * none is given) when it starts. The path must be in a temporary mount that was added before, or in a private home
 * that was asked for before.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_INVALID if a text is wrong or nothing temporary covers the path.
 *
 * Returns: %TRUE if all were added
 */
gboolean
gvir_sandbox_config_add_host_include_strv(GVirSandboxConfig *config, gchar **includes, GError **error)
{
    GVIR_SANDBOX_BORDER(error);

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);

    for (gsize i = 0; includes && includes[i]; i++) {
        if (!add_include_text(config, includes[i], error))
            return FALSE;
    }
    return TRUE;
}

/**
 * gvir_sandbox_config_add_host_include_file:
 * @config: the description
 * @includefile: a file with a text [GUEST=]HOST on every line
 * @error: return location for an error, or %NULL
 *
 * Adds what the lines of a file say, as gvir_sandbox_config_add_host_include_strv() does. Empty lines are
 * left out.
 *
 * Sets @error to %GVIR_SANDBOX_ERROR_NOT_FOUND or %GVIR_SANDBOX_ERROR_DENIED if the file cannot be read,
 * and to %GVIR_SANDBOX_ERROR_INVALID if a line is wrong.
 *
 * Returns: %TRUE if all were added
 */
gboolean
gvir_sandbox_config_add_host_include_file(GVirSandboxConfig *config, const gchar *includefile, GError **error)
{
    GVIR_SANDBOX_BORDER(error);
    g_auto(GStrv) lines = NULL;

    g_return_val_if_fail(GVIR_SANDBOX_IS_CONFIG(config), FALSE);
    g_return_val_if_fail(includefile != NULL, FALSE);

    lines = gvir_sandbox_file_read_lines(includefile, GVIR_SANDBOX_KEYFILE_MAXIMUM_SIZE, error);
    if (!lines)
        return FALSE;
    for (gsize i = 0; lines[i]; i++) {
        if (*lines[i] && !add_include_text(config, lines[i], error))
            return gvir_sandbox_option_prefix(error, "includefile", includefile);
    }
    return TRUE;
}
