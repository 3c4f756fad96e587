/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "build-settings.h"

#include "libvirt-sandbox/handle-private.h"
#include "libvirt-sandbox/error-private.h"

#include <string.h>

virConnectPtr
gvir_sandbox_connection_handle(GVirConnection *connection)
{
    virConnectPtr handle = NULL;

    g_object_get(connection, "handle", &handle, NULL);
    return handle;
}

virDomainPtr
gvir_sandbox_domain_handle(GVirDomain *domain)
{
    virDomainPtr handle = NULL;

    g_object_get(domain, "handle", &handle, NULL);
    return handle;
}

static GVirSandboxError
code_from_libvirt(int code)
{
    switch (code) {
    case VIR_ERR_NO_CONNECT:
    case VIR_ERR_INVALID_CONN:
    case VIR_ERR_RPC:
    case VIR_ERR_SYSTEM_ERROR:
    case VIR_ERR_NO_SERVER:
        return GVIR_SANDBOX_ERROR_CONNECTION;
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
    case VIR_ERR_AUTH_UNAVAILABLE:
    case VIR_ERR_ACCESS_DENIED:
        return GVIR_SANDBOX_ERROR_DENIED;
    case VIR_ERR_NO_DOMAIN:
        return GVIR_SANDBOX_ERROR_NOT_FOUND;
    case VIR_ERR_NO_SUPPORT:
    case VIR_ERR_CONFIG_UNSUPPORTED:
    case VIR_ERR_OPERATION_UNSUPPORTED:
    case VIR_ERR_ARGUMENT_UNSUPPORTED:
        return GVIR_SANDBOX_ERROR_UNSUPPORTED;
    case VIR_ERR_DOM_EXIST:
        return GVIR_SANDBOX_ERROR_BUSY;
    default:
        return GVIR_SANDBOX_ERROR_FAILED;
    }
}

/* Two may have found an image free at the same moment: then QEMU decides. */
static gboolean
is_about_lock(const gchar *reason)
{
    return strstr(reason, "Failed to get ") && strstr(reason, "lock");
}

static GVirSandboxError
code_from_error(virErrorPtr last)
{
    if (!last)
        return GVIR_SANDBOX_ERROR_FAILED;
    return last->message && is_about_lock(last->message) ? GVIR_SANDBOX_ERROR_BUSY : code_from_libvirt(last->code);
}

void
gvir_sandbox_handle_set_error(GError **error, const gchar *format, ...)
{
    virErrorPtr last = virGetLastError();
    g_autofree gchar *text = NULL;
    g_autofree gchar *reason = g_strdup(last ? last->message : "");
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);

    /* What QEMU printed comes in several lines; a message has one. */
    g_strdelimit(g_strchomp(reason), "\n", ' ');
    g_set_error(error, GVIR_SANDBOX_ERROR, code_from_error(last), "%s: %s", text, reason);
}
