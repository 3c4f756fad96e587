/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/error-private.h"

#include <errno.h>

typedef struct {
    const gchar *remedy; /* interned, or NULL */
} GVirSandboxErrorPrivate;

static void
gvir_sandbox_error_private_init(GVirSandboxErrorPrivate *priv)
{
    priv->remedy = NULL;
}

static void
gvir_sandbox_error_private_copy(const GVirSandboxErrorPrivate *from, GVirSandboxErrorPrivate *to)
{
    to->remedy = from->remedy;
}

static void
gvir_sandbox_error_private_clear(GVirSandboxErrorPrivate *priv)
{
    priv->remedy = NULL;
}

G_DEFINE_EXTENDED_ERROR(GVirSandboxError, gvir_sandbox_error)

void
gvir_sandbox_error_set_remedy(GError **error, const gchar *property)
{
    if (error && *error && (*error)->domain == GVIR_SANDBOX_ERROR)
        gvir_sandbox_error_get_private(*error)->remedy = g_intern_string(property);
}

/**
 * gvir_sandbox_error_get_remedy:
 * @error: an error of the library, or any other
 *
 * Where another value of one property of the configuration helps against an error, gets the name of that property,
 * so that a program can say what the property is called in its own options or dialogs. The name "qemu-user" stands
 * for the parameter of gvir_sandbox_connection_new().
 *
 * Returns: (transfer none) (nullable): the name of a property, or %NULL if none is known to help
 *
 * Since: 0.9.0
 */
const gchar *
gvir_sandbox_error_get_remedy(const GError *error)
{
    g_return_val_if_fail(error != NULL, NULL);

    return error->domain == GVIR_SANDBOX_ERROR ? gvir_sandbox_error_get_private(error)->remedy : NULL;
}

GVirSandboxError
gvir_sandbox_error_from_errno(int saved_errno)
{
    switch (saved_errno) {
    case ENOENT:
    case ENOTDIR:
        return GVIR_SANDBOX_ERROR_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return GVIR_SANDBOX_ERROR_DENIED;
    case EBUSY:
    case EEXIST:
        return GVIR_SANDBOX_ERROR_BUSY;
    case ENOSYS:
    case EOPNOTSUPP:
        return GVIR_SANDBOX_ERROR_UNSUPPORTED;
    default:
        return GVIR_SANDBOX_ERROR_FAILED;
    }
}

void
gvir_sandbox_error_set_errno(GError **error, int saved_errno, const gchar *format, ...)
{
    va_list args;
    g_autofree gchar *text = NULL;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);

    g_set_error(error, GVIR_SANDBOX_ERROR, gvir_sandbox_error_from_errno(saved_errno), "%s: %s", text,
                g_strerror(saved_errno));
}

gboolean
gvir_sandbox_error_prefix(GError **error, const gchar *format, ...)
{
    va_list args;
    g_autofree gchar *text = NULL;

    if (!error || !*error)
        return FALSE;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);

    g_prefix_error(error, "%s: ", text);
    return FALSE;
}
