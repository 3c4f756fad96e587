/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/util/error-private.h"

#include <errno.h>

G_DEFINE_QUARK(gvir - sandbox - error - quark, gvir_sandbox_error)

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
